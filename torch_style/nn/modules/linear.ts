/**
 * Fully connected modules.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { zeros } from "../../creation.ts";
import type { Tensor } from "../../tensor.ts";
import { linear } from "../functional/linear.ts";
import { kaimingUniform_, uniform_ } from "../init/mod.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { boolText } from "../python_text.ts";

/** Options of {@linkcode Linear}. */
export interface LinearOptions {
  /** Whether a bias is added; true unless given. */
  readonly bias?: boolean;
}

const LINEAR = signature(
  "Linear",
  ["inFeatures", kinds.integer],
  ["outFeatures", kinds.integer],
  ["bias", kinds.boolean, true],
);

/**
 * x weightᵀ + bias over the last axis. Weight [outFeatures, inFeatures] and bias start uniform in
 * ±1/sqrt(inFeatures), as in PyTorch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Module<[Tensor]> {
  weight: Parameter;
  bias: Parameter | null;

  readonly inFeatures: number;
  readonly outFeatures: number;

  constructor(
    ...given: Call<typeof LINEAR, LinearOptions, [inFeatures: number, outFeatures: number]>
  ) {
    super();
    const { inFeatures, outFeatures, bias } = LINEAR.read(given);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(zeros([outFeatures, inFeatures]));
    this.bias = bias ? new Parameter(zeros([outFeatures])) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0;
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${
      boolText(this.bias !== null)
    }`;
  }
}

/**
 * Hands its input on. Arguments of the constructor are taken and ignored, so that it can stand in for any layer.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity extends Module<[Tensor]> {
  constructor(..._ignored: unknown[]) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return input;
  }
}
