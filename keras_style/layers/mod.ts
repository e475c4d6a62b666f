/**
 * Keras' layers: TensorFlow.js' with Keras' names and defaults, each a class whose objects are called like functions.
 * All take one object of options, named as in https://keras.io/api/layers/ but camelCase.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ActivationOption } from "../activations/mod.ts";
import { makeBidirectional } from "./bidirectional.ts";
import { type DropoutArgs, DropoutLayer, SpatialDropout1DLayer } from "./dropout.ts";
import { type Defaults, type Layer, type LayerClass, layerClass } from "./layer_class.ts";
import {
  AlphaDropoutLayer,
  dropUnits,
  GaussianDropoutLayer,
  type GaussianNoiseArgs,
  GaussianNoiseLayer,
  type NoiseRateArgs,
} from "./noise.ts";

export { type InputOptions } from "./input.ts";
export { type CallOptions, type Layer, type LayerClass } from "./layer_class.ts";

type Made = typeof tf.layers;
/** Options of TensorFlow.js' function of that name; activations are also functions and layers. */
type ArgsOf<Name extends keyof Made> = Made[Name] extends (args: infer Args) => tf.layers.Layer
  ? WithActivations<NonNullable<Args>>
  : never;
type WithActivations<Args> = {
  [Key in keyof Args]: Key extends "activation" | "recurrentActivation" ? ActivationOption
    : Args[Key];
};

/** A class that needs options. */
function needing<Name extends keyof Made>(
  name: Name,
  defaults?: Defaults,
): LayerClass<ArgsOf<Name>> {
  return layerClass(
    tf.layers[name] as unknown as (args: ArgsOf<Name>) => tf.layers.Layer,
    defaults,
  );
}

/** A class whose options may all be left out. */
function free<Name extends keyof Made>(
  name: Name,
  defaults?: Defaults,
): LayerClass<Partial<ArgsOf<Name>>, true> {
  return layerClass(tf.layers[name] as (args: object) => tf.layers.Layer, defaults);
}

const glorot = { kernelInitializer: "glorotUniform" };
const recurrent = { ...glorot, recurrentInitializer: "orthogonal", dropoutFunc: dropUnits };

export const Dense = needing("dense", glorot);
export const Activation = needing("activation");
export const Flatten = free("flatten");
export const Reshape = needing("reshape");
export const Permute = needing("permute");
export const RepeatVector = needing("repeatVector");
export const Masking = free("masking");
export const Embedding = needing("embedding", { embeddingsInitializer: "randomUniform" });

export const Conv1D = needing("conv1d", glorot);
export const Conv2D = needing("conv2d", glorot);
export const Conv3D = needing("conv3d", glorot);
export const Conv2DTranspose = needing("conv2dTranspose", glorot);
export const Conv3DTranspose = needing("conv3dTranspose", glorot);
export const SeparableConv2D = needing("separableConv2d", {
  depthwiseInitializer: "glorotUniform",
  pointwiseInitializer: "glorotUniform",
});
export const DepthwiseConv2D = needing("depthwiseConv2d", {
  depthwiseInitializer: "glorotUniform",
});
export const Cropping2D = needing("cropping2D");
export const UpSampling2D = free("upSampling2d");
export const ZeroPadding2D = free("zeroPadding2d");

export const MaxPooling1D = free("maxPooling1d");
export const MaxPooling2D = free("maxPooling2d");
export const MaxPooling3D = free("maxPooling3d");
export const AveragePooling1D = free("averagePooling1d");
export const AveragePooling2D = free("averagePooling2d");
export const AveragePooling3D = free("averagePooling3d");
export const GlobalAveragePooling1D = free("globalAveragePooling1d");
export const GlobalAveragePooling2D = free("globalAveragePooling2d");
export const GlobalMaxPooling1D = free("globalMaxPooling1d");
export const GlobalMaxPooling2D = free("globalMaxPooling2d");

export const BatchNormalization = free("batchNormalization");
export const LayerNormalization = free("layerNormalization");

export const ReLU = free("reLU");
export const LeakyReLU = free("leakyReLU");
export const PReLU = free("prelu");
export const ELU = free("elu");
// TensorFlow.js' own default is axis 1.
export const Softmax = free("softmax", { axis: -1 });

export const Add = free("add");
export const Average = free("average");
export const Concatenate = free("concatenate");
export const Maximum = free("maximum");
export const Minimum = free("minimum");
export const Multiply = free("multiply");
export const Dot = needing("dot");

export const SimpleRNN = needing("simpleRNN", recurrent);
// TensorFlow.js' own default is Keras 2's hard sigmoid.
const gated = { ...recurrent, recurrentActivation: "sigmoid" };
export const GRU = needing("gru", gated);
export const LSTM = needing("lstm", { ...gated, unitForgetBias: true });
/** Options of `Bidirectional`. */
export type BidirectionalArgs = Omit<ArgsOf<"bidirectional">, "layer" | "mergeMode"> & {
  /** A recurrent layer; both directions get one made like it. */
  readonly layer: Layer;
  /** How the two results become one; "concat" unless given. */
  readonly mergeMode?: ArgsOf<"bidirectional">["mergeMode"];
};
export const Bidirectional = layerClass(makeBidirectional) as unknown as LayerClass<
  BidirectionalArgs
>;
export const TimeDistributed = needing("timeDistributed");

export const Rescaling = needing("rescaling");
export const Resizing = needing("resizing");

export const Dropout: LayerClass<DropoutArgs> = layerClass((args) => new DropoutLayer(args));
export const SpatialDropout1D: LayerClass<DropoutArgs> = layerClass((args) =>
  new SpatialDropout1DLayer(args)
);
export const GaussianNoise: LayerClass<GaussianNoiseArgs> = layerClass((args) =>
  new GaussianNoiseLayer(args)
);
export const GaussianDropout: LayerClass<NoiseRateArgs> = layerClass((args) =>
  new GaussianDropoutLayer(args)
);
export const AlphaDropout: LayerClass<NoiseRateArgs> = layerClass((args) =>
  new AlphaDropoutLayer(args)
);
