/**
 * Tensors: made of values, given back as values, never written into.
 *
 *   deno run --permission-set=default keras_style/examples/tensors.ts
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";

const { constant, variable } = keras;

/** Prints tensors, what is known of them, and what becomes of a write. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const scalar = constant(3);
  const matrix = constant([[1, 2, 3], [4, 5, 6]]);
  const images = constant(new Float32Array(2 * 4 * 4 * 3), { shape: [2, 4, 4, 3] });
  for (const x of [scalar, matrix, images]) {
    print(`dtype ${x.dtype}, ndim ${keras.ndim(x)}, shape [${x.shape}], size ${x.size}`);
  }

  print("as nested arrays:", JSON.stringify(await matrix.array()));
  const values = await matrix.data();
  print("as a typed array:", values.constructor.name, `[${values}]`);
  values[0] = 100;
  print("the array was written into, the tensor is still:", JSON.stringify(await matrix.array()));

  // deno-lint-ignore no-explicit-any
  const untyped = matrix as any;
  try {
    untyped[0] = 100;
  } catch (error) {
    print((error as Error).message);
  }
  try {
    untyped.assign(constant([[0, 0, 0], [0, 0, 0]]));
  } catch (error) {
    print((error as Error).message);
  }

  const weight = variable([1, 2]);
  weight.assign(tf.mul(weight, 10));
  print("a variable can be assigned to:", `[${await weight.array()}]`);

  print("static shape:", `[${matrix.shape}]`);
  print(
    "the same as a tensor:",
    keras.shape(matrix).dtype,
    `[${await keras.shape(matrix).array()}]`,
  );
  tf.dispose([scalar, matrix, images, weight]);
}

if (import.meta.main) await main();
