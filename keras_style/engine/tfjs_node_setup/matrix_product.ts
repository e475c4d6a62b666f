/**
 * Run as a program with a tfjs-node package's folder: multiplies two matrices on it and compares with loops in
 * JavaScript. Prints one line; ends with 1 if the package does not load or the values are wrong.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { loadFrom } from "../tfjs_node.ts";

const SIZE = 64;

/** Small integers: float32 holds every product and sum exactly. */
function values(step: number): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => i * step % 13 - 6);
}

function productOf(a: Float32Array, b: Float32Array): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const row = SIZE * Math.floor(i / SIZE);
    const column = i % SIZE;
    let sum = 0;
    for (let k = 0; k < SIZE; k++) sum += a[row + k] * b[SIZE * k + column];
    return sum;
  });
}

/** @throws {Error} if the engine does not start or computes something else */
async function check(folder: string): Promise<string> {
  loadFrom(folder);
  if (!await tf.setBackend("tensorflow")) throw new Error("its backend tensorflow does not start");
  const [a, b] = [values(5), values(7)];
  const shape: [number, number] = [SIZE, SIZE];
  const product = tf.matMul(tf.tensor2d(a, shape), tf.tensor2d(b, shape)).dataSync();
  const wrong = productOf(a, b).findIndex((value, i) => value !== product[i]);
  if (wrong < 0) return `${SIZE} x ${SIZE} matrix product is right`;
  throw new Error(`element ${wrong} of a matrix product is ${product[wrong]}`);
}

if (import.meta.main) {
  try {
    console.log(await check(Deno.args[0]));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
