/**
 * Reshaping layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/reshaping_layers/
 * @module
 */
import * as edges from "./edges.ts";
import * as reshaping from "./reshaping.ts";
import * as upSampling from "./up_sampling.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type {
  FlattenOptions,
  PermuteOptions,
  RepeatVectorOptions,
  ReshapeOptions,
} from "./reshaping.ts";
export type { CroppingOptions, EdgeSizes, ZeroPaddingOptions } from "./edges.ts";
export type { UpSampling2DOptions, UpSamplingOptions } from "./up_sampling.ts";

export const Flatten = kerasClass(reshaping.Flatten, LAYERS.Flatten);
export type Flatten = reshaping.Flatten;
export const Permute = kerasClass(reshaping.Permute, LAYERS.Permute);
export type Permute = reshaping.Permute;
export const RepeatVector = kerasClass(reshaping.RepeatVector, LAYERS.RepeatVector);
export type RepeatVector = reshaping.RepeatVector;
export const Reshape = kerasClass(reshaping.Reshape, LAYERS.Reshape);
export type Reshape = reshaping.Reshape;
export const Cropping1D = kerasClass(edges.Cropping1D, LAYERS.Cropping1D);
export type Cropping1D = edges.Cropping1D;
export const Cropping2D = kerasClass(edges.Cropping2D, LAYERS.Cropping2D);
export type Cropping2D = edges.Cropping2D;
export const Cropping3D = kerasClass(edges.Cropping3D, LAYERS.Cropping3D);
export type Cropping3D = edges.Cropping3D;
export const ZeroPadding1D = kerasClass(edges.ZeroPadding1D, LAYERS.ZeroPadding1D);
export type ZeroPadding1D = edges.ZeroPadding1D;
export const ZeroPadding2D = kerasClass(edges.ZeroPadding2D, LAYERS.ZeroPadding2D);
export type ZeroPadding2D = edges.ZeroPadding2D;
export const ZeroPadding3D = kerasClass(edges.ZeroPadding3D, LAYERS.ZeroPadding3D);
export type ZeroPadding3D = edges.ZeroPadding3D;
export const UpSampling1D = kerasClass(upSampling.UpSampling1D, LAYERS.UpSampling1D);
export type UpSampling1D = upSampling.UpSampling1D;
export const UpSampling2D = kerasClass(upSampling.UpSampling2D, LAYERS.UpSampling2D);
export type UpSampling2D = upSampling.UpSampling2D;
export const UpSampling3D = kerasClass(upSampling.UpSampling3D, LAYERS.UpSampling3D);
export type UpSampling3D = upSampling.UpSampling3D;

registerLayers(edges, reshaping, upSampling);
