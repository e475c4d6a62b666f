/**
 * Compares activation functions by themselves, where their batch's values do not reach what tells them apart.
 * @module
 */
import { grid } from "./curves.ts";
import type { Result } from "./results.ts";

/** Where two functions of single values differ. */
export interface CurveDifference {
  /** Names of the two results. */
  readonly keras: string;
  readonly torch: string;
  /** The value that both are given, and what they make of it. */
  readonly at: number;
  readonly kerasValue: number;
  readonly torchValue: number;
}

/** How far the two may be apart, relative to the function or to 1: formulas of one function differ by rounding. */
const TOLERANCE = 2e-5;
/** Points that are shown first: people know functions by what they do here. */
const NEAR = 8;

/** Functions of single values, held against each other. */
export class CurveComparison {
  readonly #done = new Set<string>();

  /** @param found for each of Keras' results, PyTorch's that has the same values */
  constructor(
    readonly keras: readonly Result[],
    readonly torch: readonly Result[],
    readonly found: readonly (number | null)[],
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
    return [
      this.#between(i, to),
      ...this.given(from, given.from),
      ...(given.curve ? [] : this.#nearlyGiven(from, given.from)),
    ].filter((difference) => difference !== null);
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

/** The point where two functions are furthest apart, near 0 if they are there. */
function furthestApart(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  isReached: (x: number) => boolean,
): Pick<CurveDifference, "at" | "kerasValue" | "torchValue"> | null {
  const apart = (i: number) => distance(first[i], second[i]);
  const different = grid.flatMap((x, i) => isReached(x) && apart(i) > TOLERANCE ? [i] : []);
  if (different.length === 0) return null;
  const near = different.filter((i) => Math.abs(grid[i]) <= NEAR);
  const i = (near.length > 0 ? near : different).reduce((a, b) => apart(b) > apart(a) ? b : a);
  return { at: grid[i], kerasValue: first[i], torchValue: second[i] };
}

/** What values can come: behind a relu or a softmax, say, none below 0. */
function reachedBy(values: Float32Array | null): (x: number) => boolean {
  if (values === null) return () => true;
  if (values.some((value) => value < 0)) return () => true;
  return values.some((value) => value > 1) ? (x) => x >= 0 : (x) => x >= 0 && x <= 1;
}

function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const apart = Math.abs(a - b) / Math.max(1, Math.abs(a));
  return Number.isNaN(apart) ? Infinity : apart;
}
