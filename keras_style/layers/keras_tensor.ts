/**
 * Symbolic tensors: what a model is put together from before there is data, and the graph that they are part of.
 * Follows keras/src/backend/common/keras_tensor.py and keras/src/ops/node.py of Keras 3.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { autoName } from "../naming.ts";
import { inferResults, SpecLeaf, type TensorSpec } from "../tracing/mod.ts";
import { leavesOfKind, mapNested } from "./nested.ts";

/** Dimensions; null is unknown. */
export type Shape = readonly (number | null)[];

/** What makes symbolic tensors out of others: a layer, or a function of tensors. */
export interface Operation {
  readonly name: string;
  /** Its symbolic calls, in order. */
  readonly inboundNodes: Node[];
}

/** A symbolic call of an operation. */
export class Node {
  /** The symbolic tensors among the arguments. */
  readonly inputs: readonly KerasTensor[];
  /** The symbolic tensors in the result, in order. */
  readonly outputs: readonly KerasTensor[];

  /**
   * Adds itself to the operation's calls.
   *
   * @param args positional arguments, symbolic tensors at whatever depth
   * @param options what was said by name
   * @param results the result as nested specifications
   */
  constructor(
    readonly operation: Operation,
    readonly args: readonly unknown[],
    readonly options: Readonly<Record<string, unknown>>,
    results: unknown,
  ) {
    this.inputs = leavesOfKind([args, options], KerasTensor);
    const outputs: KerasTensor[] = [];
    this.result = mapNested(results, (leaf) => {
      if (!(leaf instanceof SpecLeaf)) return leaf;
      const tensor = new KerasTensor(leaf.shape, leaf.dtype, {
        name: `${operation.name}_output${outputs.length === 0 ? "" : `_${outputs.length}`}`,
        node: this,
        index: outputs.length,
      });
      outputs.push(tensor);
      return tensor;
    });
    this.outputs = outputs;
    operation.inboundNodes.push(this);
  }

  /** The result, nested as the operation gives it. */
  readonly result: unknown;

  /** The number of this call among the operation's. */
  get index(): number {
    return this.operation.inboundNodes.indexOf(this);
  }
}

/** Where a symbolic tensor comes from. */
export interface TensorHistory {
  readonly name?: string;
  readonly node?: Node;
  /** Which of the node's outputs it is. */
  readonly index?: number;
}

/** A function of tensors, as a part of a graph. */
export class TensorOperation implements Operation {
  readonly inboundNodes: Node[] = [];

  /** @param saved the name that {@linkcode registerOperation} gave the function; undefined: models with it cannot be saved */
  constructor(
    readonly kind: string,
    readonly run: (...args: unknown[]) => unknown,
    readonly saved?: string,
    readonly name: string = autoName(kind),
  ) {}
}

/** A function of tensors, which is given tensors in the indices of symbolic ones. */
type TensorFunction = (...args: unknown[]) => unknown;

const registered = new Map<string, TensorFunction>();

/**
 * Makes a function known under a name, by which saved models find it.
 *
 * @param saved such as "ops.add": the name with what it is a part of
 */
export function registerOperation(saved: string, run: TensorFunction): void {
  registered.set(saved, run);
}

/** Whether a function is known under a name. */
export function isOperation(saved: string): boolean {
  return registered.has(saved);
}

/** How an operation becomes part of a graph. */
export interface OperationOptions {
  /** The name in {@linkcode registerOperation}. */
  readonly saved?: string;
  /** The operation's own name; made of its kind unless given. */
  readonly name?: string;
}

/**
 * Calls a function of tensors, at once if all of its tensors have values, else as a part of a graph. Everything that is
 * to take symbolic tensors goes through this: `keras.ops`, arithmetic.
 *
 * @param kind the function's name, which the operation is named after
 * @param run takes the arguments with tensors in the indices of symbolic ones
 */
export function applyOperation<R>(
  kind: string,
  run: (...args: unknown[]) => R,
  args: readonly unknown[],
  { saved, name }: OperationOptions = {},
): R {
  const inputs = leavesOfKind(args, KerasTensor);
  if (inputs.length === 0) return run(...args);
  const given = withoutEnd(args);
  const results = inferResults(
    (...tensors) => run(...withTensors(given, tensors) as unknown[]),
    inputs,
  );
  return new Node(new TensorOperation(kind, run, saved, name), given, {}, results).result as R;
}

