/**
 * Products of two tensors summed over letters, as matrix products, which have gradients.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** `contractPair("bij,bjk->bik", a, b)`; no letter stands twice in one operand. */
export function contractPair(equation: string, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [left, result] = equation.split("->").map((part) => [...part]);
  const comma = left.indexOf(",");
  const [ofA, ofB] = [left.slice(0, comma), left.slice(comma + 1)];
  const sizes = new Map<string, number>();
  ofA.forEach((letter, axis) => sizes.set(letter, a.shape[axis]));
  ofB.forEach((letter, axis) => sizes.set(letter, b.shape[axis]));
  const inBoth = ofA.filter((letter) => ofB.includes(letter));
  const batch = inBoth.filter((letter) => result.includes(letter));
  const summed = inBoth.filter((letter) => !result.includes(letter));
  const freeA = ofA.filter((letter) => result.includes(letter) && !ofB.includes(letter));
  const freeB = ofB.filter((letter) => result.includes(letter) && !ofA.includes(letter));
  const product = (letters: readonly string[]) =>
    letters.reduce((size, letter) => size * sizes.get(letter)!, 1);
  const arranged = (x: tf.Tensor, letters: string[], order: readonly string[], shape: number[]) => {
    const alone = letters.flatMap((letter, axis) => order.includes(letter) ? [] : [axis]);
    const kept = letters.filter((letter) => order.includes(letter));
    const sums = alone.length > 0 ? tf.sum(x, alone) : x;
    return tf.reshape(tf.transpose(sums, order.map((letter) => kept.indexOf(letter))), shape);
  };
  const [count, rows, depth, columns] = [batch, freeA, summed, freeB].map(product);
  const x = arranged(a, ofA, [...batch, ...freeA, ...summed], [count, rows, depth]);
  const y = arranged(b, ofB, [...batch, ...summed, ...freeB], [count, depth, columns]);
  const matrices = tf.matMul(x as tf.Tensor3D, y as tf.Tensor3D);
  const letters = [...batch, ...freeA, ...freeB];
  const wide = tf.reshape(matrices, letters.map((letter) => sizes.get(letter)!));
  return tf.transpose(wide, result.map((letter) => letters.indexOf(letter)));
}
