/**
 * Convolution modules.
 * @module
 */
import { type Call, kinds, signature, type ValuesOf } from "../../arguments.ts";
import { zeros } from "../../creation.ts";
import type { Tensor } from "../../tensor.ts";
import {
  conv1d,
  conv2d,
  conv3d,
  type Convolution,
  type ConvOptions,
  samePadding,
} from "../functional/convolution.ts";
import { pad, type PadMode } from "../functional/padding.ts";
import {
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
  windowSize,
} from "../functional/window.ts";
import { fanInAndFanOut, kaimingUniform_, uniform_ } from "../init/mod.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { tupleText } from "../python_text.ts";

/** What lies around the input of a convolution. */
export type PaddingMode = "zeros" | Exclude<PadMode, "constant">;

/** Options of convolution modules, PyTorch's. */
export interface ConvModuleOptions<E extends WindowSize> extends ConvOptions<E> {
  /** Whether a bias is added; true unless given. */
  readonly bias?: boolean;
  /** What the padding is: zeros, or the input mirrored, its edge, its other end; "zeros" unless given. */
  readonly paddingMode?: PaddingMode;
}

const CONV = signature(
  "Conv",
  ["inChannels", kinds.integer],
  ["outChannels", kinds.integer],
  ["kernelSize", windowSize],
  ["stride", windowSize, 1],
  ["padding", kinds.either(windowSize, kinds.oneOf("same", "valid")), 0],
  ["dilation", windowSize, 1],
  ["groups", kinds.integer, 1],
  ["bias", kinds.boolean, true],
  ["paddingMode", kinds.oneOf("zeros", "reflect", "replicate", "circular"), "zeros"],
);

/** How a convolution module is made: channels and window by position, the rest in PyTorch's order or by name. */
export type ConvArguments<E extends WindowSize> = Call<
  typeof CONV,
  ConvModuleOptions<E>,
  [inChannels: number, outChannels: number, kernelSize: E]
>;

/** Options of {@linkcode Conv1d}. */
export type Conv1dOptions = ConvModuleOptions<Single>;
/** Options of {@linkcode Conv2d}. */
export type Conv2dOptions = ConvModuleOptions<Pair>;
/** Options of {@linkcode Conv3d}. */
export type Conv3dOptions = ConvModuleOptions<Triple>;

/** Gives filters and bias the first values that PyTorch gives them: uniform in ±1/sqrt(fan in). */
export function resetFilters(weight: Tensor, bias: Tensor | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  const [fanIn] = fanInAndFanOut(weight);
  if (bias && fanIn > 0) uniform_(bias, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn));
}

/** @throws {Error} if channels are not whole positive values that divide into the groups. */
export function checkGroups(
  name: string,
  inChannels: number,
  outChannels: number,
  groups: number,
): void {
  for (const [what, n] of Object.entries({ in_channels: inChannels, out_channels: outChannels })) {
    if (!Number.isInteger(groups) || groups < 1 || !Number.isInteger(n / groups)) {
      throw new Error(
        `${name}: ${inChannels} and ${outChannels} channels must be divisible by groups ` +
          `${groups}, ${what} is not`,
      );
    }
  }
}

/** What the convolutions share. */
export abstract class ConvNd<E extends WindowSize> extends Module<[Tensor]> {
  weight: Parameter;
  bias: Parameter | null;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  /** On both sides of each axis. */
  readonly padding: readonly number[] | "same" | "valid";
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  readonly inChannels: number;
  readonly outChannels: number;
  private readonly compute: Convolution<E>;

  constructor(compute: Convolution<E>, rank: number, given: ValuesOf<typeof CONV>) {
    super();
    const name = this.constructor.name;
    const { inChannels, outChannels, padding, groups } = given;
    checkGroups(name, inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.compute = compute;
    this.kernelSize = perAxis(`${name}: kernel_size`, given.kernelSize, rank, 1);
    this.stride = perAxis(`${name}: stride`, given.stride, rank, 1);
    this.padding = typeof padding === "string"
      ? checkPaddingName(name, padding, this.stride)
      : perAxis(`${name}: padding`, padding, rank);
    this.dilation = perAxis(`${name}: dilation`, given.dilation, rank, 1);
    this.groups = groups;
    this.paddingMode = given.paddingMode;
    this.weight = new Parameter(zeros([outChannels, inChannels / groups, ...this.kernelSize]));
    this.bias = given.bias ? new Parameter(zeros([outChannels])) : null;
    this.resetParameters();
  }

  /** Draws filters and bias anew. */
  resetParameters(): void {
    resetFilters(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    const { stride, dilation, groups, paddingMode } = this;
    const around = paddingMode === "zeros" ? null : this.around();
    const options = { stride, dilation, groups, padding: around ? 0 : this.padding };
    const x = around ? pad(input, around, { mode: paddingMode as PadMode }) : input;
    return this.compute(x, this.weight, this.bias, options as unknown as ConvOptions<E>);
  }

  /** The padding as {@linkcode pad} takes it: last axis first, before and after. */
  private around(): number[] {
    const { padding, kernelSize, dilation } = this;
    const rank = kernelSize.length;
    const sides = padding === "same"
      ? samePadding(kernelSize, dilation)
      : padding === "valid"
      ? new Array<number>(2 * rank).fill(0)
      : [...padding, ...padding];
    return kernelSize.flatMap((_, i) => [sides[rank - 1 - i], sides[2 * rank - 1 - i]]);
  }

  override extraRepr(): string {
    const { padding, dilation, groups, paddingMode } = this;
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${tupleText(this.kernelSize)}`,
      `stride=${tupleText(this.stride)}`,
    ];
    if (typeof padding === "string") parts.push(`padding=${padding}`);
    else if (padding.some((n) => n !== 0)) parts.push(`padding=${tupleText(padding)}`);
    if (dilation.some((n) => n !== 1)) parts.push(`dilation=${tupleText(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (!this.bias) parts.push("bias=False");
    if (paddingMode !== "zeros") parts.push(`padding_mode=${paddingMode}`);
    return parts.join(", ");
  }
}

function checkPaddingName<P extends string>(name: string, padding: P, stride: readonly number[]) {
  if (padding === "same" && stride.some((step) => step !== 1)) {
    throw new Error(`${name}: padding='same' is not supported for strided convolutions`);
  }
  return padding;
}

/**
 * Convolution over [n, inChannels, l]; weights [outChannels, inChannels / groups, k].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends ConvNd<Single> {
  constructor(...given: ConvArguments<Single>) {
    super(conv1d, 1, CONV.named("Conv1d").read(given));
  }
}

/**
 * Convolution over images [n, inChannels, h, w]. Weights [outChannels, inChannels / groups, kh, kw] and bias
 * start uniform in ±1/sqrt(fan in), as in PyTorch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const conv = new torch.nn.Conv2d(3, 32, 3, { padding: "same", paddingMode: "reflect" });
 * console.log(conv(torch.zeros([1, 3, 32, 32])).shape); // [1, 32, 32, 32]
 * ```
 */
export class Conv2d extends ConvNd<Pair> {
  constructor(...given: ConvArguments<Pair>) {
    super(conv2d, 2, CONV.named("Conv2d").read(given));
  }
}

/**
 * Convolution over volumes [n, inChannels, d, h, w]; weights [outChannels, inChannels / groups, kd, kh, kw].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends ConvNd<Triple> {
  constructor(...given: ConvArguments<Triple>) {
    super(conv3d, 3, CONV.named("Conv3d").read(given));
  }
}