/** Calls a function that was saved by its name. @throws {Error} for one that is not known */
export function applySavedOperation(
  saved: string,
  args: readonly unknown[],
  name: string,
): unknown {
  const run = registered.get(saved);
  if (!run) throw new Error(`operation ${JSON.stringify(saved)} is not known`);
  return applyOperation(saved.split(".").at(-1)!, run, args, { saved, name });
}

/** Arguments without those at the end that were left out. */
function withoutEnd(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

/** The same nesting with tensors in the indices of symbolic ones, in the order of {@linkcode leavesOfKind}. */
export function withTensors(nested: unknown, tensors: readonly unknown[]): unknown {
  let at = 0;
  return mapNested(nested, (leaf) => leaf instanceof KerasTensor ? tensors[at++] : leaf);
}

/** What arithmetic takes beside a symbolic tensor. */
export type Operand = KerasTensor | tf.Tensor | number;

/** Arithmetic on symbolic tensors, named as TensorFlow.js' methods of tensors. */
export interface KerasTensor {
  add(other: Operand): KerasTensor;
  sub(other: Operand): KerasTensor;
  mul(other: Operand): KerasTensor;
  div(other: Operand): KerasTensor;
  pow(other: Operand): KerasTensor;
  maximum(other: Operand): KerasTensor;
  minimum(other: Operand): KerasTensor;
  matMul(other: KerasTensor | tf.Tensor): KerasTensor;
  neg(): KerasTensor;
  abs(): KerasTensor;
  square(): KerasTensor;
  sqrt(): KerasTensor;
  exp(): KerasTensor;
  log(): KerasTensor;
  relu(): KerasTensor;
  sigmoid(): KerasTensor;
  tanh(): KerasTensor;
  softmax(axis?: number): KerasTensor;
  sum(axis?: number | number[], keepDims?: boolean): KerasTensor;
  mean(axis?: number | number[], keepDims?: boolean): KerasTensor;
  max(axis?: number | number[], keepDims?: boolean): KerasTensor;
  min(axis?: number | number[], keepDims?: boolean): KerasTensor;
  reshape(shape: readonly number[]): KerasTensor;
  transpose(permutation?: readonly number[]): KerasTensor;
  expandDims(axis?: number): KerasTensor;
  squeeze(axis?: readonly number[]): KerasTensor;
  slice(begin: readonly number[] | number, size?: readonly number[] | number): KerasTensor;
  cast(dtype: tf.DataType): KerasTensor;
}

const METHODS = [
  ...["add", "sub", "mul", "div", "pow", "maximum", "minimum", "matMul", "neg", "abs", "square"],
  ...["sqrt", "exp", "log", "relu", "sigmoid", "tanh", "softmax", "sum", "mean", "max", "min"],
  ...["reshape", "transpose", "expandDims", "squeeze", "slice", "cast"],
];

/**
 * A tensor without values: shape, element type, and what it comes from. Layers called with one become parts of a
 * model.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const x = keras.Input({ shape: [4] });
 * const y = x.add(1).mul(0.5);
 * console.log(y.shape); // [ null, 4 ]
 * ```
 */
export class KerasTensor implements TensorSpec {
  readonly name: string;
  readonly #history: TensorHistory;

  constructor(
    readonly shape: Shape,
    readonly dtype: tf.DataType = "float32",
    history: TensorHistory = {},
  ) {
    this.name = history.name ?? autoName("KerasTensor");
    this.#history = history;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The call that it is a result of. @throws {Error} if it is none */
  get node(): Node {
    if (this.#history.node) return this.#history.node;
    throw new Error(`symbolic tensor "${this.name}" comes from no layer, expected one of Input`);
  }

  /** Which of the call's results it is. */
  get index(): number {
    return this.#history.index ?? 0;
  }

  /** What made it. */
  get operation(): Operation {
    return this.node.operation;
  }

  toString(): string {
    return `KerasTensor(${this.name}, ${this.dtype}[${this.shape.map(String).join(", ")}])`;
  }
}

for (const name of METHODS) {
  const run = (x: unknown, ...rest: unknown[]) =>
    (x as Record<string, (...args: unknown[]) => tf.Tensor>)[name](...rest);
  const saved = `tensor.${name}`;
  registerOperation(saved, run as TensorFunction);
  Object.defineProperty(KerasTensor.prototype, name, {
    configurable: true,
    value(this: KerasTensor, ...args: unknown[]) {
      return applyOperation(name, run as TensorFunction, [this, ...args], { saved });
    },
  });
}
