/**
 * What elementwise ops make of single values, whatever values a batch brings them: relu and relu6 are the same below 6, and
 * fresh weights bring nothing above it deep in a network.
 * @module
 */
import {
  applyOp,
  fromHost,
  type GraphNode,
  hasTrait,
  type LazyArray,
  type Op,
} from "../../../onnx/mod.ts";
import type { Dataflow } from "./dataflow.ts";

/** An array as a function of the single values of another one. */
export interface Curve {
  /** The nearest array above that is no such function of anything, as its root. */
  readonly of: LazyArray;
  /** The function at the points of {@linkcode grid}, still to be evaluated. */
  readonly values: LazyArray;
}

/** Close by each other where activation functions bend, then on to where exponentials still are finite; no bend is met exactly. */
export const grid: readonly number[] = [
  ...Array.from({ length: 400 }, (_, i) => (i - 199.63) * 0.04),
  ...Array.from({ length: 56 }, (_, i) => 8.37 + 0.93 * i),
  ...Array.from({ length: 56 }, (_, i) => -8.37 - 0.93 * i),
];

/** What is known of an array: a function of one array's values, or of none; equal functions have one key. */
type Known = { readonly key: string } & (Curve | { readonly of: null; readonly values: LazyArray });

/** Ops of single elements that the engine does not rewrite as such. */
const more = new Set(["Where", "Clamp"]);

/** The curves of a recorded pass; its constants must not have been given back yet. */
class Curves {
  readonly #known = new Map<LazyArray, Known>();
  /** By op: what it makes of functions, which are the same in every step of a recurrent layer. */
  readonly #made = new Map<Op, Map<string, Pick<Known, "key" | "values">>>();
  #count = 0;
  readonly #points = fromHost(Float32Array.from(grid), [grid.length]);

  constructor(readonly dataflow: Dataflow) {}

  /** null for what is no function of one array's single values. */
  of(array: LazyArray): Curve | null {
    const curve = this.#of(array);
    return curve.of === null || curve.of === this.dataflow.root(array) ? null : curve;
  }

  #of(given: LazyArray): Known {
    const array = this.dataflow.root(given);
    const known = this.#known.get(array);
    if (known) return known;
    const found = this.#through(this.dataflow.producer(array), array) ??
      (isConstant(array)
        ? { of: null, values: array, key: `${array.dtype} ${array.hostData()[0]}` }
        : { of: array, values: this.#points, key: "x" });
    this.#known.set(array, found);
    return found;
  }

  /** A node's result by what it is given; null where that is no function of single values. */
  #through(node: GraphNode | undefined, array: LazyArray): Known | null {
    if (!node || node.outputs.length !== 1 || node.inputs.length === 0) return null;
    if (hasTrait(node.op, "relayout")) {
      const [input] = node.inputs;
      return isConstant(array) ? null : this.#of(input);
    }
    if (!hasTrait(node.op, "elementwise") && !more.has(node.op.name)) return null;
    const inputs = node.inputs.map((input) => this.#of(input));
    const sources = new Set(inputs.map(({ of }) => of).filter((of) => of !== null));
    if (sources.size > 1) return null;
    const made = this.#apply(node, inputs);
    const [of = null] = sources;
    return made.values.size === (of ? grid.length : 1) ? { of, ...made } : null;
  }

  #apply({ op, attributes }: GraphNode, inputs: readonly Known[]): Pick<Known, "key" | "values"> {
    const made = this.#made.getOrInsertComputed(op, () => new Map());
    const text = JSON.stringify(attributes, (_, one) => typeof one === "object" ? one : `${one}`);
    return made.getOrInsertComputed([...inputs.map(({ key }) => key), text].join(), () => {
      const [values] = applyOp(op, inputs.map(({ values }) => values), attributes);
      return { values, key: `${this.#count++}` };
    });
  }
}

/** A curve whose source is one of the results of a pass, by its index; the model's inputs are -1, -2, ... */
interface RecordedCurve {
  readonly of: number;
  readonly values: LazyArray;
}

/** What a result is made by, still to be evaluated. */
export interface RecordedFunctions {
  /** null for what is no function of another result's single values. */
  readonly curve: RecordedCurve | null;
  /** Functions between it and the results above it. */
  readonly functions: readonly LazyArray[];
  /** Indices of the nearest results above, those inside a layer or module too. */
  readonly above: readonly number[];
}

/** Of each result its curve, and the functions on the way to it. */
export function recordFunctions(
  results: readonly { readonly array: LazyArray }[],
  inputs: readonly LazyArray[],
  dataflow: Dataflow,
): RecordedFunctions[] {
  const at = new Map<LazyArray, number>();
  const put = (array: LazyArray, index: number) => {
    const root = dataflow.root(array);
    if (!at.has(root)) at.set(root, index);
  };
  inputs.forEach((array, i) => put(array, -1 - i));
  results.forEach(({ array }, i) => put(array, i));
  const curves = new Curves(dataflow);
  const ends = endsOfFunctions(curves, dataflow);
  return results.map(({ array }) => {
    const curve = curves.of(array);
    const of = curve ? at.get(curve.of) : undefined;
    const own = dataflow.root(array);
    const { arrays, between } = dataflow.sources([own], (one) => one !== own && at.has(one));
    const functions = between.flatMap((one) => ends.get(one) ?? []);
    return {
      curve: of === undefined ? null : { of, values: curve!.values },
      functions: [...new Set(functions)],
      above: arrays.map((one) => at.get(one)!).filter((index) => index >= 0),
    };
  });
}

/** What of it has to be evaluated. */
export function evaluatedIn({ curve, functions }: RecordedFunctions): LazyArray[] {
  return curve ? [curve.values, ...functions] : [...functions];
}

/** Functions by the array that is their last step: it goes into what is none, such as the product of a gate and a state. */
function endsOfFunctions(curves: Curves, dataflow: Dataflow): Map<LazyArray, LazyArray> {
  const ends = new Map<LazyArray, LazyArray>();
  const goesOn = new Map<LazyArray, boolean>();
  for (const { op, inputs, outputs } of dataflow.nodes.toReversed()) {
    const array = dataflow.root(outputs[0]);
    const curve = curves.of(array);
    if (array !== outputs[0]) continue;
    const isMoved = hasTrait(op, "relayout");
    const isEnd = !isMoved && !goesOn.get(array);
    if (isEnd && curve && isFloat(array) && isFloat(curve.of)) ends.set(array, curve.values);
    for (const root of inputs.map((input) => dataflow.root(input))) {
      const isExtended = curve !== null && curves.of(root)?.of === curve.of &&
        (!isMoved || goesOn.get(array) === true);
      goesOn.set(root, isExtended && goesOn.get(root) !== false);
    }
  }
  return ends;
}

function isFloat({ dtype }: LazyArray): boolean {
  return dtype === "float32";
}

function isConstant(array: LazyArray): boolean {
  return array.size === 1 && array.isOnHost;
}
