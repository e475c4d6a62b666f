/**
 * Samples that lie on the host: one a row of a typed array. Batches are copied out of it without the engine.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { byteTable, fromBuffer, fromBytes, type LazyArray } from "../../onnx/mod.ts";
import { activeBackend, floatType } from "../engine/mod.ts";

/** Values on the host with their shape, first axis first: images as [n, h, w, c]. */
export interface HostArray {
  readonly data: Float32Array | Int32Array | Uint16Array | Uint8Array;
  readonly shape: readonly number[];
  /**
   * What every value is divided by as a batch is made of it: 255 maps bytes to [0, 1], 65535 those of 16 bits; 1
   * unless given.
   */
  readonly divideBy?: number;
}

/** Samples as they may be given: a tensor, an array on the host or nested arrays of numbers. */
export type Samples = tf.Tensor | HostArray | NestedValues;

/** What a batch of them becomes. */
export type BatchType = "float32" | "int32";

/** Rows to copy: all from one to another, or those of a list. */
export type RowChoice = { readonly from: number; readonly to: number } | ArrayLike<number>;

/** Samples of one kind, ready to be copied into batches. */
export class HostRows {
  readonly data: HostArray["data"];
  /** How many rows there are. */
  readonly count: number;
  /** Shape of one row. */
  readonly rowShape: readonly number[];
  readonly type: BatchType;
  readonly #rowSize: number;
  readonly #divideBy: number;
  /** What bytes become, for devices that are given the bytes. */
  #table: LazyArray | undefined;

  /**
   * @param name what the samples are called in errors, such as "x"
   * @param bytesAs what bytes become: values to compute with, or classes
   */
  constructor(readonly name: string, array: HostArray, bytesAs: BatchType) {
    const { data, shape, divideBy = 1 } = array;
    if (!Array.isArray(shape) || shape.length === 0) {
      throw new RangeError(
        `${name} has shape ${JSON.stringify(shape)}, expected at least one axis`,
      );
    }
    this.#rowSize = tf.util.sizeFromShape(shape.slice(1));
    if (data.length !== shape[0] * this.#rowSize) {
      throw new RangeError(
        `${name} has ${data.length} values, expected ${
          shape[0] * this.#rowSize
        } for its shape [${shape}]`,
      );
    }
    if (!(divideBy > 0) || divideBy === Infinity) {
      throw new RangeError(`${name}: divideBy is ${divideBy}, expected a number above 0`);
    }
    this.data = data;
    this.count = shape[0];
    this.rowShape = shape.slice(1);
    this.#divideBy = divideBy;
    this.type = data instanceof Float32Array || divideBy !== 1
      ? "float32"
      : data instanceof Int32Array
      ? "int32"
      : bytesAs;
  }

  /** The same rows under another name. */
  named(name: string): HostRows {
    const { data, shape } = this;
    return new HostRows(name, { data, shape, divideBy: this.#divideBy }, this.type);
  }

  /** Shape with the number of rows in front. */
  get shape(): number[] {
    return [this.count, ...this.rowShape];
  }

  /** The chosen rows as one tensor. */
  batch(rows: RowChoice): tf.Tensor {
    return "from" in rows ? this.#slice(rows.from, rows.to) : this.#gather(rows);
  }

  /** One row as a tensor of its own. */
  row(index: number): tf.Tensor {
    return this.#tensor(this.#rowsFrom(index, index + 1), [...this.rowShape]);
  }

  #slice(from: number, to: number): tf.Tensor {
    return this.#tensor(this.#rowsFrom(from, to), [to - from, ...this.rowShape]);
  }

  #rowsFrom(from: number, to: number): HostArray["data"] {
    return this.data.subarray(from * this.#rowSize, to * this.#rowSize);
  }

  #gather(rows: ArrayLike<number>): tf.Tensor {
    const size = this.#rowSize;
    const shape = [rows.length, ...this.rowShape];
    const fill = (values: HostArray["data"]) => {
      for (let i = 0; i < rows.length; i++) {
        values.set(this.#rowsFrom(rows[i], rows[i] + 1), i * size);
      }
    };
    if (this.#staysBytes) {
      const bytes = new Uint8Array(rows.length * size);
      fill(bytes);
      return this.#bytesTensor(bytes, shape);
    }
    return this.#filled(shape, fill);
  }

  /** Whether the engine is given bytes, which it scales. */
  get #staysBytes(): boolean {
    return this.data instanceof Uint8Array && this.type === "float32" &&
      activeBackend() !== undefined && floatType() === "float32";
  }

  /** A tensor of a part of the data, which is copied and scaled. */
  #tensor(values: HostArray["data"], shape: number[]): tf.Tensor {
    if (this.#staysBytes) return this.#bytesTensor((values as Uint8Array).slice(), shape);
    return this.#filled(shape, (room) => room.set(values));
  }

