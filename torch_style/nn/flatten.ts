/**
 * Modules that change the shape only.
 * @module
 */
import { flatten, unflatten } from "../ops/movement.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";
import { tupleText } from "./python_text.ts";

/**
 * All axes but the first as one.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Module<[Tensor]> {
  constructor(readonly startDim = 1, readonly endDim = -1) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return flatten(input, this.startDim, this.endDim);
  }
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/**
 * One axis as several; one dimension may be -1.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 */
export class Unflatten extends Module<[Tensor]> {
  constructor(readonly dim: number, readonly unflattenedSize: readonly number[]) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return unflatten(input, this.dim, this.unflattenedSize);
  }
  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${tupleText(this.unflattenedSize)}`;
  }
}
