/**
 * Seeds: what layers and initializers draw with. Follows keras/src/random/seed_generator.py of Keras 3.
 * @module
 */
import { RandomStream } from "../../onnx/mod.ts";
import { readOptions, show } from "../options.ts";
import { randomStream } from "../tracing/mod.ts";

/** An integer from 0 to 2^32 - 1, or a generator of them. */
export type Seed = number | SeedGenerator;

/** Options of {@linkcode SeedGenerator}. */
export interface SeedGeneratorOptions {
  /** An integer from 0 to 2^32 - 1; from the idiom's own stream unless given. */
  readonly seed?: number | null;
}

/**
 * A source of seeds of its own: what draws with it draws other values at every call, and the same ones again in the next run.
 * Follows https://keras.io/api/random/seed_generator/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const seed = new keras.random.SeedGenerator({ seed: 1 });
 * const [a, b] = [seed.next(), seed.next()];
 * console.log(a === b); // false
 * ```
 */
export class SeedGenerator {
  readonly #given: number | null;
  /** Where the keys come from that graphs draw with. */
  readonly stream: RandomStream;

  constructor(options: SeedGeneratorOptions = {}) {
    const { seed } = readOptions("SeedGenerator", options, { seed: null });
    this.#given = seed;
    this.stream = new RandomStream(seed ?? drawSeed());
  }

  /** The next seed; never 0. */
  next(): number {
    return seedFrom(this.stream);
  }

  /** The settings to make another such generator from. */
  getConfig(): Record<string, unknown> {
    return { seed: this.#given };
  }
}

/** A seed from the idiom's own stream, for something that draws values by itself; never 0, which some take for none. */
export function drawSeed(): number {
  return seedFrom(randomStream());
}

function seedFrom(stream: RandomStream): number {
  return (stream.nextKey()[0] >>> 1) + 1;
}

/** The values 0 to count - 1 in random order, from the idiom's own stream. */
export function drawPermutation(count: number): Uint32Array {
  return randomStream().permutation(count);
}

/**
 * A seed as it is.
 *
 * @throws {RangeError} for what is none, naming whose it is
 */
export function checkSeed(owner: string, seed: unknown): Seed {
  const isSeed = seed instanceof SeedGenerator ||
    (typeof seed === "number" && Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff);
  if (isSeed) return seed;
  throw new RangeError(
    `${owner}: seed is ${
      show(seed)
    }, expected an integer from 0 to ${0xffffffff} or a SeedGenerator`,
  );
}
