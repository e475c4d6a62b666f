/**
 * Transforms as torchvision has them: made once, then called with each image, `new Normalize(mean, std)(image)`.
 * @module
 */
import { type Call, signature } from "../arguments.ts";
import type { Tensor } from "../tensor.ts";
import { channelCount, toGrayscale } from "./adjustments.ts";
import * as augmentation from "./augmentation.ts";
import * as color from "./color.ts";
import { compose, type Transform, transformKind } from "./compose.ts";
import * as geometry from "./geometry.ts";
import * as mixing from "./mixing.ts";

/** A class whose objects are called like functions. */
export type TransformClass<Given extends readonly unknown[], Made = Transform> = new (
  ...given: Given
) => Made;

/** The class of what a function makes. */
function classOf<Given extends readonly unknown[], Made extends object>(
  name: string,
  make: (...given: Given) => Made,
): TransformClass<Given, Made> {
  function Class(...given: Given): Made {
    if (!new.target) throw new TypeError(`${name} is a class: new ${name}(...)`);
    return Object.defineProperty(make(...given), "name", { value: name });
  }
  return Object.defineProperty(Class, "name", { value: name }) as unknown as TransformClass<
    Given,
    Made
  >;
}

/** Transforms in order, the first on what the whole takes. */
export interface ComposeClass {
  new <Input = Tensor>(
    transforms: readonly [first: Transform<Input>, ...rest: Transform[]],
  ): Transform<Input>;
}

/**
 * Transforms in order, the first on what the whole takes.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const { Compose, Normalize, RandomHorizontalFlip, ToTensor } = torch.transforms;
 * const prepare = new Compose([
 *   new ToTensor(),
 *   new RandomHorizontalFlip(),
 *   new Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
 * ]);
 * const image = prepare({ data: new Uint8Array(32 * 32 * 3), height: 32, width: 32, channels: 3 });
 * console.log(image.shape); // [3, 32, 32]
 * ```
 */
export const Compose = classOf("Compose", compose) as unknown as ComposeClass;

const LAMBDA = signature("Lambda", ["transform", transformKind]);

/** A transform by a function of one's own. */
export const Lambda = classOf(
  "Lambda",
  (...given: [transform: Transform]) => {
    const { transform } = LAMBDA.read(given);
    return (image: Tensor) => transform(image);
  },
) as new <Input = Tensor>(transform: Transform<Input>) => Transform<Input>;

/** A decoded image as a tensor [channels, height, width]: bytes are divided by 255, 16 bits by 65,535. */
export const ToTensor: TransformClass<[], typeof color.toTensor> = classOf(
  "ToTensor",
  () => (image: color.DecodedImage) => color.toTensor(image),
);

/** {@linkcode color.normalize} */
export const Normalize: TransformClass<Parameters<typeof color.normalize>> = classOf(
  "Normalize",
  color.normalize,
);
/** {@linkcode geometry.pad} */
export const Pad: TransformClass<Parameters<typeof geometry.pad>> = classOf("Pad", geometry.pad);
/** {@linkcode geometry.centerCrop} */
export const CenterCrop: TransformClass<Parameters<typeof geometry.centerCrop>> = classOf(
  "CenterCrop",
  geometry.centerCrop,
);
/** {@linkcode geometry.randomCrop} */
export const RandomCrop: TransformClass<Parameters<typeof geometry.randomCrop>> = classOf(
  "RandomCrop",
  geometry.randomCrop,
);
/** {@linkcode geometry.randomHorizontalFlip} */
export const RandomHorizontalFlip: TransformClass<
  Parameters<typeof geometry.randomHorizontalFlip>
> = classOf("RandomHorizontalFlip", geometry.randomHorizontalFlip);
/** {@linkcode geometry.resize} */
export const Resize: TransformClass<Parameters<typeof geometry.resize>> = classOf(
  "Resize",
  geometry.resize,
);
/** {@linkcode augmentation.randomVerticalFlip} */
export const RandomVerticalFlip: TransformClass<
  Parameters<typeof augmentation.randomVerticalFlip>
> = classOf("RandomVerticalFlip", augmentation.randomVerticalFlip);
/** {@linkcode augmentation.randomResizedCrop} */
export const RandomResizedCrop: TransformClass<
  Parameters<typeof augmentation.randomResizedCrop>
> = classOf("RandomResizedCrop", augmentation.randomResizedCrop);
/** {@linkcode augmentation.randomRotation} */
export const RandomRotation: TransformClass<Parameters<typeof augmentation.randomRotation>> =
  classOf("RandomRotation", augmentation.randomRotation);
/** {@linkcode augmentation.colorJitter} */
export const ColorJitter: TransformClass<Parameters<typeof augmentation.colorJitter>> = classOf(
  "ColorJitter",
  augmentation.colorJitter,
);
/** {@linkcode augmentation.randomGrayscale} */
export const RandomGrayscale: TransformClass<Parameters<typeof augmentation.randomGrayscale>> =
  classOf("RandomGrayscale", augmentation.randomGrayscale);
/** {@linkcode augmentation.randomErasing} */
export const RandomErasing: TransformClass<Parameters<typeof augmentation.randomErasing>> = classOf(
  "RandomErasing",
  augmentation.randomErasing,
);
/** {@linkcode augmentation.randAugment} */
export const RandAugment: TransformClass<Parameters<typeof augmentation.randAugment>> = classOf(
  "RandAugment",
  augmentation.randAugment,
);
/** {@linkcode augmentation.randomApply} */
export const RandomApply: TransformClass<Parameters<typeof augmentation.randomApply>> = classOf(
  "RandomApply",
  augmentation.randomApply,
);
const GRAYSCALE = signature("Grayscale", ["numOutputChannels", channelCount, 1]);

/** {@linkcode toGrayscale} */
export const Grayscale: TransformClass<Call<typeof GRAYSCALE, { numOutputChannels?: 1 | 3 }>> =
  classOf("Grayscale", (...given) => {
    const { numOutputChannels } = GRAYSCALE.read(given);
    return (image: Tensor) => toGrayscale(image, numOutputChannels as 1 | 3);
  });
/** {@linkcode mixing.mixUp} */
export const MixUp: TransformClass<[mixing.MixOptions], mixing.BatchTransform> = classOf(
  "MixUp",
  mixing.mixUp,
);
/** {@linkcode mixing.cutMix} */
export const CutMix: TransformClass<[mixing.MixOptions], mixing.BatchTransform> = classOf(
  "CutMix",
  mixing.cutMix,
);
