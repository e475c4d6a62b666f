/**
 * Regularization layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/regularization_layers/
 * @module
 */
import * as dropout from "./dropout.ts";
import * as noise from "./noise.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type { DropoutOptions, SpatialDropoutNDOptions, SpatialDropoutOptions } from "./dropout.ts";
export type { AlphaDropoutOptions, GaussianDropoutOptions, GaussianNoiseOptions } from "./noise.ts";

export const Dropout = kerasClass(dropout.Dropout, LAYERS.Dropout);
export type Dropout = dropout.Dropout;
export const SpatialDropout1D = kerasClass(dropout.SpatialDropout1D, LAYERS.SpatialDropout1D);
export type SpatialDropout1D = dropout.SpatialDropout1D;
export const SpatialDropout2D = kerasClass(dropout.SpatialDropout2D, LAYERS.SpatialDropout2D);
export type SpatialDropout2D = dropout.SpatialDropout2D;
export const SpatialDropout3D = kerasClass(dropout.SpatialDropout3D, LAYERS.SpatialDropout3D);
export type SpatialDropout3D = dropout.SpatialDropout3D;
export const AlphaDropout = kerasClass(noise.AlphaDropout, LAYERS.AlphaDropout);
export type AlphaDropout = noise.AlphaDropout;
export const GaussianDropout = kerasClass(noise.GaussianDropout, LAYERS.GaussianDropout);
export type GaussianDropout = noise.GaussianDropout;
export const GaussianNoise = kerasClass(noise.GaussianNoise, LAYERS.GaussianNoise);
export type GaussianNoise = noise.GaussianNoise;

registerLayers(dropout, noise);
