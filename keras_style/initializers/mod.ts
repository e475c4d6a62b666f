/** Initializers: what weights begin with. @module */
import * as initializer from "./initializer.ts";
import * as random from "./random.ts";
import * as varianceScaling from "./variance_scaling.ts";
import { kerasClass } from "../keras_class.ts";
import { INITIALIZERS } from "../positional_names.ts";

export {
  deserialize,
  get,
  type InitializerFunction,
  type InitializerIdentifier,
  type InitializerName,
  serialize,
} from "./get.ts";
export {
  type ConstantOptions,
  type GainOptions,
  Initializer,
  type STFTOptions,
  type WeightShape,
} from "./initializer.ts";
export {
  type NormalOptions,
  type OrthogonalOptions,
  RandomInitializer,
  type SeedOptions,
  type UniformOptions,
} from "./random.ts";
export {
  type FanMode,
  type FanOptions,
  type ScalingDistribution,
  type VarianceScalingOptions,
} from "./variance_scaling.ts";

export const Constant = kerasClass(initializer.Constant, INITIALIZERS.Constant);
export type Constant = initializer.Constant;
export const Zeros = kerasClass(initializer.Zeros);
export type Zeros = initializer.Zeros;
export const Ones = kerasClass(initializer.Ones);
export type Ones = initializer.Ones;
export const Identity = kerasClass(initializer.Identity, INITIALIZERS.Identity);
export type Identity = initializer.Identity;
export const STFT = kerasClass(initializer.STFT, INITIALIZERS.STFT);
export type STFT = initializer.STFT;
export const RandomNormal = kerasClass(random.RandomNormal, INITIALIZERS.RandomNormal);
export type RandomNormal = random.RandomNormal;
export const TruncatedNormal = kerasClass(random.TruncatedNormal, INITIALIZERS.TruncatedNormal);
export type TruncatedNormal = random.TruncatedNormal;
export const RandomUniform = kerasClass(random.RandomUniform, INITIALIZERS.RandomUniform);
export type RandomUniform = random.RandomUniform;
export const Orthogonal = kerasClass(random.Orthogonal, INITIALIZERS.Orthogonal);
export type Orthogonal = random.Orthogonal;
export const VarianceScaling = kerasClass(
  varianceScaling.VarianceScaling,
  INITIALIZERS.VarianceScaling,
);
export type VarianceScaling = varianceScaling.VarianceScaling;
export const GlorotUniform = kerasClass(varianceScaling.GlorotUniform, INITIALIZERS.GlorotUniform);
export type GlorotUniform = varianceScaling.GlorotUniform;
export const GlorotNormal = kerasClass(varianceScaling.GlorotNormal, INITIALIZERS.GlorotNormal);
export type GlorotNormal = varianceScaling.GlorotNormal;
export const HeUniform = kerasClass(varianceScaling.HeUniform, INITIALIZERS.HeUniform);
export type HeUniform = varianceScaling.HeUniform;
export const HeNormal = kerasClass(varianceScaling.HeNormal, INITIALIZERS.HeNormal);
export type HeNormal = varianceScaling.HeNormal;
export const LecunUniform = kerasClass(varianceScaling.LecunUniform, INITIALIZERS.LecunUniform);
export type LecunUniform = varianceScaling.LecunUniform;
export const LecunNormal = kerasClass(varianceScaling.LecunNormal, INITIALIZERS.LecunNormal);
export type LecunNormal = varianceScaling.LecunNormal;

// Keras' other names of the same classes.
export {
  Constant as constant,
  GlorotNormal as glorotNormal,
  GlorotUniform as glorotUniform,
  HeNormal as heNormal,
  HeUniform as heUniform,
  Identity as identity,
  Identity as IdentityInitializer,
  LecunNormal as lecunNormal,
  LecunUniform as lecunUniform,
  Ones as ones,
  Orthogonal as orthogonal,
  Orthogonal as OrthogonalInitializer,
  RandomNormal as randomNormal,
  RandomUniform as randomUniform,
  STFT as stft,
  STFT as STFTInitializer,
  TruncatedNormal as truncatedNormal,
  VarianceScaling as varianceScaling,
  Zeros as zeros,
};
