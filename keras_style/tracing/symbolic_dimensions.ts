/**
 * Dimensions that are not known while a function is recorded. Graphs are recorded with all dimensions known; so an unknown one
 * is stood in for by a prime that nobody writes by hand, and found again by it: in shapes, in attributes and in constants.
 * @module
 */
import { type Attribute, type Attributes, constant, type LazyArray } from "../../onnx/mod.ts";

/** Primes more than a border away from each other, from multiples of 64 and of 100; parts of them, from sizes that are usual. */
const FIRST_AXES = [40361, 41183, 42337, 43541, 44383] as const;
/** Smaller: TensorFlow.js may fill tensors of several such dimensions. */
const INNER_AXES = [6637, 6763, 7451, 8353, 6563, 7253, 5927, 7523, 8161, 6871] as const;
const STAND_INS: readonly number[] = [...FIRST_AXES, ...INNER_AXES];
const SMALLEST_STAND_IN = Math.min(...STAND_INS);
const LARGEST_STAND_IN = Math.max(...STAND_INS);

/** Values below this one are never taken for a dimension. */
const SMALLEST = 300;
/** How far a dimension may be from another one by addition: a border, a window. */
const MOST_ADDED = 16;
/** Into how many parts strides may cut a dimension. */
const MOST_PARTS = 16;
/** How many dimensions a number may be the product of. */
const MOST_FACTORS = 4;
/** Relative error of a number as float32, twice rounded. */
const ROUNDING = 2 ** -22;
/** How many times a product of dimensions may stand in a number that was rounded: an image's pixels and channels. */
const MOST_TIMES_ROUNDED = 2 ** 18;
/** How many times a dimension may stand in another one. */
const MOST_TIMES = 4096;

/**
 * A symbolic dimension that is not used yet.
 *
 * @param isFirst whether it is for a first axis, along which there is much of everything
 * @throws {RangeError} if there are too many of them
 */
export function freshStandIn(used: ReadonlySet<number>, isFirst: boolean): number {
  const choice: readonly number[] = isFirst ? FIRST_AXES : INNER_AXES;
  const fresh = choice.find((prime) => !used.has(prime));
  if (fresh !== undefined) return fresh;
  throw new RangeError(
    `tfFunction: inputSignature has more than ${choice.length} unknown dimensions on ${
      isFirst ? "first" : "inner"
    } axes, expected at most so many different ones`,
  );
}

/** The symbolic dimensions in the shapes that a function is recorded with. */
export function standInsIn(shapes: readonly (readonly number[])[]): number[] {
  return STAND_INS.filter((prime) => shapes.some((shape) => shape.includes(prime)));
}

/** Whether a number that a recording with these symbolic dimensions holds follows from an unknown dimension, as far as can be seen. */
export function isUnknown(recorded: number, standIns: readonly number[]): boolean {
  const other = new DimensionTranslation();
  for (const prime of standIns) other.learn([prime], [prime + 1]);
  if (other.number(recorded) !== recorded) return true;
  // A part of it by strides, poolings or splits.
  return recorded >= SMALLEST && standIns.some((prime) => {
    const times = Math.round(prime / recorded);
    return times <= MOST_PARTS && Math.abs(recorded * times - prime) <= MOST_ADDED * times;
  });
}

/** What the values of a recording become for known dimensions. */
export class DimensionTranslation {
  readonly #known = new Map<number, number>();
  readonly #ambiguous = new Set<number>();

  /** Takes over the dimensions of an array: as recorded, and as they are now. */
  learn(recorded: readonly number[], now: readonly number[]): void {
    recorded.forEach((dimension, i) => {
      if (dimension < SMALLEST) return;
      const before = this.#known.get(dimension);
      if (before !== undefined && before !== now[i]) this.#ambiguous.add(dimension);
      this.#known.set(dimension, now[i]);
    });
  }

  /**
   * Takes over a dimension that a function worked out.
   *
   * @throws {RangeError} if it was so small while recording that it cannot be told from other values
   */
  learnComputed(recorded: number, now: number): void {
    if (recorded < SMALLEST && recorded !== now) {
      throw new RangeError(
        `tfFunction: a dimension that follows from unknown ones was ${recorded} while the function was recorded, ` +
          `and is ${now} now; expected at least ${SMALLEST} of it, for dimensions of ${SMALLEST_STAND_IN} and more`,
      );
    }
    this.learn([recorded], [now]);
  }

