/**
 * RMSprop.
 * @module
 */
import { constant, type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { Optimizer, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import { checkNotNegative, decayed, directed, movingAverage, zerosLike } from "./rules.ts";

/** Options of {@linkcode RMSprop}, with PyTorch's defaults. */
export interface RMSpropOptions {
  /** Learning rate, 0.01 unless given. */
  lr: number;
  /** How much of the mean square is kept each step, 0.99 unless given. */
  alpha: number;
  /** Added to the root, 1e-8 unless given. */
  eps: number;
  /** L2 penalty, 0 unless given. */
  weightDecay: number;
  /** How much of the last change is kept, 0 unless given. */
  momentum: number;
  /** Divide by the root of the variance instead of the mean square. */
  centered: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

const RMSPROP = signature(
  "RMSprop",
  ["params", parameters],
  ["lr", kinds.number, 0.01],
  ["alpha", kinds.number, 0.99],
  ["eps", kinds.number, 1e-8],
  ["weightDecay", kinds.number, 0],
  ["momentum", kinds.number, 0],
  ["centered", kinds.boolean, false],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 * Divides each gradient by the root of its recent mean square:
 *   g = g + weightDecay p
 *   v = alpha v + (1 - alpha) g²,  centered: a = alpha a + (1 - alpha) g and v - a² in v's place
 *   b = momentum b + g / (sqrt(v) + eps)
 *   p = p - lr b
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(
    ...given: Call<typeof RMSPROP, Partial<RMSpropOptions>, [params: Parameters<RMSpropOptions>]>
  ) {
    const { params, ...defaults } = RMSPROP.read(given);
    super(params, defaults, RMSPROP);
  }

  protected override checkOptions(options: RMSpropOptions): void {
    checkNotNegative("alpha", options.alpha);
    if (!(options.eps >= 0)) throw new Error(`Invalid epsilon value: ${options.eps}`);
    checkNotNegative("momentum", options.momentum);
    checkNotNegative("weight_decay", options.weightDecay);
  }

  protected override update(
    parameter: LazyArray,
    { gradient, state, options, feed }: UpdateContext<RMSpropOptions>,
  ): Update {
    const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = options;
    const g = decayed(directed(gradient, maximize), parameter, weightDecay);
    const [keep, rest] = [constant(alpha, g.dtype), constant(1 - alpha, g.dtype)];
    const before = (name: string) => state[name] ?? zerosLike(parameter);
    const squareAvg = movingAverage(before("squareAvg"), ops.mul(g, g), keep, rest);
    const gradAvg = centered && movingAverage(before("gradAvg"), g, keep, rest);
    const variance = gradAvg ? ops.sub(squareAvg, ops.mul(gradAvg, gradAvg)) : squareAvg;
    const scaled = ops.div(g, ops.add(ops.sqrt(variance), constant(eps, g.dtype)));
    const momentumBuffer = momentum > 0 &&
      ops.add(ops.mul(feed(momentum), before("momentumBuffer")), scaled);
    return {
      parameter: ops.sub(parameter, ops.mul(feed(lr), momentumBuffer || scaled)),
      state: {
        squareAvg,
        ...(gradAvg ? { gradAvg } : {}),
        ...(momentumBuffer ? { momentumBuffer } : {}),
      },
    };
  }
}
