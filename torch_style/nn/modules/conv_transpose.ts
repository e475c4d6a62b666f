/**
 * Transposed convolution modules.
 * @module
 */
import { type Call, kinds, signature, type ValuesOf } from "../../arguments.ts";
import { showShape } from "../../../onnx/mod.ts";
import { zeros } from "../../creation.ts";
import type { Tensor } from "../../tensor.ts";
import { checkGroups, resetFilters } from "./conv.ts";
import {
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type ConvTransposeOptions,
  type TransposedConvolution,
} from "../functional/transposed_convolution.ts";
import {
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
  windowSize,
} from "../functional/window.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { tupleText } from "../python_text.ts";

/** Options of transposed convolution modules, PyTorch's. */
export interface ConvTransposeModuleOptions<E extends WindowSize> extends ConvTransposeOptions<E> {
  /** Whether a bias is added; true unless given. */
  readonly bias?: boolean;
}

const CONV_TRANSPOSE = signature(
  "ConvTranspose",
  ["inChannels", kinds.integer],
  ["outChannels", kinds.integer],
  ["kernelSize", windowSize],
  ["stride", windowSize, 1],
  ["padding", windowSize, 0],
  ["outputPadding", windowSize, 0],
  ["groups", kinds.integer, 1],
  ["bias", kinds.boolean, true],
  ["dilation", windowSize, 1],
);

/** How a transposed convolution module is made. */
export type ConvTransposeArguments<E extends WindowSize> = Call<
  typeof CONV_TRANSPOSE,
  ConvTransposeModuleOptions<E>,
  [inChannels: number, outChannels: number, kernelSize: E]
>;

/** What the transposed convolutions share. */
export abstract class ConvTransposeNd<E extends WindowSize>
  extends Module<[input: Tensor, outputSize?: readonly number[]]> {
  weight: Parameter;
  bias: Parameter | null;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  private readonly compute: TransposedConvolution<E>;

  readonly inChannels: number;
  readonly outChannels: number;

  constructor(
    compute: TransposedConvolution<E>,
    rank: number,
    given: ValuesOf<typeof CONV_TRANSPOSE>,
  ) {
    super();
    const name = this.constructor.name;
    const { inChannels, outChannels, groups } = given;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    checkGroups(name, inChannels, outChannels, groups);
    this.compute = compute;
    this.kernelSize = perAxis(`${name}: kernel_size`, given.kernelSize, rank, 1);
    this.stride = perAxis(`${name}: stride`, given.stride, rank, 1);
    this.padding = perAxis(`${name}: padding`, given.padding, rank);
    this.outputPadding = perAxis(`${name}: output_padding`, given.outputPadding, rank);
    this.dilation = perAxis(`${name}: dilation`, given.dilation, rank, 1);
    this.groups = groups;
    this.weight = new Parameter(zeros([inChannels, outChannels / groups, ...this.kernelSize]));
    this.bias = given.bias ? new Parameter(zeros([outChannels])) : null;
    this.resetParameters();
  }

  /** Draws filters and bias anew. */
  resetParameters(): void {
    resetFilters(this.weight, this.bias);
  }

  /**
   * @param outputSize wanted dimensions of the result; several are possible where the stride is above 1
   * @throws {Error} if no output padding gives them.
   */
  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    const { stride, padding, dilation, groups } = this;
    const outputPadding = outputSize ? this.paddingFor(input, outputSize) : this.outputPadding;
    const options = { stride, padding, outputPadding, dilation, groups };
    const given = options as unknown as ConvTransposeOptions<E>;
    return this.compute(input, this.weight, this.bias, given);
  }

  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const { stride, padding, dilation, kernelSize } = this;
    const rank = kernelSize.length;
    const wanted = outputSize.slice(-rank);
    const least = input.shape.slice(-rank).map((dimension, i) =>
      (dimension - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernelSize[i] - 1) + 1
    );
    const most = least.map((n, i) => n + stride[i] - 1);
    if (wanted.length !== rank || wanted.some((n, i) => n < least[i] || n > most[i])) {
      throw new Error(
        `requested an output size of ${showShape(outputSize)}, but valid sizes range from ` +
          `${showShape(least)} to ${showShape(most)} (for an input of ${showShape(input.shape)})`,
      );
    }
    return wanted.map((n, i) => n - least[i]);
  }

  override extraRepr(): string {
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${tupleText(this.kernelSize)}`,
      `stride=${tupleText(this.stride)}`,
    ];
    const { padding, dilation, outputPadding, groups } = this;
    if (padding.some((n) => n !== 0)) parts.push(`padding=${tupleText(padding)}`);
    if (dilation.some((n) => n !== 1)) parts.push(`dilation=${tupleText(dilation)}`);
    if (outputPadding.some((n) => n !== 0)) {
      parts.push(`output_padding=${tupleText(outputPadding)}`);
    }
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (!this.bias) parts.push("bias=False");
    return parts.join(", ");
  }
}

/**
 * Transposed convolution over [n, inChannels, l]; weights [inChannels, outChannels / groups, k].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 */
export class ConvTranspose1d extends ConvTransposeNd<Single> {
  constructor(...given: ConvTransposeArguments<Single>) {
    super(convTranspose1d, 1, CONV_TRANSPOSE.named("ConvTranspose1d").read(given));
  }
}

/**
 * Transposed convolution over images [n, inChannels, h, w]; weights [inChannels, outChannels / groups, kh, kw].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export class ConvTranspose2d extends ConvTransposeNd<Pair> {
  constructor(...given: ConvTransposeArguments<Pair>) {
    super(convTranspose2d, 2, CONV_TRANSPOSE.named("ConvTranspose2d").read(given));
  }
}

/**
 * Transposed convolution over volumes [n, inChannels, d, h, w].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 */
export class ConvTranspose3d extends ConvTransposeNd<Triple> {
  constructor(...given: ConvTransposeArguments<Triple>) {
    super(convTranspose3d, 3, CONV_TRANSPOSE.named("ConvTranspose3d").read(given));
  }
}
