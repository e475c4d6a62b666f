/**
 * Notices computations that are built again and again because the sizes of their arrays change: each size costs a program,
 * which takes longer to build than to run.
 * @module
 */
import type { PendingGraph } from "../graph.ts";

/** A full batch, an incomplete last one, the same in evaluation, and some more. */
const USUAL = 8;

/** So many computations are followed; older ones are forgotten. */
const FOLLOWED = 256;

/** Smaller graphs are built at once. */
const WORTH_SAYING = 20;

let said = false;

/** Weights keep their sizes while batches change theirs. */
const CHANGING = 4;

/** A computation: the sizes it was built for last, and how often it was built since the weights had these sizes. */
interface Built {
  readonly shapes: readonly string[];
  readonly count: number;
}

/** Counts the programs of each computation. */
export class ShapeChanges {
  readonly #built = new Map<string, Built>();

  /** @param say called once in a process; `console.warn` unless given */
  constructor(readonly say: (text: string) => void = sayOnce) {}

  /** A program was built for a graph. */
  compiled(graph: PendingGraph): void {
    if (graph.nodes.length < WORTH_SAYING) return;
    const key = graph.nodes.map(({ op }) => op.name).join();
    const shapes = graph.leaves.map(String);
    const before = this.#built.get(key);
    const count = before && isOtherBatch(before.shapes, shapes) ? before.count + 1 : 1;
    this.#built.delete(key);
    this.#built.set(key, { shapes, count });
    if (this.#built.size > FOLLOWED) this.#built.delete(this.#built.keys().next().value!);
    if (count === USUAL) this.say(hint(graph));
  }
}

function isOtherBatch(before: readonly string[], now: readonly string[]): boolean {
  const changed = now.filter((shape, i) => shape !== before[i]).length;
  return changed > 0 && changed <= CHANGING && changed * 2 <= now.length;
}

function hint({ leaves }: PendingGraph): string {
  const largest = leaves.reduce((a, b) => b.size > a.size ? b : a);
  return `one computation was built ${USUAL} times for arrays of other sizes (now with one of ${largest}), which ` +
    `takes longer than running it: pad or bucket the data to few sizes, or leave out an incomplete last batch ` +
    `(dropLast of a DataLoader, dropRemainder of batch)`;
}

function sayOnce(text: string): void {
  if (said) return;
  said = true;
  console.warn(text);
}
