/**
 * Gradient tapes: derivatives of what was computed while they recorded.
 *
 *   deno run --permission-set=default keras_style/examples/gradient_tape.ts
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";

const { constant, GradientTape, variable } = keras;

/** Prints slopes, of constants, variables and slopes. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const show = async (x: tf.Tensor | null) => JSON.stringify(await x?.array() ?? null);

  const x = variable(3);
  {
    using tape = new GradientTape();
    const y = tf.square(x);
    print("d x² / dx at 3:", await show(tape.gradient(y, x)));
  }

  // Constants are watched when asked for; a persistent tape can be asked more than once.
  const c = constant([1, 2, 3]);
  {
    using tape = new GradientTape({ persistent: true });
    tape.watch(c);
    const cubes = tf.pow(c, 3);
    const sum = tf.sum(cubes);
    print("d sum(c³) / dc:", await show(tape.gradient(sum, c)));
    print("d sum(c³) / dc³:", await show(tape.gradient(sum, cubes)));
    print("d sum(c³) / dx:", await show(tape.gradient(sum, x)));
  }

  // A tape around a tape gives the slope of the slope.
  {
    using outer = new GradientTape();
    using inner = new GradientTape();
    const y = tf.pow(x, 3);
    const slope = inner.gradient(y, x)!;
    print("d x³ / dx at 3:", await show(slope));
    print("d² x³ / dx² at 3:", await show(outer.gradient(slope, x)));
  }

  // Layers are functions: a step against the slope makes the loss smaller.
  keras.setRandomSeed(1);
  const dense = new keras.layers.Dense({ units: 1 });
  const input = constant([[1, 2], [3, 4]]);
  dense(input);
  const lossOf = () => tf.mean(tf.square(tf.sub(dense(input), constant([[5], [6]]))));
  using tape = new GradientTape();
  const loss = lossOf();
  const weights = dense.trainableWeights;
  const slopes = tape.gradient(loss, weights);
  weights.forEach((weight, i) => weight.assign(tf.sub(weight, tf.mul(slopes[i]!, 0.01))));
  const [before] = await loss.data();
  const [after] = await lossOf().data();
  print("a step against the slope makes the loss smaller:", after < before);
}

if (import.meta.main) await main();
