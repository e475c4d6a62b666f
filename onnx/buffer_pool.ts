/**
 * Host memory that is used again: results of one step are written where those of an earlier one lay.
 * @module
 */
import { createStorage, type DType, type TypedArray } from "./dtype.ts";
import { HostBuffer, type LazyArray } from "./lazy_array.ts";

/** Buffers below this size are left to the garbage collector: finding one costs more than making one. */
const WORTH_KEEPING = 1024;

/** How many free buffers of one kind are kept. */
const KEPT_EACH = 64;

function newStorage(dtype: DType, length: number): TypedArray {
  try {
    return createStorage(dtype, length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const size = length.toLocaleString("en");
    throw new RangeError(`out of memory: no room for a result of ${size} elements of ${dtype}`);
  }
}

/** Free buffers by element type and length. */
export class BufferPool {
  readonly #free = new Map<string, HostBuffer[]>();

  /**
   * A buffer of `length` elements, zeroed only when it is new.
   *
   * @throws {RangeError} if there is not so much memory
   */
  take(dtype: DType, length: number): HostBuffer {
    const buffer = this.#free.get(`${dtype}${length}`)?.pop();
    return buffer ?? new HostBuffer(newStorage(dtype, length));
  }

  /**
   * Gives a buffer back: only for who is sure that nobody else reads it, such as an optimizer's own state. What others
   * may depend on is left to the garbage collector. One that escaped to the outside is let go instead.
   */
  give(dtype: DType, buffer: HostBuffer): void {
    if (buffer.escaped || buffer.data.length < WORTH_KEEPING) return;
    buffer.generation++;
    const key = `${dtype}${buffer.data.length}`;
    let list = this.#free.get(key);
    if (!list) this.#free.set(key, list = []);
    if (list.length < KEPT_EACH) list.push(buffer);
  }

  /** {@linkcode BufferPool.give} for an array, wherever its values lie; on the device they are freed. */
  giveArray(array: LazyArray): void {
    array.device?.dispose();
    if (array.isOnHost) this.give(array.dtype, array.buffer);
  }

  /** Forgets all free buffers. */
  clear(): void {
    this.#free.clear();
  }

  /** Bytes in free buffers. */
  get freeBytes(): number {
    let bytes = 0;
    for (const list of this.#free.values()) for (const b of list) bytes += b.data.byteLength;
    return bytes;
  }
}
