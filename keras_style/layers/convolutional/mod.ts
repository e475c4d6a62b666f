/**
 * Convolutions, as classes whose `new` may be left out. Follows https://keras.io/api/layers/convolution_layers/
 * @module
 */
import * as conv from "./conv.ts";
import * as convTranspose from "./conv_transpose.ts";
import * as depthwiseConv from "./depthwise_conv.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type { Conv1DOptions, ConvOptions } from "./conv.ts";
export type { ConvTransposeOptions } from "./conv_transpose.ts";
export type { DepthwiseConvOptions, SeparableConvOptions } from "./depthwise_conv.ts";

export const Conv1D = kerasClass(conv.Conv1D, LAYERS.Conv1D);
export type Conv1D = conv.Conv1D;
export const Conv2D = kerasClass(conv.Conv2D, LAYERS.Conv2D);
export type Conv2D = conv.Conv2D;
export const Conv3D = kerasClass(conv.Conv3D, LAYERS.Conv3D);
export type Conv3D = conv.Conv3D;
export const Conv1DTranspose = kerasClass(convTranspose.Conv1DTranspose, LAYERS.Conv1DTranspose);
export type Conv1DTranspose = convTranspose.Conv1DTranspose;
export const Conv2DTranspose = kerasClass(convTranspose.Conv2DTranspose, LAYERS.Conv2DTranspose);
export type Conv2DTranspose = convTranspose.Conv2DTranspose;
export const Conv3DTranspose = kerasClass(convTranspose.Conv3DTranspose, LAYERS.Conv3DTranspose);
export type Conv3DTranspose = convTranspose.Conv3DTranspose;
export const DepthwiseConv1D = kerasClass(depthwiseConv.DepthwiseConv1D, LAYERS.DepthwiseConv1D);
export type DepthwiseConv1D = depthwiseConv.DepthwiseConv1D;
export const DepthwiseConv2D = kerasClass(depthwiseConv.DepthwiseConv2D, LAYERS.DepthwiseConv2D);
export type DepthwiseConv2D = depthwiseConv.DepthwiseConv2D;
export const SeparableConv1D = kerasClass(depthwiseConv.SeparableConv1D, LAYERS.SeparableConv1D);
export type SeparableConv1D = depthwiseConv.SeparableConv1D;
export const SeparableConv2D = kerasClass(depthwiseConv.SeparableConv2D, LAYERS.SeparableConv2D);
export type SeparableConv2D = depthwiseConv.SeparableConv2D;

// Keras' other names.
export {
  Conv1D as Convolution1D,
  Conv1DTranspose as Convolution1DTranspose,
  Conv2D as Convolution2D,
  Conv2DTranspose as Convolution2DTranspose,
  Conv3D as Convolution3D,
  Conv3DTranspose as Convolution3DTranspose,
  SeparableConv1D as SeparableConvolution1D,
  SeparableConv2D as SeparableConvolution2D,
};

registerLayers(conv, convTranspose, depthwiseConv);
