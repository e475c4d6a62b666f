/**
 * Numbers as learned vectors.
 * @module
 */
import { zeros } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import { embedding, rowOf } from "./functional/embedding.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingModuleOptions {
  /** A row of zeros that is not learned, counted from the end if negative. */
  readonly paddingIdx?: number | null;
}

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

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingModuleOptions = {},
  ) {
    super();
    const { paddingIdx = null } = options;
    this.paddingIdx = paddingIdx === null ? null : rowOf(paddingIdx, numEmbeddings);
    this.weight = new Parameter(zeros([numEmbeddings, embeddingDim]));
    this.resetParameters();
  }

  /** A module over a given table. @param options.freeze whether it is not learned; true unless given */
  static fromPretrained(
    table: Tensor,
    options: EmbeddingModuleOptions & { readonly freeze?: boolean } = {},
  ): Embedding {
    if (table.ndim !== 2) throw new Error("Embeddings parameter is expected to be 2-dimensional");
    const module = new Embedding(table.shape[0], table.shape[1], options);
    module.weight = new Parameter(table, !(options.freeze ?? true));
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
    return embedding(input, this.weight, this);
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx } = this;
    const padding = paddingIdx === null ? "" : `, padding_idx=${paddingIdx}`;
    return `${numEmbeddings}, ${embeddingDim}${padding}`;
  }
}
