/**
 * Which leaves of a program are the same arrays call after call: the weights of a network that is evaluated.
 * @module
 */
import { sameBytes, viewBytes } from "../bytes.ts";
import type { LazyArray } from "../lazy_array.ts";
import { HOST_LIMIT } from "../op.ts";

/** Small arrays, such as what JavaScript computes anew from a batch norm's weights at every call, are told by their values. */
const isSmall = ({ size }: LazyArray) => size <= HOST_LIMIT;

/** Arrays as they were at one call. They are not kept alive. */
export class SeenLeaves {
  readonly #serials: ReadonlyMap<number, number>;
  readonly #values: ReadonlyMap<number, Uint8Array>;

  /** @param positions of the leaves to be seen */
  constructor(leaves: readonly LazyArray[], readonly positions: readonly number[]) {
    this.#serials = new Map(positions.map((i) => [i, leaves[i].serial]));
    const small = positions.filter((i) => isSmall(leaves[i]) && leaves[i].isOnHost);
    this.#values = new Map(small.map((i) => [i, viewBytes(leaves[i].buffer.data).slice()]));
  }

  /** Whether the leaf at a position is still the same. */
  isAt(i: number, leaf: LazyArray): boolean {
    if (this.#serials.get(i) === leaf.serial) return true;
    const before = this.#values.get(i);
    return before !== undefined && leaf.isOnHost && sameBytes(before, viewBytes(leaf.buffer.data));
  }

  /** Whether all leaves that were seen are still the same. */
  areIn(leaves: readonly LazyArray[]): boolean {
    return this.positions.every((i) => this.isAt(i, leaves[i]));
  }
}

/** Watches the calls of a program whose leaves may change at any of them. */
export class LeafWatch {
  /** Positions of the large leaves: leaves of one program have the same sizes at every call. */
  #large: readonly number[] | undefined;
  /** Serials of the large leaves of the last call. */
  readonly #serials: number[] = [];
  /** What was the same at the last two calls or more, as it was at the second of them. */
  #same: SeenLeaves | undefined;
  /** How many calls in a row had something the same as the first of them. */
  calls = 0;

  /** Looks at the leaves of a call. @returns positions of those that were the same at all of those calls */
  look(leaves: readonly LazyArray[]): readonly number[] {
    const large = this.#sameLarge(leaves);
    // Training, where all large leaves change, does not pay for looking at values.
    if (large.length === 0) return this.#begin(undefined);
    const since = this.#same;
    if (!since) {
      const small = leaves.flatMap((leaf, i) => isSmall(leaf) ? [i] : []);
      return this.#begin(new SeenLeaves(leaves, [...small, ...large]));
    }
    const still = since.positions.filter((i) => since.isAt(i, leaves[i]));
    if (!still.some((i) => !isSmall(leaves[i]))) return this.#begin(undefined);
    if (still.length < since.positions.length) this.#same = new SeenLeaves(leaves, still);
    this.calls++;
    return still;
  }

  /** Positions of large leaves that are the last call's. */
  #sameLarge(leaves: readonly LazyArray[]): number[] {
    this.#large ??= leaves.flatMap((leaf, i) => isSmall(leaf) ? [] : [i]);
    const same: number[] = [];
    for (const i of this.#large) {
      const { serial } = leaves[i];
      if (this.#serials[i] === serial) same.push(i);
      this.#serials[i] = serial;
    }
    return same;
  }

  #begin(seen: SeenLeaves | undefined): readonly number[] {
    this.#same = seen;
    this.calls = seen ? 1 : 0;
    return [];
  }
}
