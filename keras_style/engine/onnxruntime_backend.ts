/**
 * The TensorFlow.js backend `onnxruntime`: tensors are lazy arrays, kernels record ops, and reading a
 * value computes everything still alive in one call into ONNX Runtime.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  constant,
  defaultRuntime,
  type DType,
  type LazyArray,
  ops,
  placeholder,
  type RandomStream,
  type Runtime,
  sameShape,
} from "../../onnx/mod.ts";
import {
  arrayFrom,
  asKnown,
  copyOf,
  type DataEntry,
  type DataId,
  isNumeric,
  merged,
  refuseLeftover,
  tensorTypeOf,
} from "./data_entry.ts";
import { RetiredMemory } from "./retired_memory.ts";
import { type AssignListener, assignQuietly, VariableWrites } from "./variable_writes.ts";

/** The name the engine is registered under in TensorFlow.js. */
export const BACKEND_NAME = "onnxruntime";

/** What the backend tells a trace that is going on, and asks it for. */
export interface TraceListener {
  /** A value was asked for. Throws. */
  read(): never;
  /** Values made in JavaScript became a tensor; returns what stands for them in the graph. */
  written(array: LazyArray): LazyArray;
  /** A random key that is made afresh at every call: uint32[2]; from the idiom's own stream unless given. */
  drawKey(stream?: RandomStream): LazyArray;
  /** The dimensions of an argument of the function as an array int32[rank]; undefined where they are known. */
  dimensionsOf(array: LazyArray): LazyArray | undefined;
  /** A variable is about to be read, or to get another value. */
  touched(variable: tf.Variable): void;
  /** Whether a dimension may be another one at the next call. */
  isUnknown(dimension: number): boolean;
  /** The number that stands for a scalar that follows from dimensions. Throws where it follows from anything else. */
  dimension(array: LazyArray): number;
}

/** Up to this many elements, values made within a trace are written into the model. */
const CONSTANT_LIMIT = 64;

/** TensorFlow.js tensors over lazy arrays. */
export class OnnxRuntimeBackend extends tf.KernelBackend implements AssignListener {
  readonly #entries: tf.DataStorage<DataEntry>;
  /** Entries whose values are still to be computed and that no run computes yet. */
  readonly #pending = new Set<DataEntry>();
  /** Arrays that traced functions feed at every call. */
  readonly #pinned = new WeakSet<LazyArray>();
  readonly #retired = new RetiredMemory((array) => this.#recycle(array));
  /** What becomes of variables if a run fails. */
  readonly writes = new VariableWrites({
    arrayOf: ({ dataId }) => this.#entries.get(dataId).array!,
    put: (variable, array) => this.put(variable, array),
    hold: (array) => this.#hold(array),
    letGo: (array) => this.#release(array),
  });
  #trace: TraceListener | undefined;
  /** Entries made since the trace that is going on began. */
  #traced = new Set<DataEntry>();

  constructor(readonly chooseRuntime: () => Runtime = defaultRuntime) {
    super();
    this.#entries = new tf.DataStorage(this, tf.engine());
  }

  /** What computes. */
  get runtime(): Runtime {
    return this.chooseRuntime();
  }

  /** The trace that is going on, if any. */
  get trace(): TraceListener | undefined {
    return this.#trace;
  }

  /** From now on operations are recorded for a traced function. */
  beginTrace(trace: TraceListener): void {
    this.#trace = trace;
    this.#traced = new Set();
  }

