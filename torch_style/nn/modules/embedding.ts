/**
 * Values as learned vectors.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { zeros } from "../../creation.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { embedding, rowOf } from "../functional/embedding.ts";
import { normal_ } from "../init/mod.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingModuleOptions {
  /** A row of zeros that is not learned, counted from the end if negative. */
  readonly paddingIdx?: number | null;
}

const FROM_PRETRAINED = signature(
  "Embedding.fromPretrained",
  ["embeddings", tensorKind],
  ["freeze", kinds.boolean, true],
  ["paddingIdx", kinds.nullable(kinds.integer), undefined],
);

const EMBEDDING = signature("Embedding", ["numEmbeddings", kinds.number], [
  "embeddingDim",
  kinds.number,
], ["paddingIdx", kinds.nullable(kinds.number), undefined]);

/**
 * A table of vectors, looked up by number. It starts with normal numbers.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const words = new torch.nn.Embedding(1000, 16, { paddingIdx: 0 });
 * console.log(words(torch.tensor([[5, 7, 0]])).shape); // [1, 3, 16]
 * ```
 */
export class Embedding extends Module<[Tensor]> {
  weight: Parameter;
  readonly paddingIdx: number | null;

  readonly numEmbeddings: number;
  readonly embeddingDim: number;

  constructor(
    ...given: Call<
      typeof EMBEDDING,
      EmbeddingModuleOptions,
      [numEmbeddings: number, embeddingDim: number]
    >
  ) {
    const { numEmbeddings, embeddingDim, ...options } = EMBEDDING.read(given);
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    const { paddingIdx = null } = options;
    this.paddingIdx = paddingIdx === null ? null : rowOf(paddingIdx, numEmbeddings);
    this.weight = new Parameter(zeros([numEmbeddings, embeddingDim]));
    this.resetParameters();
  }

  /** A module over a given table. `freeze`: it is not learned, true unless given */
  static fromPretrained(
    ...given: Call<
      typeof FROM_PRETRAINED,
      { readonly freeze?: boolean } & EmbeddingModuleOptions,
      [embeddings: Tensor]
    >
  ): Embedding {
    const { embeddings: table, freeze, ...options } = FROM_PRETRAINED.read(given);
    if (table.ndim !== 2) throw new Error("Embeddings parameter is expected to be 2-dimensional");
    const module = new Embedding(table.shape[0], table.shape[1], options);
    module.weight = new Parameter(table, !freeze);
    return module;
  }

  /** Draws the table anew. */
  resetParameters(): void {
    normal_(this.weight);
    if (this.paddingIdx === null) return;
    const values = this.weight.array.buffer.data;
    const begin = this.paddingIdx * this.embeddingDim;
    (values as Float32Array).fill(0, begin, begin + this.embeddingDim);
  }

  override forward(input: Tensor): Tensor {
    return embedding(input, this.weight, { paddingIdx: this.paddingIdx });
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx } = this;
    const padding = paddingIdx === null ? "" : `, padding_idx=${paddingIdx}`;
    return `${numEmbeddings}, ${embeddingDim}${padding}`;
  }
}
