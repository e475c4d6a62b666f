/**
 * Random numbers of layers: from the idiom's own stream, or from a seed of the layer's own.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkSeed, type Seed, SeedGenerator } from "../random/seed.ts";
import { randomUniform } from "../tracing/mod.ts";

/** Options of layers that draw. */
export interface SeededOptions {
  /** Makes the layer's draws repeatable by themselves; from the idiom's own stream unless given. */
  readonly seed?: Seed | null;
}

/** What a layer draws with. */
export class SeededDraws {
  readonly #given: Seed | null;
  readonly #generator: SeedGenerator | undefined;

  /** @throws {RangeError} for a seed that is none */
  constructor(owner: string, seed: unknown) {
    this.#given = seed === null || seed === undefined ? null : checkSeed(owner, seed);
    if (this.#given instanceof SeedGenerator) this.#generator = this.#given;
    else if (this.#given !== null) this.#generator = new SeedGenerator({ seed: this.#given });
  }

  /** Uniform numbers in [0, 1), drawn afresh at every call, also of a traced function. */
  uniform(shape: readonly number[]): tf.Tensor {
    return randomUniform([...shape], this.#generator?.stream);
  }

  /** Normal numbers (Box and Muller). */
  normal(shape: readonly number[], mean: number, deviation: number): tf.Tensor {
    // 1 - u lies above 0, so that the logarithm is finite.
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, this.uniform(shape))), -2));
    const angle = tf.mul(this.uniform(shape), 2 * Math.PI);
    return tf.add(tf.mul(tf.mul(radius, tf.cos(angle)), deviation), mean);
  }

  /** The option to save. */
  get config(): Record<string, unknown> {
    const seed = this.#given instanceof SeedGenerator ? this.#given.getConfig().seed : this.#given;
    return { seed };
  }
}
