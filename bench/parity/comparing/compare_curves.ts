/**
 * Compares activation functions by themselves, where their batch's values do not reach what tells them apart.
 * @module
 */
import { grid } from "../recording/curves.ts";
import {
  furthestApart,
  haveCounterparts,
  onlyInOne,
  type PointApart,
} from "./function_distance.ts";
import type { RowStatus } from "../report/report.ts";
import type { Result } from "../recording/results.ts";

/** Where two functions of single values differ. */
export interface CurveDifference extends PointApart {
  /** Names of the two results. */
  readonly keras: string;
  readonly torch: string;
}

/** Functions of single values, held against each other. */
export class CurveComparison {
  readonly #done = new Set<string>();

  /**
   * @param found for each of Keras' results, PyTorch's that has the same values
   * @param statuses of Keras' results
   */
  constructor(
    readonly keras: readonly Result[],
    readonly torch: readonly Result[],
    readonly found: readonly (number | null)[],
    readonly statuses: readonly RowStatus[],
  ) {}

  /**
   * A result's own function, and those of what it is given: PyTorch may have one too many before what takes it.
   *
   * @param i of Keras' result
   */
  differences(i: number): CurveDifference[] {
    const to = this.found[i];
    if (to === null) return [];
    const { from } = this.keras[i];
    const given = this.torch[to];
    const found = [
      this.#between(i, to),
      ...this.given(from, given.from),
      ...(given.curve ? [] : this.#nearlyGiven(from, given.from)),
    ].filter((difference) => difference !== null);
    return found.length > 0 ? found : this.#inside(i, to);
  }

  /**
   * Compares all functions between a result and those above it that are the same in both, wherever each stands there: gates in
   * a recurrent layer, a relu before a max pooling or behind it.
   */
  #inside(i: number, to: number): CurveDifference[] {
    const equal = this.#equalTo(to);
    // What is computed from them has a row of its own where it differs.
    const isReported = this.keras.some(({ from }, at) =>
      this.statuses[at] === "differs" && from.some((one) => equal.includes(one))
    );
    if (isReported || equal.at(-1) !== i) return [];
    const { keras, torch } = this.#functionsAbove(to, equal);
    const difference = onlyInOne([...keras.keys()], [...torch.keys()]);
    if (!difference) return [];
    const { own, other, point } = difference;
    return [{
      ...point,
      keras: this.keras[keras.get(own) ?? i].name,
      torch: this.torch[torch.get(other) ?? to].name,
    }];
  }

  /** Keras' results that have the values of one of PyTorch's. */
  #equalTo(to: number): number[] {
    return this.keras.flatMap((_, at) => this.#isSame(this.found[at], to) ? [at] : []);
  }

  /** Those above results of the same values, up to results of other values that both have. */
  #functionsAbove(
    to: number,
    equal: readonly number[],
  ): Readonly<Record<"keras" | "torch", FunctionsAbove>> {
    const sources: number[] = [];
    const keras = functionsAbove(this.keras, equal, (at) => {
      const other = this.found[at];
      if (other === null) return false;
      sources.push(other);
      return true;
    });
    const twins = this.torch.flatMap((_, at) => this.#isSame(to, at) ? [at] : []);
    const isSource = (at: number) => sources.some((source) => this.#isSame(source, at));
    return { keras, torch: functionsAbove(this.torch, twins, isSource) };
  }

  /**
   * Compares what a step is given in both.
   *
   * @param sources Keras' results
   * @param from PyTorch's, and what those are computed from until one has a source's values
   */
  given(sources: readonly number[], from: readonly number[]): CurveDifference[] {
    const visited = new Set<number>();
    const visit = (at: number): (CurveDifference | null)[] => {
      if (visited.has(at)) return [];
      visited.add(at);
      const source = sources.find((one) => this.#isSame(this.found[one], at));
      return source === undefined
        ? this.torch[at].from.flatMap(visit)
        : [this.#between(source, at)];
    };
    return from.flatMap(visit).filter((difference) => difference !== null);
  }

  /**
   * What both are given is not the same, and all the same they give what agrees: where it is a function of the same values in
   * both, it is another function, and its weight is small (GELU and its formula by tanh, in a residual network).
   */
  #nearlyGiven(sources: readonly number[], from: readonly number[]): (CurveDifference | null)[] {
    const open = sources.filter((one) => this.found[one] === null && this.keras[one].curve);
    return from.flatMap((at) => {
      const { curve, kind } = this.torch[at];
      if (!curve) return /pad/i.test(kind) ? this.#nearlyGiven(open, this.torch[at].from) : [];
      return open.map((one) => this.#between(one, at));
    });
  }

  /** null where they are the same function, functions of results that are no counterparts, or compared already. */
  #between(i: number, to: number): CurveDifference | null {
    const [own, other] = [this.keras[i].curve, this.torch[to].curve];
    if (this.#done.has(`${i} ${to}`) || (!own && !other)) return null;
    this.#done.add(`${i} ${to}`);
    const [of, otherOf] = [own?.of ?? i, other?.of ?? to];
    if (!this.#isSame(of < 0 ? of : this.found[of], otherOf)) return null;
    const reached = reachedBy(of < 0 ? null : this.keras[of].values);
    const point = furthestApart(own?.values ?? grid, other?.values ?? grid, reached);
    // It changes no value of this batch: the other model may have it further above, before a max pooling.
    if (point && of >= 0 && this.#isSame(this.found[of], to)) {
      const { keras, torch } = this.#functionsAbove(to, this.#equalTo(to));
      if (haveCounterparts([...keras.keys()], [...torch.keys()])) return null;
    }
    return point && { ...point, keras: this.keras[i].name, torch: this.torch[to].name };
  }

  /** Whether two of PyTorch's results, or inputs, are the same one or have the same values. */
  #isSame(a: number | null, b: number): boolean {
    if (a === b) return true;
    if (a === null || a < 0 || b < 0) return false;
    const [first, second] = [this.torch[a].values, this.torch[b].values];
    return first.length === second.length && first.every((value, i) => value === second[i]) &&
      first.some((value) => value !== 0);
  }
}

/** Functions, each with the first result that it leads to. */
type FunctionsAbove = ReadonlyMap<Float32Array, number>;

/** Functions between results and the nearest ones above them that are sources. */
function functionsAbove(
  results: readonly Result[],
  from: readonly number[],
  isSource: (at: number) => boolean,
): FunctionsAbove {
  const visited = new Set(from);
  // Grows as it is walked.
  for (const at of visited) {
    for (const above of results[at].above ?? []) {
      if (!visited.has(above) && !isSource(above)) visited.add(above);
    }
  }
  const lastFirst = [...visited].sort((a, b) => b - a);
  return new Map(
    lastFirst.flatMap((at) => (results[at].functions ?? []).map((one) => [one, at] as const)),
  );
}

/** What values can come: behind a relu or a softmax, say, none below 0. */
function reachedBy(values: Float32Array | null): (x: number) => boolean {
  if (values === null) return () => true;
  if (values.some((value) => value < 0)) return () => true;
  return values.some((value) => value > 1) ? (x) => x >= 0 : (x) => x >= 0 && x <= 1;
}
