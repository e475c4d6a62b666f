/**
 * Transforms one after the other.
 * @module
 */
import { kind, kinds, signature } from "../arguments.ts";
import type { Tensor } from "../tensor.ts";

/** Makes a tensor of something: an image [channels, height, width] of an image, in most cases. */
export type Transform<Input = Tensor> = (input: Input) => Tensor;

/** {@linkcode Transform}, as an argument. */
export const transformKind = kind<Transform>(
  "a transform, a function of an image",
  (value) => typeof value === "function",
);

const COMPOSE = signature("Compose", ["transforms", kinds.listOf(transformKind)]);

/** Transforms in order, the first on what the whole takes. */
export function compose<Input>(
  ...given: [transforms: readonly [first: Transform<Input>, ...rest: Transform[]]]
): Transform<Input> {
  COMPOSE.read(given);
  const [[first, ...rest]] = given;
  return (input) => rest.reduce((x, transform) => transform(x), first(input));
}
