/**
 * Distances, products of two inputs and bags of rows, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { zeros } from "../../creation.ts";
import type { Tensor } from "../../tensor.ts";
import {
  type BagMode,
  bilinear,
  embeddingBag,
  type EmbeddingBagOptions,
} from "../functional/embedding_bag.ts";
import {
  COSINE,
  type CosineOptions,
  cosineSimilarity,
  PAIRWISE,
  pairwiseDistance,
  type PairwiseOptions,
} from "../functional/similarity.ts";
import { normal_, uniform_ } from "../init/mod.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { boolText } from "../python_text.ts";

/** The cosine of the angle between vectors */
export class CosineSimilarity extends Module<[x1: Tensor, x2: Tensor]> {
  readonly dim: number;
  readonly eps: number;
  constructor(...given: Call<typeof COSINE, CosineOptions>) {
    super();
    const { dim, eps } = COSINE.named("CosineSimilarity").read(given);
    this.dim = dim;
    this.eps = eps;
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

/** The p-norm of the difference of vectors */
export class PairwiseDistance extends Module<[x1: Tensor, x2: Tensor]> {
  readonly options: Required<PairwiseOptions>;
  constructor(...given: Call<typeof PAIRWISE, PairwiseOptions>) {
    super();
    this.options = PAIRWISE.named("PairwiseDistance").read(given);
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options);
  }
}

const BILINEAR = signature(
  "Bilinear",
  ["in1Features", kinds.integer],
  ["in2Features", kinds.integer],
  ["outFeatures", kinds.integer],
  [
    "bias",
    kinds.boolean,
    true,
  ],
);

/** x1 A x2 + b for each output's matrix A */
export class Bilinear extends Module<[input1: Tensor, input2: Tensor]> {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    ...given: Call<
      typeof BILINEAR,
      { readonly bias?: boolean },
      [in1Features: number, in2Features: number, outFeatures: number]
    >
  ) {
    super();
    const { in1Features, in2Features, outFeatures, bias } = BILINEAR.read(given);
    if (in1Features <= 0) throw new Error(`in1_features must be > 0, but got ${in1Features}`);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(zeros([outFeatures, in1Features, in2Features]));
    this.bias = bias ? new Parameter(zeros([outFeatures])) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    for (const parameter of [this.weight, this.bias]) {
      if (parameter) uniform_(parameter, -bound, bound);
    }
  }
  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }
  override extraRepr(): string {
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${
      boolText(this.bias !== null)
    }`;
  }
}

/** Options of {@linkcode EmbeddingBag}. */
export interface EmbeddingBagModuleOptions {
  /** "mean" unless given. */
  readonly mode?: BagMode;
  /** Whether the last offset is where the last bag ends. */
  readonly includeLastOffset?: boolean;
  /** A row that does not count and is not learned. */
  readonly paddingIdx?: number | null;
}

const EMBEDDING_BAG = signature(
  "EmbeddingBag",
  ["numEmbeddings", kinds.integer],
  ["embeddingDim", kinds.integer],
  "*",
  ["mode", kinds.oneOf("sum", "mean", "max"), "mean"],
  ["includeLastOffset", kinds.boolean, false],
  ["paddingIdx", kinds.nullable(kinds.integer), null],
);

/** Sum, mean or maximum of the rows of bags of indices */
export class EmbeddingBag extends Module<
  [input: Tensor, offsets?: EmbeddingBagOptions["offsets"], perSampleWeights?: Tensor | null],
  Tensor
> {
  weight: Parameter;
  readonly options: Required<EmbeddingBagModuleOptions>;

  constructor(
    ...given: Call<
      typeof EMBEDDING_BAG,
      EmbeddingBagModuleOptions,
      [numEmbeddings: number, embeddingDim: number]
    >
  ) {
    super();
    const { numEmbeddings, embeddingDim, ...options } = EMBEDDING_BAG.read(given);
    this.options = options as Required<EmbeddingBagModuleOptions>;
    this.weight = new Parameter(zeros([numEmbeddings, embeddingDim]));
    normal_(this.weight);
    const { paddingIdx } = options;
    if (paddingIdx !== null) this.weight.detach().select(0, paddingIdx).zero_();
  }
  override forward(
    input: Tensor,
    offsets: EmbeddingBagOptions["offsets"] = null,
    perSampleWeights: Tensor | null = null,
  ): Tensor {
    return embeddingBag(input, this.weight, { ...this.options, offsets, perSampleWeights });
  }
  override extraRepr(): string {
    const { mode, paddingIdx } = this.options;
    const [rows, width] = this.weight.shape;
    return `${rows}, ${width}, mode='${mode}'${
      paddingIdx === null ? "" : `, padding_idx=${paddingIdx < 0 ? paddingIdx + rows : paddingIdx}`
    }`;
  }
}
