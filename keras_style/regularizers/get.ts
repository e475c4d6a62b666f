/**
 * Regularizers by name.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type BothSpellings, Registry, type SavedObject } from "../registry.ts";
import { L1, L1L2, L2, OrthogonalRegularizer, Regularizer } from "./regularizer.ts";

/** Names of regularizers. */
export type RegularizerName = BothSpellings<"l1" | "l1L2" | "l2" | "orthogonalRegularizer">;

/** A function that does what a regularizer does. */
export type RegularizerFunction = (values: tf.Tensor) => tf.Tensor;

/** A regularizer, its name, a function, or what {@linkcode serialize} gave; null for none. */
export type RegularizerIdentifier =
  | Regularizer
  | RegularizerName
  | RegularizerFunction
  | SavedObject
  | null;

const registry = new Registry<Regularizer>("regularizer", Regularizer, {
  L1,
  L1L2,
  L2,
  OrthogonalRegularizer,
}, { l1L2: "L1L2" });

/** A function of the user's as a regularizer. */
class FunctionRegularizer extends Regularizer {
  constructor(readonly run: RegularizerFunction) {
    super();
  }

  override call(values: tf.Tensor): tf.Tensor {
    return this.run(values);
  }

  override getConfig(): Record<string, unknown> {
    return {};
  }
}

/**
 * The regularizer that is meant; null for none.
 *
 * @param option where it stands, for errors: "Dense: kernelRegularizer"
 * @throws {TypeError} for what is none, naming the known ones
 */
export function get(
  identifier: RegularizerIdentifier | undefined,
  option: string = "regularizer",
): Regularizer | null {
  if (identifier === undefined || identifier === null) return null;
  const found = registry.resolve(identifier, option);
  if (found) return found;
  if (typeof identifier === "function") {
    return new FunctionRegularizer(identifier as RegularizerFunction);
  }
  throw registry.unknown(option, identifier);
}

/** Class and configuration of a regularizer. */
export function serialize(regularizer: Regularizer): SavedObject {
  return registry.serialize(regularizer);
}

/** A regularizer as it was saved. */
export function deserialize(saved: SavedObject): Regularizer {
  return registry.deserialize(saved);
}
