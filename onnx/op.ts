/**
 * Applies ops: computes them at once where all is on the host and small, else records them.
 * @module
 */
import { isFloating, roundStored, type TypedArray } from "./dtype.ts";
import { fromBuffer, type GraphNode, HostBuffer, LazyArray, type Op } from "./lazy_array.ts";
import type { ArrayType, Attributes, HostArray, Trait } from "./op_types.ts";
import { countReader } from "./readers.ts";
import { ShapeError, sizeOf } from "./shape.ts";

export type { GradientContext, LoweredTypes, Op } from "./lazy_array.ts";
export type * from "./op_types.ts";

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
 * @throws {RangeError} naming the value unless it is an integer of at least 0
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
  for (const input of inputs) {
    input.keepValues();
    countReader(input);
  }
  for (const { dtype, shape } of types) {
    const output = new LazyArray(dtype, shape);
    output.node = node;
    output.outputIndex = outputs.length;
    outputs.push(output);
  }
  return outputs;
}

/** What is recorded at present though JavaScript could compute it at once. */
const recorded = { results: false, arrays: false };

function recording<T>(what: keyof typeof recorded, run: () => T): T {
  const outer = recorded[what];
  recorded[what] = true;
  try {
    return run();
  } finally {
    recorded[what] = outer;
  }
}

/**
 * Runs a function in which results of evaluations are not computed with in JavaScript, however small: a step that reads those of
 * an earlier call is recorded as one that reads those of the step before.
 */
export function recordingResults<T>(run: () => T): T {
  return recording("results", run);
}

/**
 * Runs a function in which only single numbers are computed with in JavaScript: for what is a part of a call anyhow, such as an
 * optimizer's update of biases, whose values and momentum lie on the host.
 */
export function recordingArrays<T>(run: () => T): T {
  return recording("arrays", run);
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
    const data = valuesOnHost(op, views, attributes, types[0]);
    const result = fromBuffer(hostResult(data, inputs), types[0].shape, types[0].dtype);
    const whole = inputs.find((x) => x.buffer.data === data);
    if (whole) result.hasValuesOf(whole);
    return [result];
  }
  return undefined;
}

/** What an op's host rule gives. */
export function valuesOnHost(
  op: Op,
  inputs: readonly HostArray[],
  attributes: Attributes,
  output: ArrayType,
): TypedArray {
  const data = op.host!(inputs, attributes, output);
  return op.movesMemory ? data : roundStored(data, output.dtype);
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
  if (recorded.results && inputs.some((x) => x.isResult)) return false;
  if (op.movesMemory) return true;
  if (recorded.arrays && inputs.some((x) => x.size > 1)) return false;
  return sizeOf(output.shape) <= limit && inputs.every((x) => x.size <= limit);
}

/** Whether an op has a trait. */
export function hasTrait(op: Op, trait: Trait): boolean {
  return op.traits?.includes(trait) ?? false;
}

/** Throws a {@linkcode ShapeError} that begins with the op's name. */
export function failShape(op: string, message: string): never {
  throw new ShapeError(`${op}: ${message}`);
}

/** @throws {ShapeError} naming the op unless an array holds floating point numbers */
export function checkFloating(op: string, { dtype }: ArrayType): void {
  if (isFloating(dtype)) return;
  failShape(op, `dtype ${dtype} is not supported, expected a floating point type`);
}
