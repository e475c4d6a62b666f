/**
 * Which evaluations are steps of one loop: those that follow each other, are the same but for their values, and read what
 * the one before computed always at the same positions.
 * @module
 */
import type { PendingGraph } from "../graph.ts";
import { suitsHost } from "../host_evaluation.ts";
import type { LazyArray } from "../lazy_array.ts";
import { checkedLeaves } from "../ops/index_range.ts";

/** An evaluation: a graph, the arrays to feed, and the arrays that get the values of the roots. */
export interface RecordedStep {
  readonly graph: PendingGraph;
  readonly roots: readonly LazyArray[];
  readonly leaves: readonly LazyArray[];
  readonly outputs: readonly LazyArray[];
  /**
   * What each leaf waited for when the evaluation was asked for: evaluations before it, or something outside. One that is asked
   * for later, because of a failure, would wait for this one.
   */
  readonly waiting: readonly (Promise<unknown> | undefined)[];
}

/** A step with the key of its structure. */
interface KeyedStep extends RecordedStep {
  readonly key: string;
}

/** How values flow through a loop of steps. */
export interface StepPlan {
  /** For each leaf the root of the step before that it is fed from; undefined for those fed from outside. */
  readonly carriedFrom: readonly (number | undefined)[];
  /** For each leaf whether every step has a value of its own, fed from outside. */
  readonly perStep: readonly boolean[];
}

/** Evaluations that are one call. */
export class StepGroup<S extends KeyedStep = KeyedStep> {
  readonly steps: S[];
  #carriedFrom: readonly (number | undefined)[] | undefined;
  /** What the steps compute, less what the last one does. */
  readonly #earlier = new Set<LazyArray>();

  constructor(first: S) {
    this.steps = [first];
  }

  /**
   * Adds an evaluation, if it is a further step of the loop.
   *
   * @param isReadLater whether an array is read by yet another evaluation, after this one
   */
  take(step: S, isReadLater: (array: LazyArray) => boolean): boolean {
    const last = this.steps.at(-1)!;
    if (step.key !== last.key || !isLoopable(step)) return false;
    const indices = new Map(last.outputs.map((output, i) => [output, i]));
    const from = step.leaves.map((leaf) => indices.get(leaf));
    const known = this.#carriedFrom;
    if (known && from.some((root, i) => root !== known[i])) return false;
    if (step.leaves.some((leaf) => this.#earlier.has(leaf))) return false;
    if (step.leaves.some((leaf) => indices.has(leaf) && isReadLater(leaf))) return false;
    // What is carried is not there to be looked at between two steps.
    if (checkedLeaves(step.graph).some(({ leaf }) => from[leaf] !== undefined)) return false;
    this.#carriedFrom = from;
    for (const output of last.outputs) this.#earlier.add(output);
    this.steps.push(step);
    return true;
  }

  /** How values flow; for groups of several steps. */
  get plan(): StepPlan {
    const [first, ...others] = this.steps;
    const carriedFrom = this.#carriedFrom!;
    const perStep = first.leaves.map((leaf, i) =>
      carriedFrom[i] === undefined && others.some(({ leaves }) => leaves[i] !== leaf)
    );
    return { carriedFrom, perStep };
  }

  /** Groups with one key share a program, however many steps they have. */
  get key(): string {
    const { carriedFrom, perStep } = this.plan;
    return `steps|${carriedFrom}|${perStep.map(Number)}|${this.steps[0].key}`;
  }

  /** Waits for everything that is fed from outside. */
  async ready(): Promise<void> {
    const carriedFrom = this.#carriedFrom ?? [];
    await Promise.all(
      this.steps.flatMap(({ waiting }, step) =>
        step === 0 ? waiting : waiting.filter((_, i) => carriedFrom[i] === undefined)
      ),
    );
  }
}

/** Cuts evaluations, in their order, into groups of one call each. */
export function groupSteps<S extends KeyedStep>(steps: readonly S[]): StepGroup<S>[] {
  if (steps.length === 1) return [new StepGroup(steps[0])];
  const groups: StepGroup<S>[] = [];
  const lastReader = new Map(steps.flatMap(({ leaves }, i) => leaves.map((leaf) => [leaf, i])));
  steps.forEach((step, i) => {
    const isReadLater = (array: LazyArray) => lastReader.get(array) !== i;
    if (!groups.at(-1)?.take(step, isReadLater)) groups.push(new StepGroup(step));
  });
  return groups;
}

/** Small graphs are computed without ONNX Runtime. */
function isLoopable({ graph, leaves }: RecordedStep): boolean {
  return leaves !== graph.leaves || !suitsHost(graph);
}
