/**
 * The batch that all sides train on: values by a formula, the same in same_batch.py.
 * @module
 */

/** `count` values in [0, 1), each a multiple of 2^-24, scattered by a multiplicative hash. */
export function hashed(count: number, seed: number): Float32Array<ArrayBuffer> {
  const start = (seed * 40503) >>> 0;
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 2654435761) + start) >>> 0;
    for (let round = 0; round < 2; round++) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return ((x ^ (x >>> 16)) >>> 8) / 2 ** 24;
  });
}

/** Images [count, height, width, channels] in [0, 1). */
export function imageValues(
  count: number,
  imageShape: readonly number[],
): Float32Array<ArrayBuffer> {
  return hashed(count * imageShape.reduce((size, dimension) => size * dimension, 1), 1);
}

/** The class of each image. */
export function labelValues(count: number, classes: number): number[] {
  return Array.from({ length: count }, (_, i) => i * 7 % classes);
}

/** [count, height, width, channels] to [count, channels, height, width]. */
export function toChannelsFirst(
  values: Float32Array,
  [height, width, channels]: readonly number[],
): Float32Array<ArrayBuffer> {
  const pixels = height * width;
  const result = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const channel = at % channels;
    const pixel = Math.floor(at / channels);
    const image = Math.floor(pixel / pixels);
    result[(image * channels + channel) * pixels + pixel % pixels] = values[at];
  }
  return result;
}
