/**
 * Layers that prepare and augment data, as classes whose `new` may be left out. Follows https://keras.io/api/layers/preprocessing_layers/
 * @module
 */
import * as equalization from "./equalization.ts";
import * as imageLayers from "./image_layers.ts";
import * as integerLookup from "./integer_lookup.ts";
import * as pipeline from "./pipeline.ts";
import * as preprocessing from "./preprocessing.ts";
import * as randomColor from "./random_color.ts";
import * as randomGeometry from "./random_geometry.ts";
import * as randomHue from "./random_hue.ts";
import * as randomMixing from "./random_mixing.ts";
import * as randomPolicies from "./random_policies.ts";
import * as randomWarp from "./random_warp.ts";
import * as hashing from "./hashing.ts";
import * as stringLookup from "./string_lookup.ts";
import * as textVectorization from "./text_vectorization.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export { deserialize, type PipelineOptions, serialize } from "./pipeline.ts";
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
  CategoryEncodingOptions,
  DiscretizationOptions,
  EncodingMode,
  NormalizationOptions,
} from "./preprocessing.ts";
export type { AdaptData } from "./adapt_data.ts";
export type { ClaheOptions, EqualizationOptions } from "./equalization.ts";
export type { HashingInputs, HashingOptions } from "./hashing.ts";
export type { LookupMode, LookupOptions } from "./index_lookup.ts";
export type { IntegerLookupOptions } from "./integer_lookup.ts";
export type { StringInputs, StringLookupOptions } from "./string_lookup.ts";
export type { TextVectorizationOptions } from "./text_vectorization.ts";
export type { AugMixOptions, RandAugmentOptions } from "./random_policies.ts";
export type {
  RandomElasticTransformOptions,
  RandomGaussianBlurOptions,
  RandomPerspectiveOptions,
} from "./random_warp.ts";
export type { RescalingOptions, ResizingOptions } from "./image_layers.ts";
export type {
  RandomColorJitterOptions,
  RandomShearOptions,
  ShareOptions,
  SolarizationOptions,
} from "./random_hue.ts";
export type {
  CutMixOptions,
  ImagesAndLabels,
  MixUpOptions,
  RandomErasingOptions,
} from "./random_mixing.ts";

