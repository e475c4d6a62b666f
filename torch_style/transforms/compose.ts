/**
 * Transforms one after the other.
 * @module
 */
import type { Tensor } from "../tensor.ts";

/** Makes a tensor of something: an image [channels, height, width] of an image, in most cases. */
export type Transform<Input = Tensor> = (input: Input) => Tensor;

/** Transforms in order, the first on what the whole takes. */
export function compose<Input>(
  [first, ...rest]: readonly [first: Transform<Input>, ...rest: Transform[]],
): Transform<Input> {
  return (input) => rest.reduce((x, transform) => transform(x), first(input));
}
