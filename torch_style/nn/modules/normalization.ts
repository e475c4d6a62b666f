/**
 * Modules that normalize single samples.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { ones, zeros } from "../../creation.ts";
import type { Tensor } from "../../tensor.ts";
import { groupNorm, instanceNorm, layerNorm, rmsNorm } from "../functional/normalization.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { boolText, floatText, tupleText } from "../python_text.ts";

function asList(shape: number | readonly number[]): readonly number[] {
  return typeof shape === "number" ? [shape] : shape;
}

/** Options of {@linkcode LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance, 1e-5 unless given. */
  readonly eps?: number;
  /** Whether weight and bias are learned; true unless given. */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a bias beside the weight; true unless given. */
  readonly bias?: boolean;
}

const LAYER_NORM = signature(
  "LayerNorm",
  ["normalizedShape", kinds.either(kinds.integer, kinds.integers)],
  ["eps", kinds.number, undefined],
  ["elementwiseAffine", kinds.boolean, undefined],
  ["bias", kinds.boolean, undefined],
);

/**
 * Normalizes over the last axes.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 */
export class LayerNorm extends Module<[Tensor]> {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;

  /** @param normalizedShape dimensions of the last axes, or of the last */
  constructor(
    ...given: Call<
      typeof LAYER_NORM,
      LayerNormOptions,
      [normalizedShape: number | readonly number[]]
    >
  ) {
    const { normalizedShape, ...options } = LAYER_NORM.read(given);
    super();
    this.normalizedShape = asList(normalizedShape);
    this.eps = options.eps ?? 1e-5;
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    const hasBias = this.elementwiseAffine && (options.bias ?? true);
    this.weight = this.elementwiseAffine ? new Parameter(ones(this.normalizedShape)) : null;
    this.bias = hasBias ? new Parameter(zeros(this.normalizedShape)) : null;
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(input, this.normalizedShape, { weight, bias, eps });
  }

  override extraRepr(): string {
    return `${tupleText(this.normalizedShape)}, eps=${floatText(this.eps)}, elementwise_affine=${
      boolText(this.elementwiseAffine)
    }, bias=${boolText(this.bias !== null)}`;
  }
}

/** Options of {@linkcode RMSNorm}. */
export interface RMSNormOptions {
  /** Added to the mean square; the smallest step above 1 of the dtype unless given. */
  readonly eps?: number | null;
  /** Whether a weight is learned; true unless given. */
  readonly elementwiseAffine?: boolean;
}

const RMSNORM = signature(
  "RMSNorm",
  ["normalizedShape", kinds.either(kinds.integer, kinds.integers)],
  ["eps", kinds.nullable(kinds.number), undefined],
  ["elementwiseAffine", kinds.boolean, undefined],
);

/**
 * Divides by the root of the mean square over the last axes.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 */
export class RMSNorm extends Module<[Tensor]> {
  weight: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;

  /** @param normalizedShape dimensions of the last axes, or of the last */
  constructor(
    ...given: Call<typeof RMSNORM, RMSNormOptions, [normalizedShape: number | readonly number[]]>
  ) {
    const { normalizedShape, ...options } = RMSNORM.read(given);
    super();
    this.normalizedShape = asList(normalizedShape);
    this.eps = options.eps ?? null;
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    this.weight = this.elementwiseAffine ? new Parameter(ones(this.normalizedShape)) : null;
  }

  override forward(input: Tensor): Tensor {
    const { weight, eps } = this;
    return rmsNorm(input, this.normalizedShape, { weight, eps });
  }

  override extraRepr(): string {
    const eps = this.eps === null ? "None" : floatText(this.eps);
    return `${tupleText(this.normalizedShape)}, eps=${eps}, elementwise_affine=${
      boolText(this.elementwiseAffine)
    }`;
  }
}

