/**
 * The array both idioms compute with: immutable, its element type and shape always known, its values either on the
 * host already or still to be computed by a recorded graph. The graph's nodes apply ops, which compute arrays: the three
 * types are declared together.
 * @module
 */
import {
  createStorage,
  type DType,
  dtypeOfStorage,
  onnxTypeOf,
  storageFrom,
  type TypedArray,
} from "./dtype.ts";
import type { GraphWriter } from "./export/graph_writer.ts";
import type { ArrayType, Attributes, HostArray, Trait } from "./op_types.ts";
import type { Readers } from "./readers.ts";
import { type Shape, ShapeError, showShape, sizeOf } from "./shape.ts";

/** One recorded application of an op. Its outputs stay pending until an evaluation computes them. */
export interface GraphNode {
  readonly op: Op;
  readonly inputs: readonly LazyArray[];
  readonly attributes: Attributes;
  /** All outputs of the op, in order; {@linkcode LazyArray.outputIndex} points into it. */
  readonly outputs: LazyArray[];
}

/** Memory of the host, which may be used again once nobody holds the buffer around it any more. */
export interface HostMemory {
  readonly data: TypedArray;
  /** Handed to somebody outside: never used again by the engine, left to the garbage collector. */
  escaped: boolean;
}

/**
 * Host memory that an array's values lie in. A buffer that is given back is used again for later
 * results; `generation` then moves on, so that an array that still points here can tell.
 */
export class HostBuffer {
  generation = 0;
  readonly memory: HostMemory;

  constructor(data: TypedArray) {
    this.memory = { data, escaped: false };
  }

  get data(): TypedArray {
    return this.memory.data;
  }

  /** See {@linkcode HostMemory.escaped}. */
  get escaped(): boolean {
    return this.memory.escaped;
  }

  set escaped(escaped: boolean) {
    this.memory.escaped = escaped;
  }
}

/** Memory on a device; declared here without ONNX Runtime, of which arrays know nothing. */
export interface DeviceMemory {
  read(dtype: DType): Promise<TypedArray>;
  dispose(): void;
}

/** Values that are few different ones: to which a byte each points. Devices are given the bytes. */
export interface ByteValues {
  /** One for each element. */
  readonly bytes: Uint8Array;
  /** What the bytes stand for: float32[256], a constant. */
  readonly table: LazyArray;
}

/** What names an array's values before they exist: the input of a traced function. */
export interface Placeholder {
  readonly name: string;
  /** Whether the values are the same at every call: what follows from them alone is computed once. */
  readonly isFrozen?: boolean;
}

let serials = 0;

/** An immutable n-dimensional array, recorded lazily. Made by {@linkcode fromHost}, {@linkcode constant} and the ops. */
export class LazyArray {
  /** The node that computes it; undefined once the values are on the host. */
  node: GraphNode | undefined;
  outputIndex = 0;
  placeholder: Placeholder | undefined;
  /** Whether the values are part of the graph's structure (written into the model, not fed). */
  isConstant = false;
  /** Whether somebody writes into its memory: who computes with it later than now has it keep its values. */
  isShared = false;
  /** The evaluation that is computing it right now. */
  inFlight: Promise<void> | undefined;
  /**
   * What an idiom remembers of it. A field, because V8's collections of young memory keep the values of a WeakMap: a
   * step's graph, and the parameters it was recorded on, would stay until a full collection.
   */
  note: object | undefined;
  /** How many of an idiom's tensors stand for it, where the idiom counts them: its memory is used again when none does. */
  owners: number | undefined;
  /** Who reads it, where that is counted instead: its memory is used again if nobody but the steps of a training does. */
  readers: Readers | undefined;
  /** What a walk through a graph last noted here for itself: that it was met, or its place. Several times as quick as a map of all arrays. */
  walkNote = 0;
  /** Whether it was pending before its values were there. */
  isResult = false;
  #buffer: HostBuffer | undefined;
  #generation = 0;
  #device: DeviceMemory | undefined;
  #isPassed = false;
  #serial = 0;

  /** @param byteValues what its values are made of as they are first read; see {@linkcode fromBytes} */
  constructor(
    readonly dtype: DType,
    readonly shape: Shape,
    readonly byteValues?: ByteValues,
  ) {}

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** A number that other arrays have only where their values are the same, row by row. */
  get serial(): number {
    return this.#serial ||= ++serials;
  }

