/**
 * Stochastic gradient descent.
 * @module
 */
import { constant, type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { Optimizer, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import { checkNotNegative, decayed, directed, zerosLike } from "./rules.ts";

/** Options of {@linkcode SGD}, with PyTorch's defaults. */
export interface SGDOptions {
  /** Learning rate, 0.001 unless given. */
  lr: number;
  /** How much of the last direction is kept, 0 unless given. */
  momentum: number;
  /** How much of the gradient is left out of the direction, 0 unless given. */
  dampening: number;
  /** L2 penalty, 0 unless given. */
  weightDecay: number;
  /** Look ahead along the direction. */
  nesterov: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

const SGD_ARGUMENTS = signature(
  "SGD",
  ["params", parameters],
  ["lr", kinds.number, 0.001],
  ["momentum", kinds.number, 0],
  ["dampening", kinds.number, 0],
  ["weightDecay", kinds.number, 0],
  ["nesterov", kinds.boolean, false],
  "*",
  ["maximize", kinds.boolean, false],
);

/**
 *   g = g + weightDecay p
 *   b = momentum b + (1 - dampening) g        (g itself at the first step)
 *   p = p - lr b                              (nesterov: p - lr (g + momentum b))
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(
    ...given: Call<typeof SGD_ARGUMENTS, Partial<SGDOptions>, [params: Parameters<SGDOptions>]>
  ) {
    const { params, ...defaults } = SGD_ARGUMENTS.read(given);
    super(params, defaults, SGD_ARGUMENTS);
  }

  protected override checkOptions(options: SGDOptions): void {
    checkNotNegative("momentum", options.momentum);
    checkNotNegative("weight_decay", options.weightDecay);
    if (options.nesterov && (options.momentum <= 0 || options.dampening !== 0)) {
      throw new Error("Nesterov momentum requires a momentum and zero dampening");
    }
  }

  protected override update(
    parameter: LazyArray,
    { gradient, state, options, feed }: UpdateContext<SGDOptions>,
  ): Update {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = options;
    const g = decayed(directed(gradient, maximize), parameter, weightDecay);
    const move = (direction: LazyArray) => ops.sub(parameter, ops.mul(feed(lr), direction));
    if (momentum === 0) return { parameter: move(g), state: {} };
    const before = state.momentumBuffer;
    const fresh = dampening === 0 || !before ? g : ops.mul(constant(1 - dampening, g.dtype), g);
    // From zeros, not from nothing: the first step then is the same program as all others.
    const kept = ops.mul(feed(momentum), before ?? zerosLike(parameter));
    const momentumBuffer = ops.add(kept, fresh);
    const ahead = nesterov ? ops.add(g, ops.mul(feed(momentum), momentumBuffer)) : momentumBuffer;
    return { parameter: move(ahead), state: { momentumBuffer } };
  }
}