/** Options of {@linkcode GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance, 1e-5 unless given. */
  readonly eps?: number;
  /** Whether weight and bias are learned; true unless given. */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight; true unless given. */
  readonly bias?: boolean;
}

const GROUP_NORM = signature(
  "GroupNorm",
  ["numGroups", kinds.integer],
  ["numChannels", kinds.number],
  ["eps", kinds.number, undefined],
  ["affine", kinds.boolean, undefined],
  "*",
  ["bias", kinds.boolean, undefined],
);

/**
 * Normalizes groups of channels of each sample.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends Module<[Tensor]> {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly eps: number;
  readonly affine: boolean;

  readonly numGroups: number;
  readonly numChannels: number;

  /** @throws {Error} if the channels do not divide into the groups. */
  constructor(
    ...given: Call<typeof GROUP_NORM, GroupNormOptions, [numGroups: number, numChannels: number]>
  ) {
    const { numGroups, numChannels, ...options } = GROUP_NORM.read(given);
    super();
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    if (numChannels % numGroups !== 0) {
      throw new Error(
        `num_channels must be divisible by num_groups, got ${numChannels} and ${numGroups}`,
      );
    }
    this.eps = options.eps ?? 1e-5;
    this.affine = options.affine ?? true;
    const hasBias = this.affine && (options.bias ?? true);
    this.weight = this.affine ? new Parameter(ones([numChannels])) : null;
    this.bias = hasBias ? new Parameter(zeros([numChannels])) : null;
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return groupNorm(input, this.numGroups, { weight, bias, eps });
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${floatText(this.eps)}, affine=${
      boolText(this.affine)
    }, bias=${boolText(this.bias !== null)}`;
  }
}

/** Options of instance normalization. */
export interface InstanceNormOptions {
  /** Added to the variance, 1e-5 unless given. */
  readonly eps?: number;
  /** Whether weight and bias are learned; false unless given. */
  readonly affine?: boolean;
}

const INSTANCE_NORM = signature(
  "InstanceNorm",
  ["numFeatures", kinds.integer],
  ["eps", kinds.number, undefined],
  "*",
  ["affine", kinds.boolean, undefined],
);

/** Normalizes each channel of each sample. Running statistics, which PyTorch offers, are not kept. */
abstract class InstanceNorm extends Module<[Tensor]> {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly eps: number;
  readonly affine: boolean;

  readonly numFeatures: number;

  constructor(
    ...given: Call<typeof INSTANCE_NORM, InstanceNormOptions, [numFeatures: number]>
  ) {
    super();
    const { numFeatures, ...options } = INSTANCE_NORM.named(new.target.name).read(given);
    this.numFeatures = numFeatures;
    this.eps = options.eps ?? 1e-5;
    this.affine = options.affine ?? false;
    this.weight = this.affine ? new Parameter(ones([numFeatures])) : null;
    this.bias = this.affine ? new Parameter(zeros([numFeatures])) : null;
  }

  /** How many axes a batch has. */
  protected abstract readonly rank: number;

  override forward(input: Tensor): Tensor {
    if (input.ndim !== this.rank) {
      throw new Error(`expected ${this.rank}D input (got ${input.ndim}D input)`);
    }
    const { weight, bias, eps } = this;
    return instanceNorm(input, { weight, bias, eps });
  }

  override extraRepr(): string {
    return `${this.numFeatures}, eps=${floatText(this.eps)}, momentum=0.1, affine=${
      boolText(this.affine)
    }, bias=${boolText(this.bias !== null)}, track_running_stats=False`;
  }
}

/** Over [n, c, l]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html */
export class InstanceNorm1d extends InstanceNorm {
  protected override readonly rank = 3;
}

/** Over [n, c, h, w]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html */
export class InstanceNorm2d extends InstanceNorm {
  protected override readonly rank = 4;
}

/** Over [n, c, d, h, w]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html */
export class InstanceNorm3d extends InstanceNorm {
  protected override readonly rank = 5;
}
