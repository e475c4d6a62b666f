/**
 * What the loader and its workers say to each other.
 * @module
 */
import { type DType, fromHost, type TypedArray } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";
import type { Sample } from "./dataset.ts";

/**
 * Where a worker finds its dataset. Functions and classes do not cross to workers: each worker imports the
 * module and calls the function itself.
 */
export interface WorkerSource {
  /** The module, such as `import.meta.resolve("./my_dataset.ts")`. */
  readonly module: string;
  /** Name of the exported function that makes the dataset (it may return a promise). */
  readonly name: string;
  /** What it is called with; plain data. */
  readonly args?: readonly unknown[];
}

/** To a worker: who it is, then what is wanted. */
export type WorkerRequest =
  | {
    readonly kind: "open";
    readonly source: WorkerSource;
    readonly id: number;
    readonly workers: number;
    /** What the worker's random numbers start from. */
    readonly seed: number;
    /** Name of the module's function that is called with the worker's number. */
    readonly initFn?: string;
  }
  | { readonly kind: "batch"; readonly indices: readonly number[] }
  | { readonly kind: "next"; readonly size: number; readonly dropLast: boolean };

/** From a worker. */
export type WorkerReply =
  | { readonly kind: "batch"; readonly tensors: readonly FlatTensor[] }
  | { readonly kind: "end" }
  | { readonly kind: "error"; readonly message: string };

/** A tensor as it crosses: its values are handed over, not copied. */
export interface FlatTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** A batch as plain data. */
export async function flatten(batch: Sample): Promise<FlatTensor[]> {
  return await Promise.all(batch.map(async (tensor) => {
    // A copy of its own: the memory is given away, and may be a view of the whole data set.
    const data = (await tensor.data()).slice();
    return { dtype: tensor.dtype, shape: tensor.shape, data };
  }));
}

/** The batch that {@linkcode flatten} took apart. */
export function unflatten(tensors: readonly FlatTensor[]): Sample {
  return tensors.map(({ dtype, shape, data }) => new Tensor(fromHost(data, shape, dtype)));
}
