/** Initializers: what weights begin with. @module */
export {
  deserialize,
  get,
  type InitializerFunction,
  type InitializerIdentifier,
  type InitializerName,
  serialize,
} from "./get.ts";
export {
  Constant,
  type ConstantOptions,
  type GainOptions,
  Identity,
  Initializer,
  Ones,
  STFT,
  type STFTOptions,
  type WeightShape,
  Zeros,
} from "./initializer.ts";
export {
  type NormalOptions,
  Orthogonal,
  type OrthogonalOptions,
  RandomInitializer,
  RandomNormal,
  RandomUniform,
  type SeedOptions,
  TruncatedNormal,
  type UniformOptions,
} from "./random.ts";
export {
  type FanMode,
  type FanOptions,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  type ScalingDistribution,
  VarianceScaling,
  type VarianceScalingOptions,
} from "./variance_scaling.ts";
