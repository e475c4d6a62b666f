/**
 * The TensorFlow.js backend `onnxruntime`: tensors are lazy arrays, kernels record ops, and reading a
 * value computes everything still alive in one call into ONNX Runtime.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  constant,
  defaultRuntime,
  type HostBuffer,
  type LazyArray,
  ops,
  type Runtime,
  sameShape,
} from "../../onnx/mod.ts";
import { arrayFrom, type DataEntry, type DataId, isNumeric } from "./data_entry.ts";

/** The name the engine is registered under in TensorFlow.js. */
export const BACKEND_NAME = "onnxruntime";

/** What a running trace wants to know of the backend's doings. */
export interface TraceListener {
  /** A reference to some data was added; a variable may have been made. */
  referenced(): void;
  /** A value was asked for. Throws. */
  read(): never;
}

/** Up to this many elements, numbers made within a trace are written into the model. */
const CONSTANT_LIMIT = 64;

/** TensorFlow.js tensors over lazy arrays. */
export class OnnxRuntimeBackend extends tf.KernelBackend {
  /** The trace that is going on, if any. */
  trace: TraceListener | undefined;
  readonly #entries: tf.DataStorage<DataEntry>;
  /** Entries whose numbers are still to be computed. */
  readonly #pending = new Set<DataEntry>();
  /** Memory of disposed tensors that a pending array or a run may still read. */
  #limbo: { array: LazyArray; buffer: HostBuffer }[] = [];
  #running = 0;

  constructor(readonly chooseRuntime: () => Runtime = defaultRuntime) {
    super();
    this.#entries = new tf.DataStorage(this, tf.engine());
  }

  /** What computes. */
  get runtime(): Runtime {
    return this.chooseRuntime();
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    if (isNumeric(dtype)) {
      this.#add(dataId, this.#written(arrayFrom(values, shape, dtype)), refCount);
    } else if (dtype === "string") {
      this.#entries.set(dataId, { array: undefined, values, refCount });
    } else {
      throw new Error(
        `the onnxruntime engine has no dtype ${dtype}, expected float32, int32, bool or string`,
      );
    }
  }

  /** Long runs of one number (zeros, ones) are not worth storing in a traced program. */
  #written(array: LazyArray): LazyArray {
    if (!this.trace || array.size <= CONSTANT_LIMIT) return array;
    const { data } = array.buffer;
    for (let i = 1; i < data.length; i++) if (data[i] !== data[0]) return array;
    return ops.expand(constant(Number(data[0]), array.dtype), array.shape);
  }

  #add(dataId: DataId, array: LazyArray, refCount: number): void {
    const entry = { array, values: undefined, refCount };
    this.#entries.set(dataId, entry);
    if (array.isPending || array.inFlight) this.#pending.add(entry);
    if (this.trace && array.isOnHost && array.size <= CONSTANT_LIMIT) array.isConstant = true;
  }

  /** Wraps a kernel's result; TensorFlow.js knows no other integers than int32. */
  adopt(result: LazyArray): tf.TensorInfo {
    const known = isNumeric(result.dtype as tf.DataType);
    const array = known ? result : ops.cast(result, "int32");
    const dataId = {};
    this.#add(dataId, array, 1);
    return { dataId, shape: [...array.shape], dtype: array.dtype as tf.DataType };
  }

  /** The array behind a tensor, in the tensor's shape (tensors of several shapes share data). */
  array({ dataId, shape, dtype }: tf.TensorInfo): LazyArray {
    const { array } = this.#entries.get(dataId);
    if (!array) throw new Error(`a ${dtype} tensor cannot be computed with, expected numbers`);
    return sameShape(array.shape, shape) ? array : ops.reshape(array, shape);
  }

  /** Puts another array under a name: a traced function's input. */
  replace(dataId: DataId, array: LazyArray): void {
    const entry = this.#entries.get(dataId);
    this.#pending.delete(entry);
    entry.array = array;
    if (array.isPending || array.inFlight) this.#pending.add(entry);
  }

  override async read(dataId: DataId): Promise<tf.BackendValues> {
    if (this.trace) this.trace.read();
    const { array, values } = this.#entries.get(dataId);
    if (!array) return values!;
    if (!array.isOnHost) await this.flush(array);
    return array.hostData() as tf.BackendValues;
  }

  override readSync(dataId: DataId): tf.BackendValues {
    if (this.trace) this.trace.read();
    const { array, values } = this.#entries.get(dataId);
    if (!array) return values!;
    if (array.isOnHost) return array.hostData() as tf.BackendValues;
    throw new Error(
      `dataSync(): tensor ${array} is still to be computed by the onnxruntime engine, whose runs are ` +
        `asynchronous; use await tensor.data() (or array()) instead`,
    );
  }

  /** Computes everything alive, and `wanted` with it, in one call. */
  async flush(...wanted: LazyArray[]): Promise<void> {
    const alive = [...this.#pending].map((entry) => entry.array!).concat(wanted);
    await this.during(this.runtime.evaluate(alive.filter((array) => !array.isOnHost)));
  }

  /** Keeps the memory of disposed tensors away from reuse until a run has ended. */
  async during<T>(run: Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await run;
    } finally {
      this.#running--;
      this.#emptyLimbo();
    }
  }

  #emptyLimbo(): void {
    for (const entry of this.#pending) if (entry.array!.isOnHost) this.#pending.delete(entry);
    if (this.#running > 0 || this.#pending.size > 0 || this.trace) return;
    for (const { array, buffer } of this.#limbo) this.runtime.pool.give(array.dtype, buffer);
    this.#limbo = [];
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    this.#entries.delete(dataId);
    this.#pending.delete(entry);
    if (entry.array?.isOnHost) this.#retire(entry.array);
    return true;
  }

  #retire(array: LazyArray): void {
    // A traced program may hold the array for good.
    if (this.trace || array.isConstant || array.buffer.escaped) return;
    this.#limbo.push({ array, buffer: array.buffer });
    if (this.#pending.size === 0 && this.#running === 0) this.#emptyLimbo();
  }

  override incRef(dataId: DataId): void {
    this.#entries.get(dataId).refCount++;
    this.trace?.referenced();
  }

  override refCount(dataId: DataId): number {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).refCount : 0;
  }

  override numDataIds(): number {
    return this.#entries.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** Time spent inside ONNX Runtime for what `run` asks for, in milliseconds. */
  override async time(run: () => void): Promise<{ kernelMs: number }> {
    await this.flush();
    const begin = this.runtime.statistics.runMs;
    run();
    await this.flush();
    return { kernelMs: this.runtime.statistics.runMs - begin };
  }

  override dispose(): void {
    this.#pending.clear();
    this.#limbo = [];
  }
}

/** The `onnxruntime` backend, where it is the one that computes now. */
export function activeBackend(): OnnxRuntimeBackend | undefined {
  const backend = tf.getBackend() === BACKEND_NAME ? tf.backend() : undefined;
  return backend instanceof OnnxRuntimeBackend ? backend : undefined;
}
