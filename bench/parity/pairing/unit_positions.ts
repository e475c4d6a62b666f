/**
 * Where in a model's graph each layer with weights stands, told in a way that can be compared between the idioms: by the
 * layers with weights above and below it, whatever their names and the order of calls.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { LazyArray } from "../../../onnx/mod.ts";
import type { nn } from "../../../torch_style/mod.ts";
import type { Dataflow } from "../recording/dataflow.ts";

/** One call of something with weights. */
export interface UnitCall<T> {
  readonly owner: T;
  /** Sizes of the weights; several where the other idiom may have several modules one behind the other. */
  readonly labels: readonly string[];
  readonly inputs: readonly LazyArray[];
  readonly outputs: readonly LazyArray[];
}

/** Fingerprints of what lies around a layer. */
export interface Position {
  /** Everything that its input was computed from. */
  readonly above: string;
  /** Everything that its result goes into. */
  readonly below: string;
  /** The same, with the kinds of ops between. */
  readonly aboveWithOps: string;
  readonly belowWithOps: string;
  /** What lies around it within 1, 2, 3 steps. */
  readonly near: readonly string[];
  /** Place in the order of calls. */
  readonly order: number;
  /** Places of the calls whose results it is given. */
  readonly given: readonly number[];
}

/** Where layers and modules stand in the graphs that the models recorded. */
export interface Positions {
  readonly keras: ReadonlyMap<Layer, Position>;
  readonly torch: ReadonlyMap<nn.AnyModule, Position>;
}

/** Ops that tell branches apart, in both idioms. */
const telling = /pool|concat|softmax|gelu|erf|sigmoid|tanh|matMul|reduce|^mean|max$/i;

/** Finds the position of each owner; of its first call where there are several. */
export function positionsOf<T>(
  calls: readonly UnitCall<T>[],
  dataflow: Dataflow,
): Map<T, Position> {
  const madeBy = new Map<LazyArray, number>();
  const edges = calls.map(({ inputs, outputs }, at) => {
    const { arrays, ops } = dataflow.sources(inputs, (array) => madeBy.has(array));
    for (const output of outputs.map((one) => dataflow.root(one))) {
      if (!madeBy.has(output)) madeBy.set(output, at);
    }
    const given = [...new Set(arrays.map((array) => madeBy.get(array)!))].filter((i) => i !== at);
    return { given, ops: [...new Set(ops.filter((op) => telling.test(op)))].sort().join() };
  });
  const taken = calls.map((_, i) =>
    calls.flatMap((_, at) => edges[at].given.includes(i) ? [at] : [])
  );
  const above = downThrough(calls, edges, false);
  const aboveWithOps = downThrough(calls, edges, true);
  const below = upThrough(calls, edges, taken, false);
  const belowWithOps = upThrough(calls, edges, taken, true);
  const near = nearby(calls, edges, taken);
  const found = new Map<T, Position>();
  calls.forEach(({ owner }, i) => {
    if (found.has(owner)) return;
    found.set(owner, {
      above: above[i],
      below: below[i],
      aboveWithOps: aboveWithOps[i],
      belowWithOps: belowWithOps[i],
      near: near.map((values) => values[i]),
      order: i,
      given: edges[i].given,
    });
  });
  return found;
}

interface Edges {
  readonly given: readonly number[];
  readonly ops: string;
}

function downThrough(
  calls: readonly UnitCall<unknown>[],
  edges: readonly Edges[],
  withOps: boolean,
): string[] {
  const found: string[] = [];
  calls.forEach(({ labels }, i) => {
    const from = edges[i].given.filter((at) => at < i).map((at) => found[at]).sort();
    const start = digest([withOps ? edges[i].ops : "", ...from]);
    found.push(labels.reduce((value, label) => digest([label, value]), start));
  });
  return found;
}

function upThrough(
  calls: readonly UnitCall<unknown>[],
  edges: readonly Edges[],
  taken: readonly (readonly number[])[],
  withOps: boolean,
): string[] {
  const found: string[] = [];
  for (let i = calls.length - 1; i >= 0; i--) {
    const to = taken[i].filter((at) => at > i)
      .map((at) => withOps ? digest([edges[at].ops, found[at]]) : found[at]).sort();
    found[i] = calls[i].labels.reduceRight((value, label) => digest([label, value]), digest(to));
  }
  return found;
}

function nearby(
  calls: readonly UnitCall<unknown>[],
  edges: readonly Edges[],
  taken: readonly (readonly number[])[],
): string[][] {
  let values = calls.map(({ labels }) => labels.join());
  const all: string[][] = [];
  for (let step = 0; step < 3; step++) {
    values = values.map((value, i) =>
      digest([
        value,
        ...edges[i].given.map((at) => `<${values[at]}`).sort(),
        ...taken[i].map((at) => `>${values[at]}`).sort(),
      ])
    );
    all.push(values);
  }
  return all;
}

/** A short text for a list of texts (FNV-1a, twice 32 bits). */
function digest(parts: readonly string[]): string {
  const text = parts.join("|");
  let [a, b] = [0x811c9dc5, 0xc9dc5118];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b);
  }
  return `${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
}
