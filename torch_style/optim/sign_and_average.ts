/**
 * Rprop, averaged SGD and Adafactor.
 * @module
 */
import { fromHost, type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { Optimizer, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import { checkNotNegative, decayed, directed, valuesFor, zerosLike } from "./rules.ts";

/** Options of {@linkcode Rprop}, with PyTorch's defaults. */
export interface RpropOptions {
  /** First size of the steps, 0.01 unless given. */
  lr: number;
  /** What sizes are multiplied with when the sign changes and when it stays, [0.5, 1.2] unless given. */
  etas: readonly [number, number];
  /** Smallest and largest size, [1e-6, 50] unless given. */
  stepSizes: readonly [number, number];
  /** Climb instead of descending. */
  maximize: boolean;
}

const RPROP = signature(
  "Rprop",
  ["params", parameters],
  ["lr", kinds.number, 0.01],
  ["etas", kinds.pair, [0.5, 1.2]],
  ["stepSizes", kinds.pair, [1e-6, 50]],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 * Steps by the sign of the gradient alone, each element's longer while the sign stays (Riedmiller and Braun 1993).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 */
export class Rprop extends Optimizer<RpropOptions> {
  constructor(
    ...given: Call<typeof RPROP, Partial<RpropOptions>, [params: Parameters<RpropOptions>]>
  ) {
    const { params, ...defaults } = RPROP.read(given);
    super(params, defaults, RPROP);
  }

  protected override checkOptions({ etas: [low, high] }: RpropOptions): void {
    if (!(low > 0 && low < 1 && high > 1)) throw new Error(`Invalid eta values: ${low}, ${high}`);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<RpropOptions>): Update {
    const { gradient, state, options: { lr, etas, stepSizes, maximize } } = context;
    const number = valuesFor(parameter, context);
    const g = directed(gradient, maximize);
    const zero = number(0);
    const agreement = ops.mul(g, state.prev ?? zerosLike(parameter));
    const turned = ops.less(agreement, zero);
    const factor = ops.where(
      turned,
      number(etas[0]),
      ops.where(ops.greater(agreement, zero), number(etas[1]), number(1)),
    );
    const size = ops.mul(state.stepSize ?? ops.add(zerosLike(parameter), number(lr)), factor);
    const stepSize = ops.minimum(ops.maximum(size, number(stepSizes[0])), number(stepSizes[1]));
    const prev = ops.where(turned, zero, g);
    return {
      parameter: ops.sub(parameter, ops.mul(ops.sign(prev), stepSize)),
      state: { prev, stepSize },
    };
  }
}

/** Options of {@linkcode ASGD}, with PyTorch's defaults. */
export interface ASGDOptions {
  /** Learning rate, 0.01 unless given. */
  lr: number;
  /** How fast weights decay and the rate falls, 1e-4 unless given. */
  lambd: number;
  /** Power with which the rate falls, 0.75 unless given. */
  alpha: number;
  /** Step from which on weights are averaged, 1e6 unless given. */
  t0: number;
  /** L2 penalty, 0 unless given. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

const ASGD_TAKES = signature(
  "ASGD",
  ["params", parameters],
  ["lr", kinds.number, 0.01],
  ["lambd", kinds.number, 1e-4],
  ["alpha", kinds.number, 0.75],
  ["t0", kinds.number, 1e6],
  ["weightDecay", kinds.number, 0],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 * Averaged stochastic gradient descent (Polyak and Juditsky 1992). The averages are in the state, under `ax`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 */
export class ASGD extends Optimizer<ASGDOptions> {
  constructor(
    ...given: Call<typeof ASGD_TAKES, Partial<ASGDOptions>, [params: Parameters<ASGDOptions>]>
  ) {
    const { params, ...defaults } = ASGD_TAKES.read(given);
    super(params, defaults, ASGD_TAKES);
  }

  protected override checkOptions(options: ASGDOptions): void {
    checkNotNegative("weight_decay", options.weightDecay);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<ASGDOptions>): Update {
    const { gradient, state, options: { lr, lambd, alpha, t0, weightDecay, maximize }, step } =
      context;
    const number = valuesFor(parameter, context);
    const g = decayed(directed(gradient, maximize), parameter, weightDecay);
    const eta = state.eta ?? number(lr);
    const shrunk = ops.mul(parameter, ops.sub(number(1), ops.mul(number(lambd), eta)));
    const next = ops.sub(shrunk, ops.mul(eta, g));
    const before = state.ax ?? zerosLike(parameter);
    const ax = ops.add(before, ops.mul(ops.sub(next, before), state.mu ?? number(1)));
    // Of their own: fed values are shared.
    const own = (value: number) => ops.cast(fromHost(Float32Array.of(value), []), parameter.dtype);
    return {
      parameter: next,
      state: {
        ax,
        eta: own(lr / (1 + lambd * lr * step) ** alpha),
        mu: own(1 / Math.max(1, step - t0)),
      },
    };
  }
}

/** Options of {@linkcode Adafactor}, with PyTorch's defaults. */
export interface AdafactorOptions {
  /** Largest rate, 0.01 unless given; it falls with the root of the step. */
  lr: number;
  /** Power with which old mean squares are forgotten, -0.8 unless given. */
  beta2Decay: number;
  /** Added to mean squares (null: the dtype's epsilon), and smallest size of a parameter; [null, 1e-3] unless given. */
  eps: readonly [number | null, number];
  /** Largest root mean square of a change, 1 unless given. */
  d: number;
  /** Shrinkage a step, 0 unless given. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

const ADAFACTOR = signature(
  "Adafactor",
  ["params", parameters],
  ["lr", kinds.number, 0.01],
  ["beta2Decay", kinds.number, -0.8],
  [
    "eps",
    kind<readonly [number | null, number]>(
      "two values, the first of which may be null",
      (value) => Array.isArray(value) && value.length === 2 && typeof value[1] === "number",
    ),
    [null, 1e-3],
  ],
  ["d", kinds.number, 1],
  ["weightDecay", kinds.number, 0],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 * Mean squares of matrices kept as those of their rows and columns, which takes little memory (Shazeer and Stern 2018).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  constructor(
    ...given: Call<
      typeof ADAFACTOR,
      Partial<AdafactorOptions>,
      [params: Parameters<AdafactorOptions>]
    >
  ) {
    const { params, ...defaults } = ADAFACTOR.read(given);
    super(params, defaults as AdafactorOptions, ADAFACTOR);
  }

  protected override checkOptions(
    { beta2Decay, eps: [eps1, eps2], d, weightDecay }: AdafactorOptions,
  ): void {
    if (!(beta2Decay <= 0)) throw new Error(`beta2_decay should be <= 0 but is: ${beta2Decay}`);
    if (eps1 !== null && !(eps1 >= 0)) throw new Error(`epsilon1 should be >= 0 but is: ${eps1}`);
    if (!(eps2 >= 0)) throw new Error(`epsilon2 should be >= 0 but is: ${eps2}`);
    if (!(d >= 1)) throw new Error(`Clipping threshold d should be >= 1 but is: ${d}`);
    checkNotNegative("weight_decay", weightDecay);
  }

  protected override update(
    parameter: LazyArray,
    context: UpdateContext<AdafactorOptions>,
  ): Update {
    const { gradient, state, options: { lr, beta2Decay, eps, d, weightDecay, maximize }, step } =
      context;
    const number = valuesFor(parameter, context);
    const g = directed(gradient, maximize);
    const eps1 = eps[0] ?? (parameter.dtype === "float64" ? 2 ** -52 : 2 ** -23);
    const share = step ** beta2Decay;
    const mix = (before: LazyArray | undefined, value: LazyArray) =>
      before
        ? ops.add(before, ops.mul(ops.sub(value, before), number(share)))
        : ops.mul(value, number(share));
    const rms = (x: LazyArray) => ops.sqrt(ops.mean(ops.mul(x, x)));
    const rate = ops.mul(
      ops.maximum(rms(parameter), number(eps[1])),
      number(Math.min(lr, 1 / Math.sqrt(step))),
    );
    const squares = ops.mul(g, g);
    const next: Record<string, LazyArray> = {};
    let estimate: LazyArray;
    if (parameter.shape.length > 1) {
      next.rowVar = mix(state.rowVar, ops.mean(squares, { axes: -1, keepDims: true }));
      next.colVar = mix(state.colVar, ops.mean(squares, { axes: -2, keepDims: true }));
      const size = ops.maximum(ops.mean(next.rowVar, { axes: -2, keepDims: true }), number(eps1));
      estimate = ops.div(ops.mul(next.rowVar, next.colVar), size);
    } else {
      estimate = next.variance = mix(state.variance, squares);
    }
    const change = ops.div(g, ops.sqrt(ops.maximum(estimate, number(eps1 * eps1))));
    const limit = ops.maximum(number(1), ops.div(rms(change), number(d)));
    const start = weightDecay === 0 ? parameter : ops.mul(parameter, number(1 - lr * weightDecay));
    return { parameter: ops.sub(start, ops.mul(ops.div(rate, limit), change)), state: next };
  }
}
