/**
 * What the loader and its workers say to each other.
 * @module
 */
import { type DType, fromHost, type TypedArray } from "../../onnx/mod.ts";
import { isPlainObject } from "../arguments.ts";
import { Tensor } from "../tensor.ts";

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
  | { readonly kind: "batch"; readonly batch: unknown }
  | { readonly kind: "end" }
  | { readonly kind: "error"; readonly message: string };

/** A tensor as it crosses: its values are handed over, not copied. */
class FlatTensor {
  /** Tells it from what a batch holds beside tensors: classes do not cross. */
  readonly isFlatTensor = true;
  constructor(
    readonly dtype: DType,
    readonly shape: readonly number[],
    readonly data: TypedArray,
  ) {}
}

/** A batch as plain data, and the memory that is handed over with it. */
export async function flatten(batch: unknown): Promise<[plain: unknown, memory: ArrayBuffer[]]> {
  const memory: ArrayBuffer[] = [];
  const plain = await mapBatch(batch, async (value) => {
    if (!(value instanceof Tensor)) return value;
    // A copy of its own: the memory is given away, and may be a view of the whole data set.
    const data = (await value.data()).slice();
    memory.push(data.buffer as ArrayBuffer);
    return new FlatTensor(value.dtype, value.shape, data);
  });
  return [plain, memory];
}

/** The batch that {@linkcode flatten} took apart. */
export function unflatten(plain: unknown): unknown {
  if (Array.isArray(plain)) return plain.map(unflatten);
  if (!isPlainObject(plain)) return plain;
  if ("isFlatTensor" in plain) {
    const { data, shape, dtype } = plain as unknown as FlatTensor;
    return new Tensor(fromHost(data, shape, dtype));
  }
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, unflatten(value)]));
}

/** Lists and objects gone through; everything else is changed. */
async function mapBatch(
  batch: unknown,
  change: (value: unknown) => Promise<unknown>,
): Promise<unknown> {
  if (Array.isArray(batch)) return await Promise.all(batch.map((one) => mapBatch(one, change)));
  const isWhole = batch instanceof Tensor || ArrayBuffer.isView(batch);
  if (typeof batch !== "object" || batch === null || isWhole) return await change(batch);
  const entries = Object.entries(batch).map(async ([key, value]) =>
    [key, await mapBatch(value, change)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}
