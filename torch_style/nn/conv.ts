/**
 * Convolution modules.
 * @module
 */
import { zeros } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import { conv2d, type ConvOptions, type Pair, pair } from "./functional.ts";
import { fanInAndFanOut, kaimingUniform_, uniform_ } from "./init.ts";
import { Module, Parameter } from "./module.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dOptions extends ConvOptions {
  /** Whether a bias is added; true unless given. */
  readonly bias?: boolean;
}

/**
 * Convolution over pictures [n, inChannels, h, w]. Weights [outChannels, inChannels / groups, kh, kw] and bias
 * start uniform in ±1/sqrt(fan in), as in PyTorch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    readonly kernelSize: Pair,
    readonly options: Conv2dOptions = {},
  ) {
    super();
    const groups = options.groups ?? 1;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new Error(
        `Conv2d: ${inChannels} and ${outChannels} channels must be divisible by groups ${groups}`,
      );
    }
    this.weight = new Parameter(zeros([outChannels, inChannels / groups, ...pair(kernelSize)]));
    this.bias = options.bias === false ? null : new Parameter(zeros([outChannels]));
    kaimingUniform_(this.weight, Math.sqrt(5));
    const bound = 1 / Math.sqrt(fanInAndFanOut(this.weight)[0]);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return conv2d(input, this.weight, this.bias, this.options);
  }

  override extraRepr(): string {
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = this.options;
    const show = (value: Pair | string) =>
      typeof value === "string" ? value : `(${pair(value).join(", ")})`;
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${show(this.kernelSize)}`,
      `stride=${show(stride)}`,
    ];
    if (show(padding) !== "(0, 0)") parts.push(`padding=${show(padding)}`);
    if (show(dilation) !== "(1, 1)") parts.push(`dilation=${show(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (!bias) parts.push("bias=False");
    return parts.join(", ");
  }
}
