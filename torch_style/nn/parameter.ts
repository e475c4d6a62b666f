/**
 * The tensors that modules learn.
 * @module
 */
import { Tensor } from "../tensor.ts";

/**
 * A tensor that a module learns: found by `Module.parameters`, requires gradients.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 */
export class Parameter extends Tensor {
  /**
   * @param data its first value; the memory is not shared
   * @param requiresGrad false for one that is kept as it is
   */
  constructor(data: Tensor, requiresGrad = true) {
    super(data.array, { requiresGrad });
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}
