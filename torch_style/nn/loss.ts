/**
 * Losses as modules.
 * @module
 */
import type { Tensor } from "../tensor.ts";
import { crossEntropy, type Reduction } from "./functional.ts";
import { Module } from "./module.ts";

/**
 * Cross entropy of scores [n, classes] against class numbers [n]; applies log-softmax itself.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends Module {
  constructor(readonly options: { readonly reduction?: Reduction } = {}) {
    super();
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this.options);
  }
}
