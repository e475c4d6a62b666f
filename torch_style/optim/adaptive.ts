/**
 * Adadelta, Adamax, NAdam and RAdam: relatives of Adam.
 * @module
 */
import { type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { Optimizer, type ParameterState, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import {
  checkBetas,
  checkNotNegative,
  decayed,
  directed,
  movingAverage,
  valuesFor,
  zerosLike,
} from "./rules.ts";

/** Options that all have. */
interface CommonOptions {
  /** Learning rate. */
  lr: number;
  /** Added to the root. */
  eps: number;
  /** L2 penalty, 0 unless given. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

function checkCommon({ eps, weightDecay }: CommonOptions): void {
  if (!(eps >= 0)) throw new Error(`Invalid epsilon value: ${eps}`);
  checkNotNegative("weight_decay", weightDecay);
}

/** Options of {@linkcode Adadelta}, with PyTorch's defaults: lr 1, eps 1e-6. */
export interface AdadeltaOptions extends CommonOptions {
  /** How much of the mean squares is kept each step, 0.9 unless given. */
  rho: number;
}

const ADADELTA = signature(
  "Adadelta",
  ["params", parameters],
  ["lr", kinds.number, 1],
  ["rho", kinds.number, 0.9],
  ["eps", kinds.number, 1e-6],
  ["weightDecay", kinds.number, 0],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 *   v = rho v + (1 - rho) g²,  d = g sqrt(u + eps) / sqrt(v + eps),  u = rho u + (1 - rho) d²
 *   p = p - lr d
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(
    ...given: Call<typeof ADADELTA, Partial<AdadeltaOptions>, [params: Parameters<AdadeltaOptions>]>
  ) {
    const { params, ...defaults } = ADADELTA.read(given);
    super(params, defaults, ADADELTA);
  }

  protected override checkOptions(options: AdadeltaOptions): void {
    if (!(options.rho >= 0 && options.rho <= 1)) {
      throw new Error(`Invalid rho value: ${options.rho}`);
    }
    checkCommon(options);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<AdadeltaOptions>): Update {
    const { gradient, state, options: { lr, rho, eps, weightDecay, maximize } } = context;
    const number = valuesFor(parameter, context);
    const g = decayed(directed(gradient, maximize), parameter, weightDecay);
    const before = (name: string) => state[name] ?? zerosLike(parameter);
    const [keep, rest] = [number(rho), number(1 - rho)];
    const squareAvg = movingAverage(before("squareAvg"), ops.mul(g, g), keep, rest);
    const root = (x: LazyArray) => ops.sqrt(ops.add(x, number(eps)));
    const delta = ops.mul(ops.div(root(before("accDelta")), root(squareAvg)), g);
    const accDelta = movingAverage(before("accDelta"), ops.mul(delta, delta), keep, rest);
    return {
      parameter: ops.sub(parameter, ops.mul(number(lr), delta)),
      state: { squareAvg, accDelta },
    };
  }
}

/** Options of {@linkcode Adamax}, with PyTorch's defaults: lr 0.002, eps 1e-8. */
export interface AdamaxOptions extends CommonOptions {
  /** How much of the mean and of the largest gradient is kept, [0.9, 0.999] unless given. */
  betas: readonly [number, number];
}

const ADAMAX = signature(
  "Adamax",
  ["params", parameters],
  ["lr", kinds.number, 0.002],
  ["betas", kinds.pair, [0.9, 0.999]],
  ["eps", kinds.number, 1e-8],
  ["weightDecay", kinds.number, 0],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 *   m = beta1 m + (1 - beta1) g,  u = max(beta2 u, |g| + eps)
 *   p = p - lr / (1 - beta1^t) m / u
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(
    ...given: Call<typeof ADAMAX, Partial<AdamaxOptions>, [params: Parameters<AdamaxOptions>]>
  ) {
    const { params, ...defaults } = ADAMAX.read(given);
    super(params, defaults, ADAMAX);
  }

  protected override checkOptions(options: AdamaxOptions): void {
    checkBetas(options.betas);
    checkCommon(options);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<AdamaxOptions>): Update {
    const { gradient, state, options, step } = context;
    const { lr, betas: [beta1, beta2], eps, weightDecay, maximize } = options;
    const number = valuesFor(parameter, context);
    const g = decayed(directed(gradient, maximize), parameter, weightDecay);
    const before = (name: string) => state[name] ?? zerosLike(parameter);
    const expAvg = movingAverage(before("expAvg"), g, number(beta1), number(1 - beta1));
    const expInf = ops.maximum(
      ops.mul(before("expInf"), number(beta2)),
      ops.add(ops.abs(g), number(eps)),
    );
    const change = ops.mul(number(lr / (1 - beta1 ** step)), ops.div(expAvg, expInf));
    return { parameter: ops.sub(parameter, change), state: { expAvg, expInf } };
  }
}

/** The moving averages of gradients and of their squares. */
function averages(
  g: LazyArray,
  state: ParameterState,
  [beta1, beta2]: readonly [number, number],
  number: (value: number) => LazyArray,
) {
  const average = (name: string, value: LazyArray, beta: number) =>
    movingAverage(state[name] ?? zerosLike(g), value, number(beta), number(1 - beta));
  return {
    expAvg: average("expAvg", g, beta1),
    expAvgSq: average("expAvgSq", ops.mul(g, g), beta2),
  };
}

/** What NAdam and RAdam share. */
interface DecoupledOptions extends CommonOptions {
  /** How much of the mean and of the mean square is kept, [0.9, 0.999] unless given. */
  betas: readonly [number, number];
  /** Whether weights shrink apart from the gradient, as with AdamW. */
  decoupledWeightDecay: boolean;
}

/** Parameter and gradient with their weight decay. */
function withDecay(
  parameter: LazyArray,
  { gradient, options }: UpdateContext<DecoupledOptions>,
  number: (value: number) => LazyArray,
): [parameter: LazyArray, g: LazyArray] {
  const { lr, weightDecay, decoupledWeightDecay, maximize } = options;
  const g = directed(gradient, maximize);
  if (weightDecay === 0) return [parameter, g];
  if (decoupledWeightDecay) return [ops.mul(parameter, number(1 - lr * weightDecay)), g];
  return [parameter, decayed(g, parameter, weightDecay)];
}

/** Options of {@linkcode NAdam}, with PyTorch's defaults: lr 0.002, eps 1e-8. */
export interface NAdamOptions extends DecoupledOptions {
  /** How fast momentum grows towards beta1, 0.004 unless given. */
  momentumDecay: number;
}

const NADAM = signature(
  "NAdam",
  ["params", parameters],
  ["lr", kinds.number, 0.002],
  ["betas", kinds.pair, [0.9, 0.999]],
  ["eps", kinds.number, 1e-8],
  ["weightDecay", kinds.number, 0],
  ["momentumDecay", kinds.number, 0.004],
  ["decoupledWeightDecay", kinds.boolean, false],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 * Adam with Nesterov's momentum (Dozat 2016).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(
    ...given: Call<typeof NADAM, Partial<NAdamOptions>, [params: Parameters<NAdamOptions>]>
  ) {
    const { params, ...defaults } = NADAM.read(given);
    super(params, defaults, NADAM);
  }

  protected override checkOptions(options: NAdamOptions): void {
    checkBetas(options.betas);
    checkNotNegative("momentum_decay", options.momentumDecay);
    checkCommon(options);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<NAdamOptions>): Update {
    const { state, options: { lr, betas: [beta1, beta2], eps, momentumDecay }, step } = context;
    const number = valuesFor(parameter, context);
    const [start, g] = withDecay(parameter, context, number);
    const momentumAt = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const [mu, muNext] = [momentumAt(step), momentumAt(step + 1)];
    const muProduct = ops.mul(state.muProduct ?? number(1), number(mu));
    const { expAvg, expAvgSq } = averages(g, state, [beta1, beta2], number);
    const root = ops.add(ops.sqrt(ops.div(expAvgSq, number(1 - beta2 ** step))), number(eps));
    const one = number(1);
    const own = ops.div(number(lr * (1 - mu)), ops.sub(one, muProduct));
    const ahead = ops.div(number(lr * muNext), ops.sub(one, ops.mul(muProduct, number(muNext))));
    const change = ops.div(ops.add(ops.mul(own, g), ops.mul(ahead, expAvg)), root);
    return { parameter: ops.sub(start, change), state: { muProduct, expAvg, expAvgSq } };
  }
}

const RADAM = signature(
  "RAdam",
  ["params", parameters],
  ["lr", kinds.number, 0.001],
  ["betas", kinds.pair, [0.9, 0.999]],
  ["eps", kinds.number, 1e-8],
  ["weightDecay", kinds.number, 0],
  ["decoupledWeightDecay", kinds.boolean, false],
  "*",
  ["maximize", kinds.boolean, false],
);

/** Options of {@linkcode RAdam}, with PyTorch's defaults: lr 0.001, eps 1e-8. */
export type RAdamOptions = DecoupledOptions;

/**
 * Adam that divides by the root only once the mean square is known well enough (Liu et al. 2020).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 */
export class RAdam extends Optimizer<RAdamOptions> {
  constructor(
    ...given: Call<typeof RADAM, Partial<RAdamOptions>, [params: Parameters<RAdamOptions>]>
  ) {
    const { params, ...defaults } = RADAM.read(given);
    super(params, defaults, RADAM);
  }

  protected override checkOptions(options: RAdamOptions): void {
    checkBetas(options.betas);
    checkCommon(options);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<RAdamOptions>): Update {
    const { state, options: { lr, betas: [beta1, beta2], eps }, step } = context;
    const number = valuesFor(parameter, context);
    const [start, g] = withDecay(parameter, context, number);
    const { expAvg, expAvgSq } = averages(g, state, [beta1, beta2], number);
    const correction = 1 - beta2 ** step;
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - 2 * step * beta2 ** step / correction;
    const rate = lr / (1 - beta1 ** step);
    if (!(length > 5)) {
      return {
        parameter: ops.sub(start, ops.mul(number(rate), expAvg)),
        state: { expAvg, expAvgSq },
      };
    }
    const rectified = Math.sqrt(
      (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length),
    );
    const factor = number(rate * rectified * Math.sqrt(correction));
    const change = ops.div(ops.mul(factor, expAvg), ops.add(ops.sqrt(expAvgSq), number(eps)));
    return { parameter: ops.sub(start, change), state: { expAvg, expAvgSq } };
  }
}
