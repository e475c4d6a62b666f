/**
 * Collections of samples. Follows https://docs.pytorch.org/docs/stable/data.html
 * @module
 */
import { ops } from "../../onnx/mod.ts";
import { fromArray } from "../creation.ts";
import { Tensor } from "../tensor.ts";

/** A sample, or a batch of samples: tensors in order, pictures before labels. */
export type Sample = readonly Tensor[];

/** A collection whose samples are asked for by number. */
export interface Dataset {
  /** Number of samples. */
  readonly length: number;
  /** Sample `index`, without a batch axis. */
  getItem(index: number): Sample;
  /** Several samples stacked; a dataset that can take them at once does so. */
  getItems?(indices: Int32Array): Sample;
}

/** Tensors whose first axis counts samples. Follows `torch.utils.data.TensorDataset`. */
export class TensorDataset implements Dataset {
  readonly tensors: readonly Tensor[];
  readonly length: number;

  /** @throws {Error} if the tensors hold different numbers of samples. */
  constructor(...tensors: Tensor[]) {
    if (tensors.length === 0) throw new Error("TensorDataset: expected at least one tensor");
    this.length = tensors[0].shape[0];
    for (const tensor of tensors) {
      if (tensor.shape[0] !== this.length) {
        throw new Error(
          `Size mismatch between tensors: ${tensor.shape[0]} and ${this.length} samples`,
        );
      }
    }
    this.tensors = tensors;
  }

  getItem(index: number): Sample {
    return this.getItems(Int32Array.of(index)).map((batch) =>
      batch.reshape(...batch.shape.slice(1))
    );
  }

  getItems(indices: Int32Array): Sample {
    const places = fromArray(indices).array;
    return this.tensors.map((tensor) => new Tensor(ops.gather(tensor.array, places, 0)));
  }
}
