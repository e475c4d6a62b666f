/**
 * Random numbers of the Keras idiom: one stream of keys behind them all, so that a seed fixes a run, and
 * drawn inside the graph, so that a traced function draws afresh at every call.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ops, RandomStream } from "../../onnx/mod.ts";
import { activeBackend } from "../engine/mod.ts";
import { type Dimension, dimensionsOf } from "./dynamic_shape.ts";

let stream = new RandomStream(crypto.getRandomValues(new Uint32Array(1))[0]);

/**
 * Starts the random numbers of this idiom anew. The same seed gives the same values on every engine.
 *
 * @param seed an integer from 0 to 2^32 - 1
 * @throws {RangeError} naming the seed if it is no such number
 *
 * @example
 * ```ts
 * import { setRandomSeed, randomUniform } from "./random.ts";
 *
 * setRandomSeed(1);
 * const mask = randomUniform([2, 3]); // the same six values after every setRandomSeed(1)
 * mask.dispose();
 * ```
 */
export function setRandomSeed(seed: number): void {
  stream = new RandomStream(seed);
}

/** The stream that layers, initializers and shuffles draw from; its `state` can be saved and restored. */
export function randomStream(): RandomStream {
  return stream;
}

/**
 * Uniform numbers in [0, 1), float32, of a shape. Inside a traced function every call draws afresh.
 *
 * @param dimensions of the result; values, or scalar tensors
 * @param source what keys are drawn from; the idiom's own stream unless given
 * @throws {TypeError} naming a dimension that is neither
 */
export function randomUniform(
  dimensions: readonly Dimension[],
  source: RandomStream = stream,
): tf.Tensor {
  const shape = dimensionsOf("randomUniform", dimensions);
  const backend = activeBackend();
  // The idiom's stream may be another one at the next call of a traced function.
  const own = source === stream ? undefined : source;
  if (!backend) {
    return tf.tensor(source.uniform(tf.util.sizeFromShape([...shape])), [...shape], "float32");
  }
  const key = backend.trace ? backend.trace.drawKey(own) : source.nextKeyArray();
  return tf.engine().makeTensorFromTensorInfo(backend.adopt(ops.uniform(key, [...shape])));
}
