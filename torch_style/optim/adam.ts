/**
 * Adam and AdamW.
 * @module
 */
import { constant, type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { Optimizer, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import {
  checkBetas,
  checkNotNegative,
  decayed,
  directed,
  movingAverage,
  zerosLike,
} from "./rules.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}, with PyTorch's defaults. */
export interface AdamOptions {
  /** Learning rate, 0.001 unless given. */
  lr: number;
  /** How much of the mean and of the mean square is kept, [0.9, 0.999] unless given. */
  betas: readonly [number, number];
  /** Added to the root, 1e-8 unless given. */
  eps: number;
  /** Adam: L2 penalty, 0 unless given. AdamW: shrinkage a step, 0.01 unless given. */
  weightDecay: number;
  /** Divide by the largest mean square so far. */
  amsgrad: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

function declare<const Decay extends number>(name: string, weightDecay: Decay) {
  return signature(
    name,
    ["params", parameters],
    ["lr", kinds.number, 0.001],
    ["betas", kinds.pair, [0.9, 0.999]],
    ["eps", kinds.number, 1e-8],
    ["weightDecay", kinds.number, weightDecay],
    ["amsgrad", kinds.boolean, false],
    "*",
    ["maximize", kinds.boolean, false],
  );
}

const ADAM = declare("Adam", 0);
const ADAM_W = declare("AdamW", 0.01);

/** What {@linkcode Adam} and {@linkcode AdamW} are made with. */
export type AdamArguments = Call<
  typeof ADAM,
  Partial<AdamOptions>,
  [params: Parameters<AdamOptions>]
>;

/** What Adam and AdamW share. */
abstract class AdamFamily extends Optimizer<AdamOptions> {
  protected override checkOptions(options: AdamOptions): void {
    if (!(options.eps >= 0)) throw new Error(`Invalid epsilon value: ${options.eps}`);
    checkBetas(options.betas);
    checkNotNegative("weight_decay", options.weightDecay);
  }

  /** A step along g, which has what decay it is to have. */
  protected move(
    parameter: LazyArray,
    g: LazyArray,
    { state, options, step, feed }: UpdateContext<AdamOptions>,
  ): Update {
    const { lr, betas: [beta1, beta2], eps, amsgrad } = options;
    const mean = state.expAvg ?? zerosLike(parameter);
    const square = state.expAvgSq ?? zerosLike(parameter);
    const expAvg = movingAverage(mean, g, feed(beta1), feed(1 - beta1));
    const expAvgSq = movingAverage(square, ops.mul(g, g), feed(beta2), feed(1 - beta2));
    const largest = amsgrad && ops.maximum(state.maxExpAvgSq ?? zerosLike(parameter), expAvgSq);
    const root = ops.div(ops.sqrt(largest || expAvgSq), feed(Math.sqrt(1 - beta2 ** step)));
    const change = ops.div(expAvg, ops.add(root, constant(eps, g.dtype)));
    return {
      parameter: ops.sub(parameter, ops.mul(feed(lr / (1 - beta1 ** step)), change)),
      state: { expAvg, expAvgSq, ...(largest ? { maxExpAvgSq: largest } : {}) },
    };
  }
}

/**
 *   g = g + weightDecay p
 *   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g²
 *   p = p - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
 */
export class Adam extends AdamFamily {
  constructor(...given: AdamArguments) {
    const { params, ...defaults } = ADAM.read(given);
    super(params, defaults, ADAM);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<AdamOptions>): Update {
    const { gradient, options } = context;
    const g = decayed(directed(gradient, options.maximize), parameter, options.weightDecay);
    return this.move(parameter, g, context);
  }
}

/**
 * Adam with weights that shrink apart from the gradient: p = (1 - lr weightDecay) p before the step.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends AdamFamily {
  constructor(...given: AdamArguments) {
    const { params, ...defaults } = ADAM_W.read(given);
    super(params, defaults, ADAM_W);
  }

  protected override update(parameter: LazyArray, context: UpdateContext<AdamOptions>): Update {
    const { gradient, options: { lr, weightDecay, maximize }, feed } = context;
    const shrunk = weightDecay === 0 ? parameter : ops.mul(parameter, feed(1 - lr * weightDecay));
    return this.move(shrunk, directed(gradient, maximize), context);
  }
}
