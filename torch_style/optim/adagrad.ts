/**
 * Adagrad.
 * @module
 */
import { constant, type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { Optimizer, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import { checkNotNegative, decayed, directed, filled } from "./rules.ts";

/** Options of {@linkcode Adagrad}, with PyTorch's defaults. */
export interface AdagradOptions {
  /** Learning rate, 0.01 unless given. */
  lr: number;
  /** How fast the rate falls: it is divided by 1 + (t - 1) lrDecay. 0 unless given. */
  lrDecay: number;
  /** L2 penalty, 0 unless given. */
  weightDecay: number;
  /** What the sums of squares start from, 0 unless given. */
  initialAccumulatorValue: number;
  /** Added to the root, 1e-10 unless given. */
  eps: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

const ADAGRAD = signature(
  "Adagrad",
  ["params", parameters],
  ["lr", kinds.number, 0.01],
  ["lrDecay", kinds.number, 0],
  ["weightDecay", kinds.number, 0],
  ["initialAccumulatorValue", kinds.number, 0],
  ["eps", kinds.number, 1e-10],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 * Divides each gradient by the root of the sum of its squares:
 *   s = s + g²,  p = p - lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps)
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(
    ...given: Call<typeof ADAGRAD, Partial<AdagradOptions>, [params: Parameters<AdagradOptions>]>
  ) {
    const { params, ...defaults } = ADAGRAD.read(given);
    super(params, defaults, ADAGRAD);
  }

  protected override checkOptions(options: AdagradOptions): void {
    checkNotNegative("lr_decay", options.lrDecay);
    checkNotNegative("weight_decay", options.weightDecay);
    checkNotNegative("initial_accumulator_value", options.initialAccumulatorValue);
    if (!(options.eps >= 0)) throw new Error(`Invalid epsilon value: ${options.eps}`);
  }

  protected override update(
    parameter: LazyArray,
    { gradient, state, options, step, feed }: UpdateContext<AdagradOptions>,
  ): Update {
    const { lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize } = options;
    const g = decayed(directed(gradient, maximize), parameter, weightDecay);
    const start = () => filled(parameter, initialAccumulatorValue);
    const sum = ops.add(state.sum ?? start(), ops.mul(g, g));
    const rate = feed(lr / (1 + (step - 1) * lrDecay));
    const scaled = ops.div(g, ops.add(ops.sqrt(sum), constant(eps, g.dtype)));
    return { parameter: ops.sub(parameter, ops.mul(rate, scaled)), state: { sum } };
  }
}
