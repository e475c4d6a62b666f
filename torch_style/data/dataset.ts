/**
 * Collections of samples. Follows https://docs.pytorch.org/docs/stable/data.html
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { type Collated, defaultCollate } from "./collate.ts";
import { fromHost, ops } from "../../onnx/mod.ts";
import { Tensor, tensorKind } from "../tensor.ts";

/** The usual sample, and a batch of such samples: tensors in order, images before labels. */
export type Sample = readonly Tensor[];

/** A collection whose samples are asked for by number. */
export interface Dataset<S = Sample> {
  /** Number of samples. */
  readonly length: number;
  /** Sample `index`, without a batch axis. */
  getItem(index: number): S;
  /** Several samples as a batch; a dataset that can take them at once does so. */
  getItems?(indices: Int32Array): Collated<S>;
}

/** A collection whose samples come one after the other, with no number and perhaps no end. */
export type IterableDataset<S = Sample> = Iterable<S> | AsyncIterable<S>;

/** A dataset of either sort, as an argument. */
export const datasetKind = kind<Dataset<never> | IterableDataset<never>>(
  "a dataset: an object with length and getItem, or an iterable of samples",
  (value) =>
    typeof value === "object" && value !== null &&
    ("getItem" in value || Symbol.iterator in value || Symbol.asyncIterator in value),
);

/** Whether samples are asked for by number. */
export function hasValues<S>(
  dataset: Dataset<S> | IterableDataset<S>,
): dataset is Dataset<S> {
  return "getItem" in dataset;
}

const TENSOR_DATASET = signature("TensorDataset", ["tensors", kinds.listOf(tensorKind)]);

/** A dataset whose samples have numbers, as an argument. */
const mapStyle = kind<Dataset>(
  "a dataset: an object with length and getItem",
  (value) => typeof value === "object" && value !== null && "getItem" in value,
);

/** Tensors whose first axis counts samples. Follows `torch.utils.data.TensorDataset`. */
export class TensorDataset implements Dataset {
  readonly tensors: readonly Tensor[];
  readonly length: number;

  /** @throws {Error} if the tensors hold different values of samples. */
  constructor(...tensors: Tensor[]) {
    TENSOR_DATASET.read([tensors]);
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
    const positions = fromHost(indices, [indices.length]);
    return this.tensors.map((tensor) => new Tensor(ops.gather(tensor.array, positions, 0)));
  }
}

const SUBSET = signature("Subset", ["dataset", mapStyle], [
  "indices",
  kinds.numbers,
]);

/** Some samples of a dataset. Follows `torch.utils.data.Subset`. */
export class Subset implements Dataset {
  readonly length: number;

  readonly dataset: Dataset;
  readonly indices: readonly number[];

  /** @throws {Error} if a number lies outside the dataset */
  constructor(
    ...given: Call<
      typeof SUBSET,
      Record<never, never>,
      [dataset: Dataset, indices: readonly number[]]
    >
  ) {
    const { dataset, indices } = SUBSET.read(given);
    this.dataset = dataset;
    this.indices = indices;
    const outside = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= dataset.length);
    if (outside !== undefined) {
      throw new Error(`Subset: index ${outside}, expected 0 to ${dataset.length - 1}`);
    }
    this.length = indices.length;
  }

  getItem(index: number): Sample {
    return this.dataset.getItem(this.indices[index]);
  }

  getItems(indices: Int32Array): Sample {
    return itemsOf(this.dataset, indices.map((i) => this.indices[i]));
  }
}

const CONCAT_DATASET = signature("ConcatDataset", [
  "datasets",
  kinds.listOf(mapStyle),
]);

/** Datasets one after the other. Follows `torch.utils.data.ConcatDataset`. */
export class ConcatDataset implements Dataset {
  readonly length: number;

  readonly datasets: readonly Dataset[];

  constructor(
    ...given: Call<typeof CONCAT_DATASET, Record<never, never>, [datasets: readonly Dataset[]]>
  ) {
    const { datasets } = CONCAT_DATASET.read(given);
    this.datasets = datasets;
    if (datasets.length === 0) throw new Error("datasets should not be an empty iterable");
    this.length = datasets.reduce((n, dataset) => n + dataset.length, 0);
  }

  getItem(index: number): Sample {
    let local = index;
    for (const dataset of this.datasets) {
      if (local < dataset.length) return dataset.getItem(local);
      local -= dataset.length;
    }
    throw new Error(`ConcatDataset: index ${index}, expected 0 to ${this.length - 1}`);
  }
}

/** Several samples of any dataset as a batch. */
export function itemsOf<S>(dataset: Dataset<S>, indices: Int32Array): Collated<S> {
  return dataset.getItems?.(indices) ??
    defaultCollate(Array.from(indices, (i) => dataset.getItem(i)));
}