export const RandomRotation = kerasClass(randomGeometry.RandomRotation, LAYERS.RandomRotation);
export type RandomRotation = randomGeometry.RandomRotation;
export const RandomTranslation = kerasClass(
  randomGeometry.RandomTranslation,
  LAYERS.RandomTranslation,
);
export type RandomTranslation = randomGeometry.RandomTranslation;
export const RandomZoom = kerasClass(randomGeometry.RandomZoom, LAYERS.RandomZoom);
export type RandomZoom = randomGeometry.RandomZoom;
export const RandomFlip = kerasClass(randomGeometry.RandomFlip, LAYERS.RandomFlip);
export type RandomFlip = randomGeometry.RandomFlip;
export const CenterCrop = kerasClass(randomGeometry.CenterCrop, LAYERS.CenterCrop);
export type CenterCrop = randomGeometry.CenterCrop;
export const RandomCrop = kerasClass(randomGeometry.RandomCrop, LAYERS.RandomCrop);
export type RandomCrop = randomGeometry.RandomCrop;
export const RandomBrightness = kerasClass(randomColor.RandomBrightness, LAYERS.RandomBrightness);
export type RandomBrightness = randomColor.RandomBrightness;
export const RandomContrast = kerasClass(randomColor.RandomContrast, LAYERS.RandomContrast);
export type RandomContrast = randomColor.RandomContrast;
export const RandomGrayscale = kerasClass(randomColor.RandomGrayscale, LAYERS.RandomGrayscale);
export type RandomGrayscale = randomColor.RandomGrayscale;
export const RandomInvert = kerasClass(randomColor.RandomInvert, LAYERS.RandomInvert);
export type RandomInvert = randomColor.RandomInvert;
export const RandomColorDegeneration = kerasClass(
  randomColor.RandomColorDegeneration,
  LAYERS.RandomColorDegeneration,
);
export type RandomColorDegeneration = randomColor.RandomColorDegeneration;
export const RandomPosterization = kerasClass(
  randomColor.RandomPosterization,
  LAYERS.RandomPosterization,
);
export type RandomPosterization = randomColor.RandomPosterization;
export const AutoContrast = kerasClass(randomColor.AutoContrast, LAYERS.AutoContrast);
export type AutoContrast = randomColor.AutoContrast;
export const Normalization = kerasClass(preprocessing.Normalization, LAYERS.Normalization);
export type Normalization = preprocessing.Normalization;
export const CategoryEncoding = kerasClass(preprocessing.CategoryEncoding, LAYERS.CategoryEncoding);
export type CategoryEncoding = preprocessing.CategoryEncoding;
export const Discretization = kerasClass(preprocessing.Discretization, LAYERS.Discretization);
export type Discretization = preprocessing.Discretization;
export const Rescaling = kerasClass(imageLayers.Rescaling, LAYERS.Rescaling);
export type Rescaling = imageLayers.Rescaling;
export const Resizing = kerasClass(imageLayers.Resizing, LAYERS.Resizing);
export type Resizing = imageLayers.Resizing;
export const RandomHue = kerasClass(randomHue.RandomHue, LAYERS.RandomHue);
export type RandomHue = randomHue.RandomHue;
export const RandomSaturation = kerasClass(randomHue.RandomSaturation, LAYERS.RandomSaturation);
export type RandomSaturation = randomHue.RandomSaturation;
export const RandomSharpness = kerasClass(randomHue.RandomSharpness, LAYERS.RandomSharpness);
export type RandomSharpness = randomHue.RandomSharpness;
export const Solarization = kerasClass(randomHue.Solarization, LAYERS.Solarization);
export type Solarization = randomHue.Solarization;
export const RandomColorJitter = kerasClass(randomHue.RandomColorJitter, LAYERS.RandomColorJitter);
export type RandomColorJitter = randomHue.RandomColorJitter;
export const RandomShear = kerasClass(randomHue.RandomShear, LAYERS.RandomShear);
export type RandomShear = randomHue.RandomShear;
export const Pipeline = kerasClass(pipeline.Pipeline, LAYERS.Pipeline);
export type Pipeline = pipeline.Pipeline;
export const MixUp = kerasClass(randomMixing.MixUp, LAYERS.MixUp);
export type MixUp = randomMixing.MixUp;
export const CutMix = kerasClass(randomMixing.CutMix, LAYERS.CutMix);
export type CutMix = randomMixing.CutMix;
export const RandomErasing = kerasClass(randomMixing.RandomErasing, LAYERS.RandomErasing);
export type RandomErasing = randomMixing.RandomErasing;
export const ContrastLimitedAdaptiveHistogramEqualization = kerasClass(
  equalization.ContrastLimitedAdaptiveHistogramEqualization,
  LAYERS.ContrastLimitedAdaptiveHistogramEqualization,
);
export type ContrastLimitedAdaptiveHistogramEqualization =
  equalization.ContrastLimitedAdaptiveHistogramEqualization;
export const Equalization = kerasClass(equalization.Equalization, LAYERS.Equalization);
export type Equalization = equalization.Equalization;
export const IntegerLookup = kerasClass(integerLookup.IntegerLookup, LAYERS.IntegerLookup);
export type IntegerLookup = integerLookup.IntegerLookup;
export const Hashing = kerasClass(hashing.Hashing, LAYERS.Hashing);
export type Hashing = hashing.Hashing;
export const StringLookup = kerasClass(stringLookup.StringLookup, LAYERS.StringLookup);
export type StringLookup = stringLookup.StringLookup;
export const TextVectorization = kerasClass(
  textVectorization.TextVectorization,
  LAYERS.TextVectorization,
);
export type TextVectorization = textVectorization.TextVectorization;
export const AugMix = kerasClass(randomPolicies.AugMix, LAYERS.AugMix);
export type AugMix = randomPolicies.AugMix;
export const RandAugment = kerasClass(randomPolicies.RandAugment, LAYERS.RandAugment);
export type RandAugment = randomPolicies.RandAugment;
export const RandomElasticTransform = kerasClass(
  randomWarp.RandomElasticTransform,
  LAYERS.RandomElasticTransform,
);
export type RandomElasticTransform = randomWarp.RandomElasticTransform;
export const RandomGaussianBlur = kerasClass(
  randomWarp.RandomGaussianBlur,
  LAYERS.RandomGaussianBlur,
);
export type RandomGaussianBlur = randomWarp.RandomGaussianBlur;
export const RandomPerspective = kerasClass(randomWarp.RandomPerspective, LAYERS.RandomPerspective);
export type RandomPerspective = randomWarp.RandomPerspective;

registerLayers(
  equalization,
  imageLayers,
  integerLookup,
  pipeline,
  preprocessing,
  randomColor,
  randomGeometry,
  randomHue,
  randomMixing,
  randomPolicies,
  randomWarp,
  hashing,
  stringLookup,
  textVectorization,
);
