/**
 * Graph functions: recorded once, then one call into ONNX Runtime each time.
 *
 *   deno run --permission-set=default keras_style/examples/tf_function.ts
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";

const { constant, random, tfFunction, variable } = keras;

/** Prints when functions are recorded, and what later calls do. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const valuesOf = async (x: tf.Tensor) => `[${await x.data()}]`;

  // What the function itself prints is printed while it is recorded: once for each signature.
  const square = tfFunction((x: tf.Tensor) => {
    print(`  recorded for ${x.dtype}[${x.shape}]`);
    return tf.square(x);
  });
  print("square of two values:");
  print(" ", await valuesOf(square(constant([1, 2]))));
  print("of two others:");
  print(" ", await valuesOf(square(constant([3, 4]))));
  print("of three:");
  print(" ", await valuesOf(square(constant([1, 2, 3]))));
  print(`${square.signatures} signatures`);

  // With open dimensions it is recorded once for all: shapes have null, shape(x) is a tensor to compute with.
  const withBorder = tfFunction((x: tf.Tensor) => {
    print(
      `  recorded, static shape [${x.shape.map((dimension) => dimension ?? "null").join(", ")}]`,
    );
    const [height, width] = tf.unstack(keras.shape(x));
    const line = keras.zeros([1, width]);
    const framed = tf.concat([line, x, line], 0);
    const side = keras.zeros([tf.add(height, 2), 1]);
    return tf.concat([side, framed, side], 1);
  }, { inputSignature: [{ shape: [null, null] }] });
  print("a border of zeros:");
  for (const dimensions of [[1, 2], [3, 1]]) {
    const framed = withBorder(tf.ones(dimensions));
    print(`  [${dimensions}] becomes [${framed.shape}]:`, JSON.stringify(await framed.array()));
  }

  // Variables that it assigns are changed by every call.
  const count = variable(0);
  const next = tfFunction(() => {
    count.assign(tf.add(count, 1));
    return tf.mul(count, 10);
  });
  const counted = [];
  for (let i = 0; i < 3; i++) counted.push(await valuesOf(next()));
  print("a counter times ten:", counted.join(" "), "the counter:", await valuesOf(count));

  // Random numbers are drawn afresh by every call.
  keras.setRandomSeed(1);
  const draw = tfFunction(() => random.uniform([3]));
  const [first, second] = [await valuesOf(draw()), await valuesOf(draw())];
  print("two draws differ:", first !== second);
  keras.setRandomSeed(1);
  print("the same seed, the same values:", await valuesOf(draw()) === first);

  // Inside, tensors have no values yet.
  const impossible = tfFunction((x: tf.Tensor) => x.dataSync()[0] > 0 ? x : tf.neg(x));
  try {
    impossible(constant([1]));
  } catch (error) {
    print("caught:", (error as Error).message.split("\n")[0]);
  }
  const possible = tfFunction((x: tf.Tensor) => tf.where(tf.greater(x, 0), x, tf.neg(x)));
  print("with tf.where:", await valuesOf(possible(constant([1, -2]))));
}

if (import.meta.main) await main();
