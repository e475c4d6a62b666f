/** What Keras computed, by tests/golden/keras_golden.py. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import golden from "../golden/keras.json" with { type: "json" };

export { golden };

/** The script's `spread`: values from -1 to 1 that look unordered. */
export function scattered(count: number, step: number, modulus: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => i * step % modulus / (modulus - 1) * 2 - 1,
  );
}

/** Throws unless all values are as close as `tolerance`. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  assertEquals(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    assertAlmostEquals(actual[i], value, tolerance, `${what}[${i}]`);
  });
}
