/**
 * What an op is: one declaration holds its shape rule, how it is written as ONNX, how small cases are
 * computed on the host, and its gradient.
 * @module
 */
import type { DType, TypedArray } from "./dtype.ts";
import { fromBuffer, type GraphNode, HostBuffer, LazyArray } from "./lazy_array.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { type Shape, ShapeError, sizeOf } from "./shape.ts";

/** An attribute of an op. Plain data, because it is part of the structure key. */
export type Attribute = number | string | boolean | null | readonly number[] | readonly string[];

/** Named attributes of an op. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** Element type and shape: all that shape rules see of an array. */
export interface ArrayType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An array's numbers on the host, with type and shape: what host rules compute with. */
export interface HostArray extends ArrayType {
  readonly data: TypedArray;
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
  /** Writes the op as ONNX nodes and returns the names of its outputs. */
  lower(
    writer: GraphWriter,
    inputs: readonly string[],
    attributes: A,
    types: LoweredTypes,
  ): string[];
  /** Computes the op on the host; left out for ops that always go to ONNX Runtime. */
  host?(inputs: readonly HostArray[], attributes: A, output: ArrayType): TypedArray;
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

/** Up to this many elements an op on host data is computed at once, in JavaScript, without a session. */
export const HOST_LIMIT = 1024;

let limit = HOST_LIMIT;

/** The limit that holds now: {@linkcode HOST_LIMIT} unless {@linkcode limitHostWork} was called. */
export function hostLimit(): number {
  return limit;
}

/**
 * Chooses up to how many elements work is done in JavaScript from now on. With 0 everything that computes goes to
 * ONNX Runtime, which is what a test of an execution provider wants; only memory is moved on the host then.
 *
 * @throws {RangeError} naming the number unless it is a whole one of at least 0
 */
export function limitHostWork(elements: number): void {
  if (!Number.isInteger(elements) || elements < 0) {
    throw new RangeError(`limitHostWork: ${elements}, expected an integer of at least 0`);
  }
  limit = elements;
}

/**
 * Applies an op: computes it at once where all inputs are on the host and the work is small, else
 * records a node.
 *
 * @returns one array an output.
 */
export function applyOp<A extends Attributes>(
  op: Op<A>,
  inputs: readonly LazyArray[],
  attributes: A = {} as A,
): LazyArray[] {
  const types = op.infer(inputs, attributes);
  const outputs = computeOnHost(op as unknown as Op, inputs, attributes, types) ?? [];
  const node = { op: op as unknown as Op, inputs, attributes, outputs };
  recorder?.push(node);
  if (outputs.length > 0) return outputs;
  types.forEach(({ dtype, shape }, i) => {
    const output = new LazyArray(dtype, shape);
    output.node = node;
    output.outputIndex = i;
    outputs.push(output);
  });
  return outputs;
}

let recorder: GraphNode[] | undefined;

/**
 * Runs a function and tells which ops it applied, in order, whether they were recorded or computed at
 * once: what automatic differentiation walks back over.
 */
export function recordOps<T>(run: () => T): { result: T; nodes: GraphNode[] } {
  const outer = recorder;
  const nodes: GraphNode[] = [];
  recorder = nodes;
  try {
    return { result: run(), nodes };
  } finally {
    recorder = outer;
    outer?.push(...nodes);
  }
}

function computeOnHost(
  op: Op,
  inputs: readonly LazyArray[],
  attributes: Attributes,
  types: readonly ArrayType[],
): LazyArray[] | undefined {
  if (op.host && types.length === 1 && runsOnHost(op, inputs, types[0])) {
    const views = inputs.map((x) => ({ dtype: x.dtype, shape: x.shape, data: x.buffer.data }));
    const data = op.host(views, attributes, types[0]);
    return [fromBuffer(hostResult(data, inputs), types[0].shape, types[0].dtype)];
  }
  return undefined;
}

/** A host rule may return a view of its input (reshape): both then share one buffer that nobody recycles. */
function hostResult(data: TypedArray, inputs: readonly LazyArray[]): HostBuffer {
  const source = inputs.find((x) => x.buffer.data.buffer === data.buffer)?.buffer;
  if (source) source.escaped = true;
  const buffer = new HostBuffer(data);
  buffer.escaped = source !== undefined;
  return buffer;
}

function runsOnHost(op: Op, inputs: readonly LazyArray[], output: ArrayType): boolean {
  if (inputs.length === 0) return false;
  if (!inputs.every((x) => x.isOnHost)) return false;
  if (op.movesMemory) return true;
  return sizeOf(output.shape) <= limit && inputs.every((x) => x.size <= limit);
}

/** Throws a {@linkcode ShapeError} that begins with the op's name. */
export function failShape(op: string, message: string): never {
  throw new ShapeError(`${op}: ${message}`);
}
