/**
 * Records a function once: tensors that come in become placeholders, variables that are read become
 * inputs, those that are assigned become outputs.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  collectGraph,
  type DType,
  LazyArray,
  placeholder,
  type RandomStream,
} from "../../onnx/mod.ts";
import { elementType, type OnnxRuntimeBackend, type TraceListener } from "../engine/mod.ts";
import { callerLine } from "./caller_line.ts";
import { RandomCallDetector } from "./random_call_detector.ts";
import { isVariable, mapLeaves } from "./containers.ts";
import {
  type ComputedDimension,
  dimensionValue,
  type Output,
  type Recording,
  ResultSlot,
  type Source,
} from "./recording.ts";
import { hideUnknownDimensions } from "./hidden_dimensions.ts";
import { isUnknown, standInsIn } from "./symbolic_dimensions.ts";

/** A variable while a function is recorded. */
interface TracedVariable {
  readonly variable: tf.Variable;
  /** Stands for its value when a call begins. */
  readonly input: LazyArray;
  /** Its value when the trace began, or when the function made it. */
  value: LazyArray;
  /** Keeps the data of a variable that was there before. */
  before: tf.Tensor | undefined;
}

/** Records one call of a function. Nothing is computed, and variables keep their values. */
export class Trace implements TraceListener {
  readonly #backend: OnnxRuntimeBackend;
  readonly #sources = new Map<LazyArray, Source>();
  readonly #variables = new Map<tf.Variable, TracedVariable>();
  readonly #keys: Source[] = [];
  #arguments = 0;
  readonly #chance = new RandomCallDetector();
  /** Shapes of the arguments with symbolic dimensions; undefined where all are known. */
  readonly #shapes: readonly (readonly number[])[] | undefined;
  readonly #standIns: readonly number[];
  readonly #computedDimensions: ComputedDimension[] = [];
  /** Values that JavaScript made meanwhile. */
  readonly #written = new Set<LazyArray>();

  constructor(backend: OnnxRuntimeBackend, shapes?: readonly (readonly number[])[]) {
    this.#backend = backend;
    this.#shapes = shapes;
    this.#standIns = standInsIn(shapes ?? []);
  }

  /** @throws {Error} whatever the function throws, or what cannot be recorded */
  record(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): Recording {
    const engine = tf.engine();
    let recording: Recording;
    let unliftable: tf.Variable[] = [];
    const { gradientDepth } = engine.state;
    engine.startScope("tfFunction");
    this.#backend.beginTrace(this);
    using _watch = this.#chance.watch();
    using _variables = this.#watchVariables();
    try {
      recording = this.#finish(this.#run(fn, args));
    } finally {
      // A gradient tape that was left open ends with the function.
      engine.state.gradientDepth = gradientDepth;
      this.#restoreVariables();
      engine.endScope();
      this.#backend.endTrace();
      unliftable = this.#initializeMade();
    }
    if (unliftable.length === 0) return recording;
    throw new Error(
      `tfFunction: variable ${
        unliftable[0].name
      } was made inside the function from a value that changes ` +
        `from call to call (an argument, another variable); make it outside the function`,
    );
  }

  /** Calls the function, which sees no dimensions that are not known. */
  #run(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
    using _hidden = this.#shapes && hideUnknownDimensions((dimension) => this.isUnknown(dimension));
    const inner = args.map((arg) => mapLeaves(arg, (leaf) => this.#enterArgument(leaf)));
    return fn(...inner);
  }

  /** Variables get a placeholder for a value when they are met first: a trace does not cost more where there are many. */
  touched(variable: tf.Variable): void {
    if (variable.dtype === "string" || variable.isDisposed || this.#variables.has(variable)) return;
    this.#enter(variable, "from before");
  }

  /** From now on, until disposed, variables that are made get a placeholder for a value at once. */
  #watchVariables(): Disposable {
    const engine = tf.engine() as unknown as { makeVariable?(...args: unknown[]): tf.Variable };
    const { makeVariable } = engine;
    engine.makeVariable = (...args) => {
      const variable = makeVariable!.apply(engine, args);
      if (variable.dtype !== "string") this.#enter(variable, "made");
      return variable;
    };
    // What is left is the method of the class again.
    return { [Symbol.dispose]: () => void delete engine.makeVariable };
  }

  read(): never {
    throw new Error(
      `the value of a tensor was asked for inside a tfFunction${callerLine()}, where tensors have no values ` +
        "yet; return the tensor and read it outside, or decide with tf.where",
    );
  }

  written(array: LazyArray): LazyArray {
    this.#written.add(array);
    return this.#chance.standInFor(array);
  }

  drawKey(stream?: RandomStream): LazyArray {
    const source: Source = { kind: "key", stream };
    this.#keys.push(source);
    return this.#placeholder(`key ${this.#keys.length}`, "uint32", [2], source);
  }

  dimensionsOf(array: LazyArray): LazyArray | undefined {
    if (!this.#shapes) return undefined;
    const source = this.#sources.get(array);
    if (source?.kind !== "argument") return undefined;
    const known = [...this.#sources].find(([, other]) =>
      other.kind === "dimensions" && other.index === source.index
    );
    if (known) return known[0];
    const own: Source = { kind: "dimensions", index: source.index };
    return this.#placeholder(
      `dimensions of argument ${source.index}`,
      "int32",
      [array.shape.length],
      own,
    );
  }

  isUnknown(dimension: number): boolean {
    return this.#shapes !== undefined && isUnknown(dimension, this.#standIns);
  }

  dimension(array: LazyArray): number {
    const graph = collectGraph([array]);
    const dimensionsOf = new Map<LazyArray, number>();
    for (const leaf of graph.leaves) {
      const source = this.#sources.get(leaf);
      if (source?.kind === "dimensions") dimensionsOf.set(leaf, source.index);
      else if (leaf.placeholder) {
        throw new Error(
          "tfFunction: a dimension follows from the values in a tensor, expected one that follows from shapes",
        );
      }
    }
    const shapeOf = (leaf: LazyArray) => this.#shapes?.[dimensionsOf.get(leaf) ?? -1];
    const value = dimensionValue(array, graph, shapeOf);
    if (dimensionsOf.size > 0) this.#computedDimensions.push({ array, graph, dimensionsOf, value });
    return value;
  }

  #placeholder(name: string, dtype: DType, shape: readonly number[], source: Source): LazyArray {
    const array = placeholder(name, dtype, [...shape]);
    this.#sources.set(array, source);
    return array;
  }

