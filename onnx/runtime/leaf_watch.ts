/**
 * Which leaves of a program are the same arrays call after call: the weights of a network that is evaluated.
 * @module
 */
import type { TypedArray } from "../dtype.ts";
import type { LazyArray } from "../lazy_array.ts";

/** Smaller arrays, such as what JavaScript computes anew from a batch norm's weights at every call, are told by their values. */
const TOLD_BY_VALUES = 1024;

const isSmall = ({ size }: LazyArray) => size < TOLD_BY_VALUES;

/** Arrays as they were at one call. They are not kept alive. */
export class SeenLeaves {
  readonly #serials: ReadonlyMap<number, number>;
  readonly #values: ReadonlyMap<number, Uint8Array>;

  /** @param positions of the leaves to be seen */
  constructor(leaves: readonly LazyArray[], readonly positions: readonly number[]) {
    this.#serials = new Map(positions.map((i) => [i, leaves[i].serial]));
    const small = positions.filter((i) => isSmall(leaves[i]) && leaves[i].isOnHost);
    this.#values = new Map(small.map((i) => [i, bytesOf(leaves[i].buffer.data).slice()]));
  }

  /** Whether the leaf at a position is still the same. */
  isAt(i: number, leaf: LazyArray): boolean {
    if (this.#serials.get(i) === leaf.serial && !leaf.isShared) return true;
    const before = this.#values.get(i);
    return before !== undefined && leaf.isOnHost && sameBytes(before, bytesOf(leaf.buffer.data));
  }

  /** Whether all leaves that were seen are still the same. */
  areIn(leaves: readonly LazyArray[]): boolean {
    return this.positions.every((i) => this.isAt(i, leaves[i]));
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Watches the calls of a program whose leaves may change at any of them. */
export class LeafWatch {
  /** Large leaves of the last call. */
  #large: SeenLeaves | undefined;
  /** What was the same at the last two calls or more, as it was at the second of them. */
  #same: SeenLeaves | undefined;
  /** How many calls in a row had something the same as the first of them. */
  calls = 0;

  /** Looks at the leaves of a call. @returns positions of those that were the same at all of those calls */
  look(leaves: readonly LazyArray[]): readonly number[] {
    const all = leaves.map((_, i) => i);
    const large = all.filter((i) => !isSmall(leaves[i]));
    const before = this.#large;
    this.#large = new SeenLeaves(leaves, large);
    if (!before || !large.some((i) => before.isAt(i, leaves[i]))) return this.#begin(undefined);
    const since = this.#same;
    // Training, where all large leaves change, does not pay for looking at values.
    if (!since) {
      const same = all.filter((i) => isSmall(leaves[i]) || before.isAt(i, leaves[i]));
      return this.#begin(new SeenLeaves(leaves, same));
    }
    const still = since.positions.filter((i) => since.isAt(i, leaves[i]));
    if (!still.some((i) => !isSmall(leaves[i]))) return this.#begin(undefined);
    if (still.length < since.positions.length) this.#same = new SeenLeaves(leaves, still);
    this.calls++;
    return still;
  }

  #begin(seen: SeenLeaves | undefined): readonly number[] {
    this.#same = seen;
    this.calls = seen ? 1 : 0;
    return [];
  }
}