  #bytesTensor(bytes: Uint8Array, shape: number[]): tf.Tensor {
    this.#table ??= byteTable((byte) => byte / this.#divideBy);
    const backend = activeBackend()!;
    const array = fromBytes(bytes, shape, this.#table);
    return tf.engine().makeTensorFromTensorInfo(backend.adopt(array), backend);
  }

  /** A tensor of values that somebody copies into its memory, scaled then. */
  #filled(shape: number[], fill: (values: Float32Array | Int32Array) => void): tf.Tensor {
    const { type } = this;
    const size = tf.util.sizeFromShape(shape);
    const backend = activeBackend();
    const isTaken = backend && !backend.trace && (type === "int32" || floatType() === type);
    // Once a batch is disposed, the next one lies in its memory, which caches and ONNX Runtime know.
    const buffer = isTaken ? backend.runtime.pool.take(type, size) : undefined;
    const own = () => type === "float32" ? new Float32Array(size) : new Int32Array(size);
    const values = (buffer?.data ?? own()) as Float32Array | Int32Array;
    fill(values);
    this.#scale(values);
    if (!buffer) return tf.tensor(values, shape, type);
    const info = backend!.adopt(fromBuffer(buffer, shape, type));
    return tf.engine().makeTensorFromTensorInfo(info, backend);
  }

  #scale(values: Float32Array | Int32Array): void {
    if (this.#divideBy === 1) return;
    for (let i = 0; i < values.length; i++) values[i] /= this.#divideBy;
  }

  /** Where the first number that is none (NaN) or not finite lies, as "x[3, 0, 7] is NaN"; null: nowhere. */
  findUnusable(): string | null {
    if (!(this.data instanceof Float32Array)) return null;
    // The sum of finite numbers can overflow, but a place is only reported where one is found.
    if (Number.isFinite(sumOf(this.data))) return null;
    const place = this.data.findIndex((value) => !Number.isFinite(value));
    if (place < 0) return null;
    return `${this.name}[${this.#indexOf(place)}] is ${this.data[place]}`;
  }

  #indexOf(place: number): string {
    const index: number[] = [];
    for (const dimension of [...this.rowShape].reverse()) {
      index.unshift(place % dimension);
      place = Math.floor(place / dimension);
    }
    return [place, ...index].join(", ");
  }
}

/** By index, an iterator would take ten times as long; in two sums, of which the processor adds to one while it waits for the other. */
function sumOf(values: Float32Array): number {
  let even = 0;
  let odd = 0;
  for (let i = 1; i < values.length; i += 2) {
    even += values[i - 1];
    odd += values[i];
  }
  return even + odd + (values.length % 2 === 1 ? values[values.length - 1] : 0);
}

/** Whether something is a {@linkcode HostArray}. */
export function isHostArray(value: unknown): value is HostArray {
  const array = value as Partial<HostArray> | null;
  return typeof value === "object" && value !== null && ArrayBuffer.isView(array?.data) &&
    Array.isArray(array?.shape);
}

/** Nested arrays of values. */
export type NestedValues = readonly (number | NestedValues)[];

/** Reads samples to the host, where they are not there yet. */
export async function hostRows(
  name: string,
  samples: Samples,
  bytesAs: BatchType,
): Promise<HostRows> {
  if (!(samples instanceof tf.Tensor)) return rowsNow(name, samples, bytesAs);
  refuseType(name, samples);
  const data = await samples.data() as HostArray["data"];
  return new HostRows(name, { data, shape: samples.shape }, bytesAs);
}

/** Samples that are on the host already. @throws {Error} for a tensor that is still to be computed */
export function rowsNow(name: string, samples: Samples, bytesAs: BatchType): HostRows {
  if (isHostArray(samples)) return new HostRows(name, samples, bytesAs);
  if (samples instanceof tf.Tensor) {
    refuseType(name, samples);
    const data = samples.dataSync() as HostArray["data"];
    return new HostRows(name, { data, shape: samples.shape }, bytesAs);
  }
  if (!Array.isArray(samples)) {
    throw new TypeError(
      `${name} is ${describe(samples)}, expected a tensor, an array of values or ` +
        `{ data: typed array, shape: [...] }`,
    );
  }
  const tensor = nested(name, samples);
  try {
    return rowsNow(name, tensor, bytesAs);
  } finally {
    tensor.dispose();
  }
}

function nested(name: string, samples: NestedValues): tf.Tensor {
  try {
    return tf.tensor(samples as number[]);
  } catch (error) {
    throw new TypeError(
      `${name} is an array of uneven rows or of something else than numbers ` +
        `(${(error as Error).message.split("\n")[0]}), expected nested arrays of numbers`,
    );
  }
}

function refuseType(name: string, { dtype }: tf.Tensor): void {
  if (dtype !== "string" && dtype !== "complex64") return;
  throw new TypeError(`${name} is a ${dtype} tensor, expected float32, int32 or bool`);
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return `an object with ${Object.keys(value).join(", ") || "nothing in it"}`;
}
