/**
 * Host memory that is used again: results of one step are written where those of an earlier one lay. New memory costs more than
 * writing into it: the system hands it out page by page, zeroed, and V8 collects everything once there is much of it.
 * @module
 */
import { createStorage, type DType, type TypedArray } from "../dtype.ts";
import { HostBuffer, type HostMemory, type LazyArray } from "../lazy_array.ts";

/** Buffers below this size, when nobody gives them back, are left to the garbage collector: finding one costs more than making one. */
const WORTH_FINDING = 1024;

/** Typed arrays of fewer elements V8 makes as quickly as any object. */
const WORTH_KEEPING = 64;

/** How much free memory of one kind is kept. */
const KEPT_EACH = 64;

/** How much free memory is kept that nobody gave back: about what steps leave behind between two collections. */
const KEPT_BYTES = 256 * 2 ** 20;

/** Memory whose buffer nobody holds any more. */
interface Lost {
  readonly dtype: DType;
  readonly memory: HostMemory;
}

function newStorage(dtype: DType, length: number): TypedArray {
  try {
    return createStorage(dtype, length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const size = length.toLocaleString("en");
    throw new RangeError(`out of memory: no room for a result of ${size} elements of ${dtype}`);
  }
}

/** Free memory by element type and length. */
export class BufferPool {
  readonly #free = new Map<string, TypedArray[]>();
  #freeBytes = 0;

  /** V8's collections of young memory find what a step left behind: a parameter's last value, as a rule. */
  readonly #lost = new FinalizationRegistry<Lost>(({ dtype, memory: { data, escaped } }) => {
    if (!escaped && this.#freeBytes + data.byteLength <= KEPT_BYTES) this.#keep(dtype, data);
  });

  /**
   * A buffer of `length` elements, zeroed only when it is new. Once it is given back, or nobody holds it any more, its memory is
   * used again.
   *
   * @throws {RangeError} if there is not so much memory
   */
  take(dtype: DType, length: number): HostBuffer {
    const free = this.#free.get(`${dtype}${length}`)?.pop();
    if (free) this.#freeBytes -= free.byteLength;
    const buffer = new HostBuffer(free ?? newStorage(dtype, length));
    if (length >= WORTH_FINDING) {
      this.#lost.register(buffer, { dtype, memory: buffer.memory }, buffer);
    }
    return buffer;
  }

  /**
   * Gives a buffer back at once: only for who is sure that nobody else reads it, such as an optimizer's own state. One that
   * escaped to the outside is let go instead.
   */
  give(dtype: DType, buffer: HostBuffer): void {
    if (buffer.escaped || buffer.data.length < WORTH_KEEPING) return;
    buffer.generation++;
    if (buffer.data.length >= WORTH_FINDING) this.#lost.unregister(buffer);
    this.#keep(dtype, buffer.data);
  }

  /** {@linkcode BufferPool.give} for an array, wherever its values lie; on the device they are freed. */
  giveArray(array: LazyArray): void {
    array.device?.dispose();
    // Of bytes there may be no values yet.
    if (array.isOnHost && !array.byteValues) this.give(array.dtype, array.buffer);
  }

  #keep(dtype: DType, data: TypedArray): void {
    const key = `${dtype}${data.length}`;
    let list = this.#free.get(key);
    if (!list) this.#free.set(key, list = []);
    if (list.length === KEPT_EACH) return;
    list.push(data);
    this.#freeBytes += data.byteLength;
  }

  /** Forgets all free memory. */
  clear(): void {
    this.#free.clear();
    this.#freeBytes = 0;
  }

  /** Bytes that are free. */
  get freeBytes(): number {
    return this.#freeBytes;
  }
}
