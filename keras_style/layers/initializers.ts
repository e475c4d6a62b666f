/**
 * Initial weights that {@linkcode setRandomSeed} makes repeatable.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawSeed } from "../random/seed.ts";
import { toCamelCase } from "../naming.ts";

/** TensorFlow.js does not export the type's name. */
export type Initializer = ReturnType<typeof tf.initializers.zeros>;

type Named<Name extends keyof typeof tf.initializers> = Parameters<
  (typeof tf.initializers)[Name]
>[0];

/** Those that draw: made with a seed of their own. Scales as in Keras 3. */
const DRAWING: Readonly<Record<string, (seed: number) => Initializer>> = {
  glorotUniform: (seed) => tf.initializers.glorotUniform({ seed }),
  glorotNormal: (seed) => tf.initializers.glorotNormal({ seed }),
  heUniform: (seed) => tf.initializers.heUniform({ seed }),
  heNormal: (seed) => tf.initializers.heNormal({ seed }),
  leCunUniform: (seed) => tf.initializers.leCunUniform({ seed }),
  leCunNormal: (seed) => tf.initializers.leCunNormal({ seed }),
  lecunUniform: (seed) => tf.initializers.leCunUniform({ seed }),
  lecunNormal: (seed) => tf.initializers.leCunNormal({ seed }),
  orthogonal: (seed) => tf.initializers.orthogonal({ seed } as Named<"orthogonal">),
  randomNormal: (seed) => tf.initializers.randomNormal({ mean: 0, stddev: 0.05, seed }),
  randomUniform: (seed) => tf.initializers.randomUniform({ minval: -0.05, maxval: 0.05, seed }),
  truncatedNormal: (seed) => tf.initializers.truncatedNormal({ mean: 0, stddev: 0.05, seed }),
};

/** Initializers whose seed nobody gave. */
const drawn = new WeakSet<object>();

/** Whether something is an initializer that was given a seed by {@linkcode seeded}. */
export function hasDrawnSeed(value: unknown): value is Initializer {
  return typeof value === "object" && value !== null && drawn.has(value);
}

/** A name as an initializer with a seed from the random stream; everything else as it is. */
export function seeded<T>(identifier: T): T | Initializer {
  if (typeof identifier !== "string") return identifier;
  const name = toCamelCase(identifier);
  const make = Object.hasOwn(DRAWING, name) ? DRAWING[name] : undefined;
  if (!make) return name as T;
  const initializer = make(drawSeed());
  drawn.add(initializer);
  return initializer;
}
