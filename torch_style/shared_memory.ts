/**
 * Memory that a tensor shares with whoever made it from a typed array.
 * @module
 */
import { Buffer } from "node:buffer";
import {
  type DType,
  fromHost,
  type LazyArray,
  ops,
  type Shape,
  type TypedArray,
} from "../onnx/mod.ts";

/** A user's typed array, as a lazy array. */
export class SharedMemory {
  readonly #data: TypedArray;
  #array: LazyArray;
  /** What stood there when a change began to wait to be computed. */
  #seen: TypedArray;

  /** @throws {Error} if the data does not fill the shape, or its type does not store the dtype */
  constructor(data: TypedArray, shape: Shape, dtype: DType) {
    this.#data = this.#seen = data;
    this.#array = this.#over(shape, dtype);
  }

  /** An array over the memory; a new one once something was recorded on the last, which keeps its values. */
  get array(): LazyArray {
    const { isShared, shape, dtype } = this.#array;
    return isShared ? this.#array : this.#array = this.#over(shape, dtype);
  }

  #over(shape: Shape, dtype: DType): LazyArray {
    const array = fromHost(this.#data, shape, dtype);
    array.isShared = true;
    return array;
  }

  /** Whether an array's values are those in the memory. */
  shows(array: LazyArray): boolean {
    return array === this.#array;
  }

  /** A change is on its way: what the user writes from now on is written after it. */
  expectChange(): void {
    const { array } = this;
    array.keepValues();
    this.#seen = array.buffer.data;
  }

  /** A change that is on its way, with what the user has written since. */
  withWritten(change: LazyArray): LazyArray {
    const [data, seen] = [this.#data, this.#seen];
    if (bytesOf(data).equals(bytesOf(seen))) return change;
    const isWritten = Uint8Array.from(seen.keys(), (i) => Object.is(data[i], seen[i]) ? 0 : 1);
    const now = this.#seen = data.slice();
    const { shape, dtype } = change;
    return ops.where(fromHost(isWritten, shape, "bool"), fromHost(now, shape, dtype), change);
  }

  /** Puts changed values in place, but where the user has written since. */
  take(changed: TypedArray): void {
    const [data, seen] = [this.#data, this.#seen];
    for (let i = 0; i < data.length; i++) {
      if (Object.is(data[i], seen[i])) data[i] = changed[i];
    }
    this.#seen = data;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
