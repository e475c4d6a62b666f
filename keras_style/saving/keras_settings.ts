/**
 * What Keras saves of its classes and this idiom does not have, and the other way round. Everything else has the same name
 * in both, in camelCase here (tests/golden/keras_configs.json compares them all).
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import { toCamelCase } from "../naming.ts";

/** The kinds of saved objects: modules of Keras. */
export type Kind =
  | "layers"
  | "optimizers"
  | "schedules"
  | "losses"
  | "metrics"
  | "initializers"
  | "regularizers"
  | "constraints"
  | "random";

/** A setting that Keras alone has: what it writes, and the values that mean nothing else. */
interface KerasSetting {
  readonly value: unknown;
  /** Further values that change nothing; "any" where another setting decides whether it is looked at. */
  readonly same?: readonly unknown[] | "any";
}

type Settings = Readonly<Record<string, KerasSetting>>;

const NO_ACTIVITY: Settings = { activity_regularizer: { value: null } };
const NOT_QUANTIZED: Settings = { quantization_config: { value: null } };
const WINDOWLESS: Settings = {
  use_gate: { value: false },
  sliding_window: { value: null },
};

/** Of layers with a vocabulary; its size follows from it. */
const VOCABULARY: Settings = {
  sparse: { value: false },
  vocabulary_size: { value: null, same: "any" },
};

/** Settings of layers. */
const LAYERS: Readonly<Record<string, Settings>> = {
  Dense: NOT_QUANTIZED,
  Embedding: { ...NO_ACTIVITY, ...NOT_QUANTIZED },
  EinsumDense: { ...NO_ACTIVITY, ...NOT_QUANTIZED },
  BatchNormalization: {
    synchronized: { value: false },
    renorm: { value: false },
    renorm_clipping: { value: null, same: "any" },
    renorm_momentum: { value: 0.99, same: "any" },
  },
  LayerNormalization: { rms_scaling: { value: false } },
  MultiHeadAttention: {
    ...WINDOWLESS,
    ...NO_ACTIVITY,
  },
  GroupQueryAttention: { ...WINDOWLESS, ...NO_ACTIVITY },
  InputLayer: {
    sparse: { value: false },
    ragged: { value: false },
    optional: { value: false },
  },
  Discretization: { sparse: { value: false } },
  IntegerLookup: {
    ...VOCABULARY,
    vocabulary_dtype: { value: "int64" },
    oov_method: { value: "floormod" },
    salt: { value: null },
  },
  StringLookup: {
    ...VOCABULARY,
    oov_method: { value: "floormod" },
    salt: { value: null },
    encoding: { value: "utf-8" },
  },
  TextVectorization: { ...VOCABULARY, ragged: { value: false }, encoding: { value: "utf-8" } },
  Hashing: { sparse: { value: false }, dtype: { value: null, same: "any" } },
  Resizing: { fill_mode: { value: "constant" } },
  ...Object.fromEntries(
    [
      ...["Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"],
      ...["DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"],
      ...["SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"],
    ].map((name) => [name, NO_ACTIVITY]),
  ),
};

/** Python's generators have names, which nothing looks at. */
const SEED_GENERATOR: Settings = { name: { value: "seed_generator", same: "any" } };

const METRIC: Settings = { dtype: { value: "float32", same: ["int32", "int64"] } };

/** Settings that are known here, too: left out where they are null. */
const OWN_AS_WELL = ["activity_regularizer"];

/** Settings here that Python's constructors do not take. */
const NOT_IN_KERAS: Readonly<Record<string, readonly string[]>> = {
  Cropping1D: ["dataFormat"],
  RandomGrayscale: ["valueRange"],
  AutoContrast: ["seed"],
  Equalization: ["seed"],
  ContrastLimitedAdaptiveHistogramEqualization: ["seed"],
  CenterCrop: ["seed"],
  Discretization: ["trainable"],
  // Its results' there, which follow from the mode.
  Hashing: ["dtype"],
  Pipeline: ["trainable", "dtype"],
  SpatialDropout1D: ["trainable"],
  SpatialDropout2D: ["trainable"],
  SpatialDropout3D: ["trainable"],
};

/** What Keras writes beside the settings of this idiom. */
export function kerasSettings(kind: Kind, className: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settingsOf(kind, className)).map(([name, { value }]) => [name, value]),
  );
}

function settingsOf(kind: Kind, className: string): Settings {
  if (kind === "metrics") return METRIC;
  if (kind === "random") return SEED_GENERATOR;
  return kind === "layers" && Object.hasOwn(LAYERS, className) ? LAYERS[className] : {};
}

/** Whether Python's class takes a setting of this idiom. */
export function isKnownToKeras(kind: Kind, className: string, name: string): boolean {
  // The loss of this name has the axis.
  if (kind === "metrics" && className === "BinaryCrossentropy") return name !== "axis";
  return !(Object.hasOwn(NOT_IN_KERAS, className) && NOT_IN_KERAS[className].includes(name));
}

/**
 * Whether a setting of a file is one that Keras alone has.
 *
 * @throws {Error} if its value would make a difference
 */
export function isOnlyKeras(
  kind: Kind,
  className: string,
  name: string,
  value: unknown,
): boolean {
  const settings = settingsOf(kind, className);
  if (!Object.hasOwn(settings, name)) return false;
  const { value: usual, same = [] } = settings[name];
  const text = JSON.stringify(value);
  if (text === JSON.stringify(usual)) return true;
  if (OWN_AS_WELL.includes(name)) return false;
  if (same === "any" || same.some((one) => JSON.stringify(one) === text)) return true;
  throw new Error(
    `${className}: ${name} is ${shortText(value)}, expected ${
      JSON.stringify(usual)
    }: this idiom has no other`,
  );
}

/** Settings whose values are choices, which are in camelCase here. */
const CHOICES = [
  ...["reduction", "classAggregation", "mode", "outputMode", "distribution", "fillMode"],
  ...["mergeMode", "scoreMode", "summationMethod", "standardize"],
];

/** Whether the value of a setting is one of some choices. */
export function isChoice(name: string): boolean {
  return CHOICES.includes(name);
}

/** `beta1` to `beta_1`, `numHeads` to `num_heads`: Keras' name of a setting. */
export function toKerasName(name: string): string {
  return name
    .replace(/\p{Lu}/gu, (letter) => `_${letter.toLowerCase()}`)
    .replace(/(beta|epsilon)([12])/g, "$1_$2");
}

/** `beta_1` to `beta1`, `num_heads` to `numHeads`. */
export function fromKerasName(name: string): string {
  return toCamelCase(name);
}
