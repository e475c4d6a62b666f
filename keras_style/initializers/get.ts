/**
 * Initializers by name.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { show } from "../options.ts";
import { type BothSpellings, Registry, type SavedObject } from "../registry.ts";
import {
  Constant,
  Identity,
  Initializer,
  Ones,
  STFT,
  type WeightShape,
  Zeros,
} from "./initializer.ts";
import { Orthogonal, RandomNormal, RandomUniform, TruncatedNormal } from "./random.ts";
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
} from "./variance_scaling.ts";

/** Names of initializers. */
export type InitializerName = BothSpellings<
  | "constant"
  | "glorotNormal"
  | "glorotUniform"
  | "heNormal"
  | "heUniform"
  | "identity"
  | "lecunNormal"
  | "lecunUniform"
  | "ones"
  | "orthogonal"
  | "randomNormal"
  | "randomUniform"
  | "truncatedNormal"
  | "varianceScaling"
  | "zeros"
>;

/** A function that gives the values of a weight. */
export type InitializerFunction = (shape: WeightShape, dtype?: tf.DataType) => tf.Tensor;

/** An initializer, its name, a function, values, or what {@linkcode serialize} gave. */
export type InitializerIdentifier =
  | Initializer
  | InitializerName
  | InitializerFunction
  | tf.Tensor
  | SavedObject;

const registry = new Registry<Initializer>("initializer", Initializer, {
  Constant,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  Identity,
  LecunNormal,
  LecunUniform,
  Ones,
  Orthogonal,
  RandomNormal,
  RandomUniform,
  STFT,
  TruncatedNormal,
  VarianceScaling,
  Zeros,
}, {
  identityInitializer: "Identity",
  normal: "RandomNormal",
  one: "Ones",
  orthogonalInitializer: "Orthogonal",
  stftInitializer: "STFT",
  uniform: "RandomUniform",
  zero: "Zeros",
});

/** A function of the user's as an initializer. */
class FunctionInitializer extends Initializer {
  constructor(readonly run: InitializerFunction) {
    super();
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    const values = this.run(shape, dtype);
    if (tf.util.arraysEqual(values.shape, [...shape])) return values;
    throw new RangeError(
      `an initializer gave values of shape ${show(values.shape)}, expected ${show(shape)}`,
    );
  }
}

/**
 * The initializer that is meant; a name makes a new one, which draws its seed at once.
 *
 * @param option where it stands, for errors: "Dense: kernelInitializer"
 * @throws {TypeError} for what is none, naming the known ones
 */
export function get(
  identifier: InitializerIdentifier,
  option: string = "initializer",
): Initializer {
  const found = registry.resolve(identifier, option);
  if (found) return found;
  if (identifier instanceof tf.Tensor) {
    return new FunctionInitializer((_, dtype = "float32") => tf.cast(identifier, dtype));
  }
  if (typeof identifier === "function") {
    return new FunctionInitializer(identifier as InitializerFunction);
  }
  throw registry.unknown(option, identifier);
}

/** Class and configuration of an initializer. */
export function serialize(initializer: Initializer): SavedObject {
  return registry.serialize(initializer);
}

/** An initializer as it was saved. */
export function deserialize(saved: SavedObject): Initializer {
  return registry.deserialize(saved);
}
