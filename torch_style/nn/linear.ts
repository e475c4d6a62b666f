/**
 * Fully connected modules.
 * @module
 */
import { zeros } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import { linear } from "./functional.ts";
import { kaimingUniform_, uniform_ } from "./init.ts";
import { Module, Parameter } from "./module.ts";

/**
 * x weightᵀ + bias over the last axis. Weight [outFeatures, inFeatures] and bias start uniform in
 * ±1/sqrt(inFeatures), as in PyTorch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: { readonly bias?: boolean } = {},
  ) {
    super();
    this.weight = new Parameter(zeros([outFeatures, inFeatures]));
    this.bias = options.bias === false ? null : new Parameter(zeros([outFeatures]));
    kaimingUniform_(this.weight, Math.sqrt(5));
    const bound = 1 / Math.sqrt(inFeatures);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${
      this.bias ? "True" : "False"
    }`;
  }
}