  /**
   * An integer of the recording, translated; one that has nothing to do with a dimension stays as it is.
   *
   * @throws {RangeError} if it could mean two things
   */
  number(recorded: number): number {
    if (!Number.isInteger(recorded) || Math.abs(recorded) < SMALLEST) return recorded;
    if (recorded < 0) return -this.number(-recorded);
    if (this.#ambiguous.has(recorded)) {
      throw new RangeError(
        `tfFunction: the recorded dimension ${recorded} stands for two different ones; write it as a function of tensors`,
      );
    }
    const known = this.#known.get(recorded);
    if (known !== undefined) return known;
    for (const prime of STAND_INS) {
      const dimension = this.#known.get(prime);
      if (dimension === undefined) continue;
      const times = recorded / prime;
      if (Number.isInteger(times) && this.#isMultiple(times)) return dimension * this.number(times);
      const added = recorded - prime;
      if (Math.abs(added) <= MOST_ADDED) return dimension + added;
    }
    return recorded;
  }

  #isMultiple(times: number): boolean {
    return times <= MOST_TIMES || this.number(times) !== times || this.#known.has(times);
  }

  /** Like {@linkcode DimensionTranslation.number}, also for products as float32 keeps them, and for what is divided by them. */
  value(recorded: number): number {
    const exact = this.number(recorded);
    if (exact !== recorded || recorded === 0) return exact;
    const isShare = Math.abs(recorded) < 1;
    const size = isShare ? 1 / recorded : recorded;
    const translated = this.#rounded(Math.abs(size)) * Math.sign(size);
    if (translated === size) return recorded;
    return isShare ? 1 / translated : translated;
  }

  /**
   * A number that is a whole multiple of dimensions' product but for the rounding of float32.
   *
   * @throws {RangeError} if it is one of several products
   */
  #rounded(size: number): number {
    if (size < SMALLEST_STAND_IN) return size;
    const found = new Set<number>();
    for (const [product, now] of this.#products()) {
      const times = Math.round(size / product);
      const isNear = Math.abs(size - times * product) <= ROUNDING * size;
      if (!isNear || times < 1 || times > MOST_TIMES_ROUNDED) continue;
      // What a longer product explains.
      if (!this.#factors().some(([dimension]) => times % dimension === 0)) found.add(times * now);
    }
    if (found.size > 1) throw new RangeError(doubtful(size));
    return [...found][0] ?? size;
  }

  #standIns(): number[] {
    return STAND_INS.filter((prime) => this.#known.has(prime));
  }

  /** Dimensions that are other ones now; not those that a reshape has merged. */
  #factors(): [recorded: number, now: number][] {
    return [...this.#known].filter(([recorded, now]) =>
      recorded !== now && recorded <= LARGEST_STAND_IN
    );
  }

  /** Products of the dimensions that are known, and what they are now; the longest first. */
  #products(): [product: number, now: number][] {
    const dimensions = this.#factors();
    let longest: [number, number][] = [[1, 1]];
    const all: [number, number][] = [];
    for (let factors = 0; factors < MOST_FACTORS; factors++) {
      longest = longest.flatMap(([p, n]) =>
        dimensions.map(([q, m]): [number, number] => [p * q, n * m])
      );
      all.unshift(...longest);
    }
    return all;
  }

  /** Attributes of an op, translated; undefined if they hold a dimension that is not known yet. */
  attributes(recorded: Attributes): Attributes | undefined {
    const values = Object.values(recorded).flat().filter((value) => typeof value === "number");
    if (values.some((value) => this.#isMissing(value))) return undefined;
    return Object.fromEntries(
      Object.entries(recorded).map(([name, value]) => [name, this.#attribute(value)]),
    );
  }

  /** A number beside a dimension, or near a part of it, may be one that somebody wrote. */
  #refuseDoubtful(recorded: number): void {
    const size = Math.abs(recorded);
    const isDimension = this.#known.has(size) ||
      this.#standIns().some((prime) => size % prime === 0);
    if (!Number.isInteger(size) || isDimension || !isUnknown(size, this.#standIns())) return;
    throw new RangeError(doubtful(recorded));
  }

  #isMissing(recorded: number): boolean {
    return this.number(recorded) === recorded && !this.#known.has(recorded) &&
      isUnknown(recorded, this.#standIns());
  }

  #attribute(value: Attribute): Attribute {
    if (typeof value === "number") return this.number(value);
    if (!Array.isArray(value)) return value;
    return value.map((one) => typeof one === "number" ? this.number(one) : one) as Attribute;
  }

  /**
   * A small array of values that is part of the recording, translated.
   *
   * @throws {RangeError} naming a number that may follow from a dimension, and may not
   */
  constant(recorded: LazyArray): LazyArray {
    const values = Array.from(recorded.buffer.data, Number);
    for (const value of values) this.#refuseDoubtful(value);
    const translated = values.map((value) => this.value(value));
    if (translated.every((value, i) => value === values[i])) return recorded;
    return constant(translated, recorded.dtype, recorded.shape);
  }
}

function doubtful(recorded: number): string {
  return `tfFunction: the number ${recorded} in the recording may follow from an unknown dimension, and may not`;
}