  #enterArgument(leaf: unknown): unknown {
    if (!(leaf instanceof tf.Tensor) || isVariable(leaf)) return leaf;
    const index = this.#arguments++;
    const dtype = elementType(leaf) as DType;
    const shape = this.#shapes?.[index] ?? leaf.shape;
    const source: Source = { kind: "argument", index };
    return this.#tensor(this.#placeholder(`argument ${index}`, dtype, shape, source));
  }

  #tensor(array: LazyArray): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.#backend.adopt(array), this.#backend);
  }

  #enter(variable: tf.Variable, origin: "made" | "from before"): void {
    const { name, shape } = variable;
    const source: Source = { kind: "variable", variable };
    const dtype = elementType(variable) as DType;
    const input = this.#placeholder(`variable ${name}`, dtype, shape, source);
    const traced: TracedVariable = { variable, input, value: input, before: undefined };
    // Known before anything else happens to it: reading it below announces it again.
    this.#variables.set(variable, traced);
    traced.value = this.#backend.array(variable);
    if (origin === "from before") traced.before = this.#handle(variable);
    this.#assign(variable, input);
  }

  /** A tensor that keeps a variable's data. */
  #handle({ dataId, shape, dtype }: tf.Variable): tf.Tensor {
    this.#backend.incRef(dataId);
    // The function may be in a scope of its own when it meets the variable.
    return tf.keep(
      tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, this.#backend),
    );
  }

  #assign(variable: tf.Variable, array: LazyArray): void {
    const tensor = this.#tensor(array);
    variable.assign(tensor);
    tensor.dispose();
  }

  #finish(result: unknown): Recording {
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new Error("tfFunction: the function returned a promise, expected tensors at once");
    }
    const results: LazyArray[] = [];
    const template = mapLeaves(result, (leaf) => {
      if (!(leaf instanceof tf.Tensor)) return leaf;
      if (leaf.isDisposed) throw new Error("tfFunction: the function returned a disposed tensor");
      return new ResultSlot(results.push(this.#backend.array(leaf)) - 1);
    });
    const changed = [...this.#variables.values()].flatMap(({ variable, input }) => {
      if (variable.isDisposed) return [];
      const array = this.#backend.array(variable);
      return array === input ? [] : [{ variable, array }];
    });
    const outputs = [...results, ...changed.map(({ array }) => array)];
    const roots = [...new Set(outputs.filter((array) => array.isPending))];
    const graph = collectGraph(roots);
    const outputOf = (array: LazyArray): Output =>
      array.isPending ? { root: roots.indexOf(array) } : { source: this.#sourceOf(array) };
    return {
      graph,
      roots,
      sources: graph.leaves.map((leaf) => this.#sourceOf(leaf)),
      changed: changed.map(({ variable, array }) => ({ variable, output: outputOf(array) })),
      result: template,
      resultOutputs: results.map(outputOf),
      keys: this.#keys,
      computedDimensions: this.#computedDimensions,
      written: this.#written,
    };
  }

  #sourceOf(array: LazyArray): Source {
    const known = this.#sources.get(array);
    if (known) return known;
    this.#chance.refuse(array);
    if (array.placeholder) {
      throw new Error(
        `tensor ${array} was made inside an earlier tfFunction call and has no value; ` +
          `return it from that function`,
      );
    }
    this.#backend.pin(array);
    return { kind: "captured", array };
  }

  #restoreVariables(): void {
    for (const { variable, before } of this.#variables.values()) {
      if (before && !variable.isDisposed) variable.assign(before);
      before?.dispose();
    }
  }

  /**
   * Variables that the function made get the value they were made with; the first call starts from it.
   *
   * @returns those whose first value cannot be known before the call
   */
  #initializeMade(): tf.Variable[] {
    const made = [...this.#variables.values()].filter(({ variable, before }) =>
      !before && !variable.isDisposed
    );
    return made.flatMap(({ variable, value }) => {
      const first = this.#firstValue(value);
      if (!first) return [variable];
      this.#assign(variable, first);
      return [];
    });
  }

  /** What a variable was made with, as an array that can be computed outside; random numbers may be in it. */
  #firstValue(value: LazyArray): LazyArray | undefined {
    const graph = collectGraph([value]);
    const leaves = graph.leaves.map((leaf) => this.#chance.valuesOf(leaf) ?? leaf);
    if (leaves.some((leaf) => leaf.placeholder)) return undefined;
    if (leaves.every((leaf, i) => leaf === graph.leaves[i])) return value;
    if (!value.isPending) return leaves[0];
    const first = new LazyArray(value.dtype, value.shape);
    const run = this.#backend.runtime.replay(graph, [value], leaves, [first]);
    first.inFlight = this.#backend.during(run);
    first.inFlight.catch(() => {});
    return first;
  }
}
