/**
 * Well-known networks by their architecture, with the layers' names of Keras, so that weights of Keras' files fit. Nothing is
 * downloaded: `weights` is null or the path of a file. Follows https://keras.io/api/applications/
 * @module
 */
import {
  decodePredictions,
  preprocessAs,
  preprocessInput,
  preprocessNothing,
} from "./preprocess.ts";

export type { Application, ApplicationOptions } from "./application.ts";
export type { ClassIndex, DecodeOptions, PreprocessMode, PreprocessOptions } from "./preprocess.ts";
export { DenseNet121, DenseNet169, DenseNet201 } from "./densenet.ts";
export {
  EfficientNetB0,
  EfficientNetB1,
  EfficientNetB2,
  EfficientNetB3,
  EfficientNetB4,
  EfficientNetB5,
  EfficientNetB6,
  EfficientNetB7,
} from "./efficientnet.ts";
export {
  MobileNet,
  type MobileNetOptions,
  MobileNetV2,
  type MobileNetV2Options,
} from "./mobilenet.ts";
export { ResNet101, ResNet101V2, ResNet152, ResNet152V2, ResNet50, ResNet50V2 } from "./resnet.ts";
export { VGG16, VGG19 } from "./vgg.ts";
export { Xception } from "./xception.ts";

/** What Keras has for all networks. */
export const imagenetUtils = { preprocessInput, decodePredictions };
/** How images are prepared for the networks of a family, and what their predictions mean. */
export const resnet = { preprocessInput: preprocessAs("caffe"), decodePredictions };
export const resnet50 = resnet;
export const resnetV2 = { preprocessInput: preprocessAs("tf"), decodePredictions };
export const vgg16 = { preprocessInput: preprocessAs("caffe"), decodePredictions };
export const vgg19 = vgg16;
export const mobilenet = { preprocessInput: preprocessAs("tf"), decodePredictions };
export const mobilenetV2 = mobilenet;
export const densenet = { preprocessInput: preprocessAs("torch"), decodePredictions };
export const xception = { preprocessInput: preprocessAs("tf"), decodePredictions };
export const efficientnet = { preprocessInput: preprocessNothing, decodePredictions };
