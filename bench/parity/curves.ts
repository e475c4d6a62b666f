/**
 * What elementwise ops make of single values, whatever values a batch brings them: relu and relu6 are the same below 6, and
 * fresh weights bring nothing above it deep in a network.
 * @module
 */
import { applyOp, fromHost, type GraphNode, hasTrait, type LazyArray } from "../../onnx/mod.ts";
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

/** What is known of an array: a function of one array's values, or of none. */
type Known = Curve | { readonly of: null; readonly values: LazyArray };

/** Ops of single elements that the engine does not rewrite as such. */
const more = new Set(["Where", "Clamp"]);

/** The curves of a recorded pass; its constants must not have been given back yet. */
class Curves {
  readonly #known = new Map<LazyArray, Known>();
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
      (isConstant(array) ? { of: null, values: array } : { of: array, values: this.#points });
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
    const [values] = applyOp(node.op, inputs.map(({ values }) => values), node.attributes);
    const [of = null] = sources;
    return values.size === (of ? grid.length : 1) ? { of, values } : null;
  }
}

/** A curve whose source is one of the results of a pass, by its index; the model's inputs are -1, -2, ... */
export interface RecordedCurve {
  readonly of: number;
  readonly values: LazyArray;
}

/** Of each result its curve; null for what has none, or none of a result. */
export function recordedCurves(
  results: readonly { readonly array: LazyArray }[],
  inputs: readonly LazyArray[],
  dataflow: Dataflow,
): (RecordedCurve | null)[] {
  const at = new Map<LazyArray, number>();
  const put = (array: LazyArray, index: number) => {
    const root = dataflow.root(array);
    if (!at.has(root)) at.set(root, index);
  };
  inputs.forEach((array, i) => put(array, -1 - i));
  results.forEach(({ array }, i) => put(array, i));
  const curves = new Curves(dataflow);
  return results.map(({ array }) => {
    const curve = curves.of(array);
    const of = curve ? at.get(curve.of) : undefined;
    return of === undefined ? null : { of, values: curve!.values };
  });
}

function isConstant(array: LazyArray): boolean {
  return array.size === 1 && array.isOnHost;
}
