/**
 * Layers that prepare and augment data, as classes whose `new` may be left out.
 * @module
 */
import * as imageLayers from "./image_layers.ts";
import * as preprocessing from "./preprocessing.ts";
import * as randomColor from "./random_color.ts";
import * as randomGeometry from "./random_geometry.ts";
import * as pipeline from "./pipeline.ts";
import * as randomHue from "./random_hue.ts";
import * as randomMixing from "./random_mixing.ts";
import { withoutNew } from "./without_new.ts";

export type {
  CropOptions,
  Factor,
  FlipMode,
  ImageAugmentationOptions,
  RandomFlipOptions,
  RandomRotationOptions,
  RandomTranslationOptions,
  RandomZoomOptions,
  TransformOptions,
} from "./random_geometry.ts";
export type {
  AutoContrastOptions,
  ChanceOptions,
  ColorFactorOptions,
  DegenerationOptions,
  RandomInvertOptions,
  RandomPosterizationOptions,
  ValueRangeOptions,
} from "./random_color.ts";
export type {
  AdaptData,
  CategoryEncodingOptions,
  DiscretizationOptions,
  EncodingMode,
  NormalizationOptions,
} from "./preprocessing.ts";
export type { RescalingOptions, ResizingOptions } from "./image_layers.ts";

export const RandomRotation = withoutNew(randomGeometry.RandomRotation);
export type RandomRotation = randomGeometry.RandomRotation;
export const RandomTranslation = withoutNew(randomGeometry.RandomTranslation);
export type RandomTranslation = randomGeometry.RandomTranslation;
export const RandomZoom = withoutNew(randomGeometry.RandomZoom);
export type RandomZoom = randomGeometry.RandomZoom;
export const RandomFlip = withoutNew(randomGeometry.RandomFlip);
export type RandomFlip = randomGeometry.RandomFlip;
export const CenterCrop = withoutNew(randomGeometry.CenterCrop);
export type CenterCrop = randomGeometry.CenterCrop;
export const RandomCrop = withoutNew(randomGeometry.RandomCrop);
export type RandomCrop = randomGeometry.RandomCrop;
export const RandomBrightness = withoutNew(randomColor.RandomBrightness);
export type RandomBrightness = randomColor.RandomBrightness;
export const RandomContrast = withoutNew(randomColor.RandomContrast);
export type RandomContrast = randomColor.RandomContrast;
export const RandomGrayscale = withoutNew(randomColor.RandomGrayscale);
export type RandomGrayscale = randomColor.RandomGrayscale;
export const RandomInvert = withoutNew(randomColor.RandomInvert);
export type RandomInvert = randomColor.RandomInvert;
export const RandomColorDegeneration = withoutNew(randomColor.RandomColorDegeneration);
export type RandomColorDegeneration = randomColor.RandomColorDegeneration;
export const RandomPosterization = withoutNew(randomColor.RandomPosterization);
export type RandomPosterization = randomColor.RandomPosterization;
export const AutoContrast = withoutNew(randomColor.AutoContrast);
export type AutoContrast = randomColor.AutoContrast;
export const Normalization = withoutNew(preprocessing.Normalization);
export type Normalization = preprocessing.Normalization;
export const CategoryEncoding = withoutNew(preprocessing.CategoryEncoding);
export type CategoryEncoding = preprocessing.CategoryEncoding;
export const Discretization = withoutNew(preprocessing.Discretization);
export type Discretization = preprocessing.Discretization;
export const Rescaling = withoutNew(imageLayers.Rescaling);
export type Rescaling = imageLayers.Rescaling;
export const Resizing = withoutNew(imageLayers.Resizing);
export type Resizing = imageLayers.Resizing;
export { deserialize, type PipelineOptions, serialize } from "./pipeline.ts";
export type {
  RandomColorJitterOptions,
  RandomShearOptions,
  ShareOptions,
  SolarizationOptions,
} from "./random_hue.ts";

export const RandomHue = withoutNew(randomHue.RandomHue);
export type RandomHue = randomHue.RandomHue;
export const RandomSaturation = withoutNew(randomHue.RandomSaturation);
export type RandomSaturation = randomHue.RandomSaturation;
export const RandomSharpness = withoutNew(randomHue.RandomSharpness);
export type RandomSharpness = randomHue.RandomSharpness;
export const Solarization = withoutNew(randomHue.Solarization);
export type Solarization = randomHue.Solarization;
export const RandomColorJitter = withoutNew(randomHue.RandomColorJitter);
export type RandomColorJitter = randomHue.RandomColorJitter;
export const RandomShear = withoutNew(randomHue.RandomShear);
export type RandomShear = randomHue.RandomShear;
export const Pipeline = withoutNew(pipeline.Pipeline);
export type Pipeline = pipeline.Pipeline;
export type {
  CutMixOptions,
  ImagesAndLabels,
  MixUpOptions,
  RandomErasingOptions,
} from "./random_mixing.ts";
export const MixUp = withoutNew(randomMixing.MixUp);
export type MixUp = randomMixing.MixUp;
export const CutMix = withoutNew(randomMixing.CutMix);
export type CutMix = randomMixing.CutMix;
export const RandomErasing = withoutNew(randomMixing.RandomErasing);
export type RandomErasing = randomMixing.RandomErasing;
