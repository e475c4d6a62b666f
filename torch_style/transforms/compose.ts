/**
 * Transforms one after the other.
 * @module
 */
import type { Tensor } from "../tensor.ts";

/** Makes a tensor of something: an image [channels, height, width] of an image, in most cases. */
export type Transform<Input = Tensor> = (input: Input) => Tensor;

/**
 * Transforms in order, the first on what the whole takes.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const { compose, normalize, randomHorizontalFlip, toTensor } = torch.transforms;
 * const prepare = compose(toTensor, randomHorizontalFlip(), normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]));
 * const image = prepare({ data: new Uint8Array(32 * 32 * 3), height: 32, width: 32, channels: 3 });
 * console.log(image.shape); // [3, 32, 32]
 * ```
 */
export function compose<Input>(
  first: Transform<Input>,
  ...rest: readonly Transform[]
): Transform<Input> {
  return (input) => rest.reduce((x, transform) => transform(x), first(input));
}

/** A transform by a function of one's own. */
export function lambda<Input = Tensor>(transform: Transform<Input>): Transform<Input> {
  return transform;
}