  /** It is another array under another shape. */
  hasValuesOf(other: LazyArray): void {
    this.#serial = other.serial;
    this.isShared = other.isShared;
  }

  /** From now on it has the values that it has now, in memory of its own, whatever is written into the shared memory. */
  keepValues(): void {
    if (!this.isShared) return;
    const own = new HostBuffer(this.buffer.data.slice());
    own.escaped = true;
    this.resolve(own);
    this.isShared = false;
    // Others over the same memory may keep other values.
    this.#serial = 0;
  }

  /** Whether the values are on the host, to be read at once. */
  get isOnHost(): boolean {
    return this.#buffer !== undefined || this.byteValues !== undefined;
  }

  /** Whether the values are still to be computed and nobody has begun. */
  get isPending(): boolean {
    return this.node !== undefined;
  }

  /** Whether nothing is to be computed any more: the values are there, on the host or on the device, or were passed over. */
  get isSettled(): boolean {
    return this.isOnHost || this.#device !== undefined || this.#isPassed;
  }

  /** Where the values lie on the device; undefined where they do not. */
  get device(): DeviceMemory | undefined {
    return this.#device;
  }

  /**
   * The host memory behind it.
   *
   * @throws {Error} if there is none yet, or if it was given back and used for something else since: a fault of
   * whoever gave it back.
   */
  get buffer(): HostBuffer {
    if (this.byteValues && !this.#buffer) this.resolve(new HostBuffer(valuesOf(this.byteValues)));
    const buffer = this.#buffer;
    if (this.#isPassed) {
      throw new Error(
        `array ${this} lay between two of the steps that one call computed, and only the last step's values are kept: ` +
          `read it between two calls, or compute one step a call`,
      );
    }
    if (!buffer) {
      throw new Error(
        this.#device
          ? `array ${this} lies on the device, expected it to be brought to the host by evaluate before it is read`
          : `array ${this} has no values on the host yet`,
      );
    }
    if (buffer.generation !== this.#generation) {
      throw new Error(
        this.readers
          ? `array ${this} is of a training step before the last, and its memory was used again: ` +
            `read what is computed from it before the next step ends`
          : `the memory of array ${this} was used again for a later result: whoever gave it back was not ` +
            `the only one that reads it`,
      );
    }
    return buffer;
  }

  /** Puts the values in place. Ends the array's life as a pending node. */
  resolve(buffer: HostBuffer): void {
    this.isResult = this.isPending || this.inFlight !== undefined;
    this.#buffer = buffer;
    this.#generation = buffer.generation;
    this.node = undefined;
    this.inFlight = undefined;
  }

  /** Puts the values in place where they were computed. They come to the host when {@linkcode Runtime.evaluate} is asked. */
  resolveOnDevice(device: DeviceMemory): void {
    this.isResult = true;
    this.#device = device;
    this.node = undefined;
    this.inFlight = undefined;
  }

  /** Brings the values to the host, where they are not. */
  async download(): Promise<void> {
    if (this.#buffer || !this.#device) return;
    const data = await this.#device.read(this.dtype);
    if (this.#buffer) return;
    this.#buffer = new HostBuffer(data);
    this.#generation = this.#buffer.generation;
  }

  /** It was computed and read by a later step of the same call, and is gone. */
  passOver(): void {
    this.#isPassed = true;
    this.node = undefined;
    this.inFlight = undefined;
  }

  /** The values, on the host. The engine will not write into this memory again. */
  hostData(): TypedArray {
    const buffer = this.buffer;
    buffer.escaped = true;
    return buffer.data;
  }

  toString(): string {
    return `${this.dtype}${showShape(this.shape)}`;
  }
}

/**
 * An array over existing host memory (not copied). Who writes into that memory later sets `isShared`: what is recorded on the array
 * is computed from the values at that time.
 *
 * @throws {ShapeError} if the data's length does not fit the shape.
 */
export function fromHost(
  data: TypedArray,
  shape: Shape,
  dtype: DType = dtypeOfStorage(data),
): LazyArray {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `fromHost: ${data.length} values do not fill shape ${showShape(shape)}, expected ${
        sizeOf(shape)
      }`,
    );
  }
  const expected = createStorage(dtype, 0).constructor;
  if (data.constructor !== expected) {
    throw new ShapeError(
      `fromHost: dtype ${dtype} is stored in ${expected.name}, got ${data.constructor.name}`,
    );
  }
  const buffer = new HostBuffer(data);
  buffer.escaped = true; // The caller still holds the memory.
  return fromBuffer(buffer, shape, dtype);
}

/**
 * An array of values to which bytes point: images out of a file, scaled. Nothing is computed before somebody reads it; a device is
 * given the bytes, a quarter of what the values take, and looks them up itself.
 *
 * @param table what each byte stands for, as {@linkcode byteTable} makes it
 * @throws {ShapeError} if the bytes do not fill the shape
 */
export function fromBytes(bytes: Uint8Array, shape: Shape, table: LazyArray): LazyArray {
  if (bytes.length !== sizeOf(shape)) {
    throw new ShapeError(
      `fromBytes: ${bytes.length} bytes do not fill shape ${showShape(shape)}, expected ${
        sizeOf(shape)
      }`,
    );
  }
  return new LazyArray(table.dtype, shape, { bytes, table });
}

/** What each byte stands for, for {@linkcode fromBytes}: made once, it is a part of the programs that look it up. */
export function byteTable(valueOf: (byte: number) => number): LazyArray {
  return constant(Array.from({ length: 256 }, (_, byte) => valueOf(byte)));
}

function valuesOf({ bytes, table }: ByteValues): TypedArray {
  const values = table.buffer.data;
  const data = createStorage(table.dtype, bytes.length);
  for (let i = 0; i < bytes.length; i++) data[i] = values[bytes[i]];
  return data;
}

/** An array over a buffer of the engine's own. */
export function fromBuffer(buffer: HostBuffer, shape: Shape, dtype: DType): LazyArray {
  const array = new LazyArray(dtype, shape);
  array.resolve(buffer);
  return array;
}

/**
 * Values that belong to the computation itself (an epsilon, an axis length): written into the model,
 * so that another value makes another model. Use {@linkcode fromHost} for what changes from step to step.
 */
export function constant(
  values: number | readonly number[],
  dtype: DType = "float32",
  shape?: Shape,
): LazyArray {
  const list = typeof values === "number" ? [values] : values;
  const array = fromHost(
    storageFrom(list, dtype),
    shape ?? (typeof values === "number" ? [] : [list.length]),
    dtype,
  );
  array.isConstant = true;
  return array;
}

/** The input of a traced function: shape and element type known, values given at each call. */
export function placeholder(
  name: string,
  dtype: DType,
  shape: Shape,
  isFrozen = false,
): LazyArray {
  onnxTypeOf(dtype);
  const array = new LazyArray(dtype, shape);
  array.placeholder = { name, isFrozen };
  return array;
}

/** What a gradient rule is given. */
export interface GradientContext<A extends Attributes = Attributes> {
  readonly inputs: readonly LazyArray[];
  readonly outputs: readonly LazyArray[];
  readonly attributes: A;
  /** Gradient of each output; null where nothing flows back. */
  readonly upstream: readonly (LazyArray | null)[];
  /** Which inputs want a gradient; a rule may skip the others. */
  readonly needs: readonly boolean[];
}

/** An op: declared once, used by both idioms. */
export interface Op<A extends Attributes = Attributes> {
  readonly name: string;
  /** Type and shape of each output. Throws {@linkcode ShapeError} naming the op. */
  infer(inputs: readonly ArrayType[], attributes: A): ArrayType[];
  /** Floating-point operations that it takes, by the convention of {@linkcode countFlops}. */
  flops(inputs: readonly ArrayType[], outputs: readonly ArrayType[], attributes: A): number;
  /** Writes the op as ONNX nodes and returns the names of its outputs. */
  lower(
    writer: GraphWriter,
    inputs: readonly string[],
    attributes: A,
    types: LoweredTypes,
  ): string[];
  /** Computes the op on the host; left out for ops that always go to ONNX Runtime. */
  host?(inputs: readonly HostArray[], attributes: A, output: ArrayType): TypedArray;
  /** What rules may take for granted about it; see {@linkcode Trait}. */
  readonly traits?: readonly Trait[];
  /** True for ops whose host rule only moves memory: used on host data of any size. */
  readonly movesMemory?: boolean;
  /** The gradient of each input, null where there is none. Left out: the op has no gradient at all. */
  gradient?(context: GradientContext<A>): (LazyArray | null)[];
}

/** Types of an op's inputs and outputs while it is written. */
export interface LoweredTypes {
  readonly inputs: readonly ArrayType[];
  readonly outputs: readonly ArrayType[];
  /** Which outputs somebody reads; an op can leave out one that costs time. */
  readonly used: readonly boolean[];
}
