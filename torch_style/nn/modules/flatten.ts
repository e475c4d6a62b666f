/**
 * Modules that change the shape only.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { flatten, unflatten } from "../../ops/movement.ts";
import type { Tensor } from "../../tensor.ts";
import { Module } from "./module.ts";
import { tupleText } from "../python_text.ts";

const FLATTEN = signature("Flatten", ["startDim", kinds.integer, 1], ["endDim", kinds.integer, -1]);

/**
 * All axes but the first as one.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Module<[Tensor]> {
  readonly startDim: number;
  readonly endDim: number;

  constructor(
    ...given: Call<typeof FLATTEN, { readonly startDim?: number; readonly endDim?: number }>
  ) {
    const { startDim, endDim } = FLATTEN.read(given);
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }
  override forward(input: Tensor): Tensor {
    return flatten(input, this.startDim, this.endDim);
  }
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

const UNFLATTEN = signature("Unflatten", ["dim", kinds.integer], [
  "unflattenedSize",
  kinds.integers,
]);

/**
 * One axis as several; one dimension may be -1.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 */
export class Unflatten extends Module<[Tensor]> {
  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(
    ...given: Call<
      typeof UNFLATTEN,
      Record<never, never>,
      [dim: number, unflattenedSize: readonly number[]]
    >
  ) {
    const { dim, unflattenedSize } = UNFLATTEN.read(given);
    super();
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }
  override forward(input: Tensor): Tensor {
    return unflatten(input, this.dim, this.unflattenedSize);
  }
  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${tupleText(this.unflattenedSize)}`;
  }
}
