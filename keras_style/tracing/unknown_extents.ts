/**
 * Extents that are not known while a function is recorded. Graphs are recorded with all extents known; so an unknown one
 * is stood in for by a prime that nobody writes by hand, and found again by it: in shapes, in attributes and in constants.
 * @module
 */
import { type Attribute, type Attributes, constant, type LazyArray } from "../../onnx/mod.ts";

/** Primes far from each other and from the numbers of units, channels and pixels that networks have. */
const STAND_INS = [6007, 6211, 6421, 6637, 6823, 7027, 7237, 7451, 7673, 7883] as const;

/** Numbers below this one are never taken for an extent. */
const SMALLEST = 300;
/** How far an extent may be from another one by addition: a border, a window. */
const MOST_ADDED = 16;
/** How many extents a number may be the product of. */
const MOST_FACTORS = 4;
/** Relative error of a number as float32, twice rounded. */
const ROUNDING = 2 ** -22;
/** How many times an extent may stand in another one. */
const MOST_TIMES = 4096;

/**
 * The stand-in of the i-th unknown extent.
 *
 * @throws {RangeError} if there are too many of them
 */
export function standIn(i: number): number {
  if (i < STAND_INS.length) return STAND_INS[i];
  throw new RangeError(
    `tfFunction: inputSignature has ${
      i + 1
    } unknown extents or more, expected at most ${STAND_INS.length}`,
  );
}

/** Whether a number that a recording holds follows from an unknown extent, as far as can be told. */
export function isUnknown(recorded: number): boolean {
  const other = new ExtentTranslation();
  for (const prime of STAND_INS) other.learn([prime], [prime + 1]);
  if (other.number(recorded) !== recorded) return true;
  // Halved by a stride or a pooling, once or more.
  return STAND_INS.some((prime) =>
    [2, 4, 8, 16].some((times) => Math.abs(recorded * times - prime) <= MOST_ADDED * times) &&
    recorded >= SMALLEST
  );
}

/** What the numbers of a recording become for known extents. */
export class ExtentTranslation {
  readonly #known = new Map<number, number>();
  readonly #ambiguous = new Set<number>();

  /** Takes over the extents of an array: as recorded, and as they are now. */
  learn(recorded: readonly number[], now: readonly number[]): void {
    recorded.forEach((extent, i) => {
      if (extent < SMALLEST) return;
      const before = this.#known.get(extent);
      if (before !== undefined && before !== now[i]) this.#ambiguous.add(extent);
      this.#known.set(extent, now[i]);
    });
  }

  /**
   * Takes over an extent that a function worked out.
   *
   * @throws {RangeError} if it was so small while recording that it cannot be told from other numbers
   */
  learnComputed(recorded: number, now: number): void {
    if (recorded < SMALLEST && recorded !== now) {
      throw new RangeError(
        `tfFunction: an extent that follows from unknown ones was ${recorded} while the function was recorded, ` +
          `and is ${now} now; expected at least ${SMALLEST} of it, for extents of ${
            STAND_INS[0]
          } and more`,
      );
    }
    this.learn([recorded], [now]);
  }

  /**
   * A whole number of the recording, translated; one that has nothing to do with an extent stays as it is.
   *
   * @throws {RangeError} if it could mean two things
   */
  number(recorded: number): number {
    if (!Number.isInteger(recorded) || Math.abs(recorded) < SMALLEST) return recorded;
    if (recorded < 0) return -this.number(-recorded);
    if (this.#ambiguous.has(recorded)) {
      throw new RangeError(
        `tfFunction: the recorded extent ${recorded} stands for two different ones; write it as a function of tensors`,
      );
    }
    const known = this.#known.get(recorded);
    if (known !== undefined) return known;
    for (const prime of STAND_INS) {
      const extent = this.#known.get(prime);
      if (extent === undefined) continue;
      const times = recorded / prime;
      if (Number.isInteger(times) && this.#isMultiple(times)) return extent * this.number(times);
      const added = recorded - prime;
      if (Math.abs(added) <= MOST_ADDED) return extent + added;
    }
    return recorded;
  }

  #isMultiple(times: number): boolean {
    return times <= MOST_TIMES || this.number(times) !== times || this.#known.has(times);
  }

  /** Like {@linkcode ExtentTranslation.number}, also for products as float32 keeps them, and for what is divided by them. */
  value(recorded: number): number {
    const exact = this.number(recorded);
    if (exact !== recorded || recorded === 0) return exact;
    const isShare = Math.abs(recorded) < 1;
    const size = isShare ? 1 / recorded : recorded;
    const translated = this.#rounded(Math.abs(size)) * Math.sign(size);
    if (translated === size) return recorded;
    return isShare ? 1 / translated : translated;
  }

  /** A number that is a whole multiple of extents' product but for the rounding of float32. */
  #rounded(size: number): number {
    if (size < STAND_INS[0]) return size;
    for (const [product, now] of this.#products()) {
      const times = Math.round(size / product);
      const isNear = Math.abs(size - times * product) <= ROUNDING * size;
      if (times >= 1 && times <= MOST_TIMES && isNear) return times * now;
    }
    return size;
  }

  /** Products of the stand-ins that are known, and what they are now; the longest first. */
  #products(): [product: number, now: number][] {
    const extents = STAND_INS.flatMap((prime): [number, number][] => {
      const now = this.#known.get(prime);
      return now === undefined ? [] : [[prime, now]];
    });
    let longest: [number, number][] = [[1, 1]];
    const all: [number, number][] = [];
    for (let factors = 0; factors < MOST_FACTORS; factors++) {
      longest = longest.flatMap(([p, n]) =>
        extents.map(([q, m]): [number, number] => [p * q, n * m])
      );
      all.unshift(...longest);
    }
    return all;
  }

  /** Attributes of an op, translated; undefined if they hold an extent that is not known yet. */
  attributes(recorded: Attributes): Attributes | undefined {
    const numbers = Object.values(recorded).flat().filter((value) => typeof value === "number");
    if (numbers.some((value) => this.#isMissing(value))) return undefined;
    return Object.fromEntries(
      Object.entries(recorded).map(([name, value]) => [name, this.#attribute(value)]),
    );
  }

  #isMissing(recorded: number): boolean {
    return this.number(recorded) === recorded && !this.#known.has(recorded) && isUnknown(recorded);
  }

  #attribute(value: Attribute): Attribute {
    if (typeof value === "number") return this.number(value);
    if (!Array.isArray(value)) return value;
    return value.map((one) => typeof one === "number" ? this.number(one) : one) as Attribute;
  }

  /** A small array of numbers that is part of the recording, translated. */
  constant(recorded: LazyArray): LazyArray {
    const values = Array.from(recorded.buffer.data, Number);
    const translated = values.map((value) => this.value(value));
    if (translated.every((value, i) => value === values[i])) return recorded;
    return constant(translated, recorded.dtype, recorded.shape);
  }
}