  /** Ends a trace. Tensors made in it that are still alive have no values and never will. */
  endTrace(): void {
    this.#trace = undefined;
    for (const entry of this.#traced) {
      const { array } = entry;
      if (!array || (array.isSettled && !array.isPending)) continue;
      entry.array = placeholder("a tensor made inside a tfFunction", array.dtype, array.shape);
    }
    this.#traced = new Set();
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
    } else if (dtype === "complex64") {
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      const part = (values: Float32Array): tf.TensorInfo => {
        return { dataId: this.write(values, shape, "float32"), shape, dtype: "float32" };
      };
      const parts = { real: part(real), imag: part(imag) };
      this.#entries.set(dataId, { array: undefined, values: undefined, parts, refCount });
    } else {
      this.#entries.set(dataId, { array: undefined, values, refCount });
    }
  }

  /** A complex tensor of two arrays. Its parts are tensors that nobody else holds. */
  join(real: LazyArray, imag: LazyArray): tf.TensorInfo {
    const dataId = {};
    const parts = { real: this.adopt(real), imag: this.adopt(imag) };
    this.#entries.set(dataId, { array: undefined, values: undefined, parts, refCount: 1 });
    return { dataId, shape: [...real.shape], dtype: "complex64" };
  }

  /** The arrays behind a complex tensor, in the tensor's shape. */
  parts({ dataId, shape, dtype }: tf.TensorInfo): { real: LazyArray; imag: LazyArray } {
    const { parts } = this.#entries.get(dataId);
    if (!parts) throw new Error(`a ${dtype} tensor has no parts, expected a complex one`);
    const { real, imag } = parts;
    return { real: this.array({ ...real, shape }), imag: this.array({ ...imag, shape }) };
  }

  /** Long runs of one number (zeros, ones) are not worth storing in a traced program. */
  #written(array: LazyArray): LazyArray {
    if (!this.#trace) return array;
    const { data } = array.buffer;
    const varied = data.length <= CONSTANT_LIMIT || data.some((value) => value !== data[0]);
    if (varied) return this.#trace.written(array);
    return ops.expand(constant(Number(data[0]), array.dtype), array.shape);
  }

  #add(dataId: DataId, array: LazyArray, refCount: number): void {
    const entry = { array, values: undefined, refCount };
    const owners = array.owners ?? 0;
    this.#entries.set(dataId, entry);
    if (!this.#trace) {
      if (array.isPending) this.#pending.add(entry);
    } else {
      this.#traced.add(entry);
      const fresh = owners === 0 && !this.#pinned.has(array);
      if (fresh && array.isOnHost && array.size <= CONSTANT_LIMIT) array.isConstant = true;
    }
    array.owners = owners + 1;
  }

  /** Wraps a kernel's result; TensorFlow.js knows no other integers than int32. */
  adopt(result: LazyArray): tf.TensorInfo {
    const array = tensorTypeOf(result) ? result : ops.cast(result, "int32");
    const dataId = {};
    this.#add(dataId, array, 1);
    return { dataId, shape: [...array.shape], dtype: tensorTypeOf(array)! };
  }

  /** The element type of the array behind a tensor: float16 and bfloat16 too, which TensorFlow.js does not know. */
  dtypeOf({ dataId }: tf.TensorInfo): DType | undefined {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).array?.dtype : undefined;
  }

  /** The array behind a tensor, in the tensor's shape (tensors of several shapes share data). */
  array(tensor: tf.TensorInfo): LazyArray {
    this.touch(tensor);
    const { dataId, shape, dtype } = tensor;
    const { array } = this.#entries.get(dataId);
    if (!array) throw new Error(`a ${dtype} tensor has no array, expected values`);
    return sameShape(array.shape, shape) ? array : ops.reshape(array, shape);
  }

  /** Tells a trace that a variable is read: it has another value there. */
  touch(tensor: tf.TensorInfo): void {
    if (this.#trace && tensor instanceof tf.Variable) this.#trace.touched(tensor);
  }

  /** Gives a variable a value. */
  put(variable: tf.Variable, array: LazyArray): void {
    if (this.refCount(variable.dataId) === 1) {
      this.replace(variable.dataId, array);
      return;
    }
    const tensor = tf.engine().makeTensorFromTensorInfo(this.adopt(array), this);
    assignQuietly(variable, tensor);
    tensor.dispose();
  }

  assigning(variable: tf.Variable, value: tf.Tensor): (() => void) | undefined {
    this.touch(variable);
    this.touch(value);
    if (this.#trace) return undefined;
    if (variable.isDisposed || !this.#entries.has(variable.dataId)) return undefined;
    const { array } = this.#entries.get(variable.dataId);
    if (!array || array.placeholder) return undefined;
    this.#hold(array);
    return () => this.writes.note(variable, array);
  }

  #hold(array: LazyArray): void {
    array.owners = (array.owners ?? 0) + 1;
  }

  /** Puts a new array under a name that only one tensor bears: a variable's next value. */
  replace(dataId: DataId, array: LazyArray): void {
    const entry = this.#entries.get(dataId);
    const before = entry.array;
    this.#pending.delete(entry);
    entry.array = array;
    if (array.isPending) this.#pending.add(entry);
    this.#hold(array);
    if (before) this.#release(before);
  }

  /** Keeps an array's memory for as long as a traced function may feed it. */
  pin(array: LazyArray): void {
    this.#pinned.add(array);
    if (array.isOnHost) array.buffer.escaped = true;
  }

  override async read(dataId: DataId): Promise<tf.BackendValues> {
    if (this.#trace) this.#trace.read();
    const { array, values, parts } = this.#entries.get(dataId);
    if (parts) {
      return merged(await this.read(parts.real.dataId), await this.read(parts.imag.dataId));
    }
    if (!array) return values!;
    refuseLeftover(array);
    if (!array.isSettled) await this.writes.heard(this.flush(array));
    await this.runtime.evaluate([array]);
    this.writes.throwUnheard();
    return copyOf(array);
  }

  override readSync(dataId: DataId): tf.BackendValues {
    if (this.#trace) this.#trace.read();
    const { array, values, parts } = this.#entries.get(dataId);
    if (parts) return merged(this.readSync(parts.real.dataId), this.readSync(parts.imag.dataId));
    if (!array) return values!;
    refuseLeftover(array);
    if (array.isOnHost) return copyOf(array);
    throw new Error(
      `dataSync(): tensor ${array} is still to be computed or brought by the onnxruntime engine, whose runs are ` +
        `asynchronous; use await tensor.data() (or array()) instead`,
    );
  }

  /** A tensor's values where they are on the host; undefined where they are still to be computed. */
  knownValues(dataId: DataId): tf.BackendValues | undefined {
    const { array, values, parts } = this.#entries.get(dataId);
    if (parts) {
      const [real, imag] = [parts.real, parts.imag].map((part) => this.knownValues(part.dataId));
      return real && imag && merged(real, imag);
    }
    if (!array) return values;
    // What lies on the host while a function is traced may be another value at its next call.
    if (this.#trace ? !array.isConstant : !array.isOnHost) return undefined;
    return asKnown(array.hostData());
  }

  /** Whether there is anything recorded that no run computes yet. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Computes everything alive, and `wanted` with it, in one call. */
  async flush(...wanted: LazyArray[]): Promise<void> {
    const alive = [...this.#pending].map((entry) => entry.array!).concat(wanted);
    const run = this.runtime.compute(alive.filter((array) => !array.isSettled));
    this.#pending.clear();
    await this.during(this.writes.during(run));
  }

  /** Keeps the memory of disposed tensors away from reuse until a run has ended. */
  during<T>(run: Promise<T>): Promise<T> {
    const ended = this.#retired.during(run);
    this.#retired.sweep(this.#pending.size === 0 && !this.#trace);
    return ended;
  }

  /** Waits until at most `allowed` runs have not ended: what keeps a training loop from running ahead. */
  synchronize(allowed = 1): Promise<void> {
    return this.#retired.synchronize(allowed);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    this.#entries.delete(dataId);
    this.#pending.delete(entry);
    this.#traced.delete(entry);
    if (entry.array) this.#release(entry.array);
    if (entry.parts) {
      for (const { dataId } of Object.values(entry.parts)) this.disposeData(dataId);
    }
    return true;
  }

  /** One entry less stands for an array. */
  #release(array: LazyArray): void {
    const owners = (array.owners ?? 1) - 1;
    array.owners = owners;
    // A traced program may hold the array for good.
    if (owners > 0 || this.#trace || array.isPending || array.placeholder) return;
    this.#retired.retire(array);
    this.#retired.sweep(this.#pending.size === 0);
  }

  #recycle(array: LazyArray): void {
    if (this.#pinned.has(array) || array.isConstant || !array.isSettled) return;
    if (array.owners !== 0) return;
    array.owners = undefined;
    this.runtime.pool.giveArray(array);
  }

  override incRef(dataId: DataId): void {
    this.#entries.get(dataId).refCount++;
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

  /** Time spent in `run` (recording, and small work on the host) and inside ONNX Runtime for it, in milliseconds. */
  override async time(run: () => void): Promise<{ kernelMs: number }> {
    const { runtime } = this;
    const before = this.flush().then(() => runtime.statistics.runMs);
    const called = performance.now();
    // At once: TensorFlow.js goes on with the results.
    run();
    const ownMs = performance.now() - called;
    const after = this.flush();
    const begin = await before;
    await after;
    return { kernelMs: ownMs + runtime.statistics.runMs - begin };
  }

  override dispose(): void {
    this.#pending.clear();
    this.#retired.clear();
  }
}

/** The `onnxruntime` backend, where it is the one that computes now. */
export function activeBackend(): OnnxRuntimeBackend | undefined {
  const backend = tf.getBackend() === BACKEND_NAME ? tf.backend() : undefined;
  return backend instanceof OnnxRuntimeBackend ? backend : undefined;
}

/** Runs what a function asks for in as few calls into ONNX Runtime as possible; on other engines it is simply run. */
export function inOneCall<T>(record: () => T): T {
  const backend = activeBackend();
  return backend ? backend.runtime.inOneCall(record) : record();
}
