/**
 * Random changes of images. They draw from the stream that `manualSeed` starts; float32 images, 0 to 1. Each follows the page
 * of its name under https://docs.pytorch.org/vision/stable/transforms.html
 * @module
 */
import { defaultGenerator } from "../random.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import type { Tensor } from "../tensor.ts";
import * as adjust from "./adjustments.ts";
import { affine, type AffineOptions, rotate } from "./affine.ts";
import { type Transform, transformKind } from "./compose.ts";
import { crop, resize, type Size } from "./geometry.ts";
import { drawImage, imageOf } from "./image.ts";

function uniform(low: number, high: number): number {
  return low + (high - low) * defaultGenerator().uniform(1)[0];
}

function integerBelow(count: number): number {
  return Math.min(count - 1, Math.floor(uniform(0, count)));
}

function checkProbability(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new Error(`${name}: p is ${p}, expected 0 to 1`);
}

const RANDOM_VERTICAL_FLIP = signature("RandomVerticalFlip", ["p", kinds.number, 0.5]);

/** Upside down with probability `p`. */
export function randomVerticalFlip(
  ...given: Call<typeof RANDOM_VERTICAL_FLIP, { readonly p?: number }>
): Transform {
  const { p } = RANDOM_VERTICAL_FLIP.read(given);
  checkProbability("RandomVerticalFlip", p);
  return (input) => {
    const { data, channels, height, width } = imageOf("RandomVerticalFlip", input);
    if (uniform(0, 1) >= p) return input;
    return drawImage(
      [channels, height, width],
      (c, y, x) => data[(c * height + height - 1 - y) * width + x],
    );
  };
}

/** Options of {@linkcode randomResizedCrop}. */
export interface RandomResizedCropOptions {
  /** Smallest and largest share of the image's area, [0.08, 1] unless given. */
  readonly scale?: readonly [number, number];
  /** Smallest and largest width divided by height, [3/4, 4/3] unless given. */
  readonly ratio?: readonly [number, number];
}

const RANDOM_RESIZED_CROP = signature(
  "RandomResizedCrop",
  ["size", kinds.either(kinds.integer, kinds.pair)],
  ["scale", kinds.pair, [0.08, 1]],
  ["ratio", kinds.pair, [3 / 4, 4 / 3]],
);

/** A part of random size, position and proportions, in another size (bilinear, not smoothed). */
export function randomResizedCrop(
  ...given: Call<typeof RANDOM_RESIZED_CROP, RandomResizedCropOptions, [size: Size]>
): Transform {
  const { size, scale, ratio } = RANDOM_RESIZED_CROP.read(given);
  if (scale[0] > scale[1] || ratio[0] > ratio[1]) {
    throw new Error("RandomResizedCrop: Scale and ratio should be of kind (min, max)");
  }
  const fit = resize(typeof size === "number" ? [size, size] : size);
  return (input) => {
    const { height, width } = imageOf("RandomResizedCrop", input);
    const [top, left, rows, columns] = partOf(height, width, scale, ratio);
    return fit(crop(input, top, left, rows, columns));
  };
}

/** After ten parts that did not fit, the middle one with the nearest proportions. */
function partOf(
  height: number,
  width: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): [number, number, number, number] {
  const [low, high] = ratio.map(Math.log);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * uniform(...scale as [number, number]);
    const shape = Math.exp(uniform(low, high));
    const [columns, rows] = [
      Math.round(Math.sqrt(area * shape)),
      Math.round(Math.sqrt(area / shape)),
    ];
    if (columns < 1 || rows < 1 || columns > width || rows > height) continue;
    return [integerBelow(height - rows + 1), integerBelow(width - columns + 1), rows, columns];
  }
  const own = width / height;
  const columns = own > ratio[1] ? Math.round(height * ratio[1]) : width;
  const rows = own < ratio[0] ? Math.round(width / ratio[0]) : height;
  return [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2), rows, columns];
}

/** How much a colour may change: by up to so much, or between two factors. */
export type Jitter = number | readonly [low: number, high: number];

/** Options of {@linkcode colorJitter}; nothing changes unless given. */
export interface ColorJitterOptions {
  readonly brightness?: Jitter;
  readonly contrast?: Jitter;
  readonly saturation?: Jitter;
  /** Share of the circle, at most 0.5. */
  readonly hue?: Jitter;
}

const jitter = kinds.either(kinds.number, kinds.pair);

const COLOR_JITTER = signature(
  "ColorJitter",
  ["brightness", jitter, 0],
  ["contrast", jitter, 0],
  ["saturation", jitter, 0],
  ["hue", jitter, 0],
);

/** Brightness, contrast, saturation and hue changed at random, in random order. */
export function colorJitter(
  ...given: Call<typeof COLOR_JITTER, ColorJitterOptions>
): Transform {
  const { brightness, contrast, saturation, hue } = COLOR_JITTER.read(given);
  const factors = (name: string, value: Jitter): readonly [number, number] => {
    const [low, high] = typeof value === "number" ? [Math.max(0, 1 - value), 1 + value] : value;
    if ((typeof value === "number" && value < 0) || !(low >= 0 && low <= high)) {
      throw new Error(
        `ColorJitter: ${name} values should be between 0 and infinity, low before high, got ${value}`,
      );
    }
    return [low, high];
  };
  const [hueLow, hueHigh] = typeof hue === "number" ? [-hue, hue] : hue;
  if (!(hueLow >= -0.5 && hueHigh <= 0.5 && hueLow <= hueHigh)) {
    throw new Error(`ColorJitter: hue values should be between -0.5 and 0.5, got ${hue}`);
  }
  const steps = ([
    [factors("brightness", brightness), adjust.adjustBrightness],
    [factors("contrast", contrast), adjust.adjustContrast],
    [factors("saturation", saturation), adjust.adjustSaturation],
  ] as const).map(([range, change]) => ({ range, change, none: 1 })).concat({
    range: [hueLow, hueHigh],
    change: adjust.adjustHue,
    none: 0,
  });
  return (input) => {
    const order = defaultGenerator().permutation(steps.length);
    return [...order].reduce((image: Tensor, i) => {
      const { range, change, none } = steps[i];
      if (range[0] === none && range[1] === none) return image;
      return change(image, uniform(...range as [number, number]));
    }, input);
  };
}

const RANDOM_GRAYSCALE = signature("RandomGrayscale", ["p", kinds.number, 0.1]);

/** Without colour with probability `p`, in as many channels. */
export function randomGrayscale(
  ...given: Call<typeof RANDOM_GRAYSCALE, { readonly p?: number }>
): Transform {
  const { p } = RANDOM_GRAYSCALE.read(given);
  checkProbability("RandomGrayscale", p);
  return (input) => {
    if (uniform(0, 1) >= p) return input;
    return adjust.toGrayscale(input, input.shape[0] === 3 ? 3 : 1);
  };
}

/** Options of {@linkcode randomErasing}. */
export interface RandomErasingOptions {
  /** Probability, 0.5 unless given. */
  readonly p?: number;
  /** Smallest and largest share of the area, [0.02, 0.33] unless given. */
  readonly scale?: readonly [number, number];
  /** Smallest and largest height divided by width, [0.3, 3.3] unless given. */
  readonly ratio?: readonly [number, number];
  /** What is put there: 0 unless given; "random" for normal numbers. */
  readonly value?: number | "random";
}

const RANDOM_ERASING = signature(
  "RandomErasing",
  ["p", kinds.number, 0.5],
  ["scale", kinds.pair, [0.02, 0.33]],
  ["ratio", kinds.pair, [0.3, 3.3]],
  ["value", kinds.either(kinds.number, kinds.oneOf("random")), 0],
);

/** A rectangle at random wiped out (Zhong et al. 2017); behind `normalize` its 0 is the mean. */
export function randomErasing(
  ...given: Call<typeof RANDOM_ERASING, RandomErasingOptions>
): Transform {
  const { p, scale, ratio, value } = RANDOM_ERASING.read(given);
  checkProbability("RandomErasing", p);
  if (!(scale[0] >= 0 && scale[1] <= 1)) {
    throw new Error(`RandomErasing: Scale should be between 0 and 1, got ${scale}`);
  }
  return (input) => {
    const { data, channels, height, width } = imageOf("RandomErasing", input);
    if (uniform(0, 1) >= p) return input;
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * uniform(...scale as [number, number]);
      const shape = Math.exp(uniform(Math.log(ratio[0]), Math.log(ratio[1])));
      const [rows, columns] = [
        Math.round(Math.sqrt(area * shape)),
        Math.round(Math.sqrt(area / shape)),
      ];
      if (rows >= height || columns >= width) continue;
      const [top, left] = [integerBelow(height - rows + 1), integerBelow(width - columns + 1)];
      const noise = value === "random"
        ? defaultGenerator().normal(channels * rows * columns)
        : undefined;
      return drawImage([channels, height, width], (c, y, x) => {
        const [row, column] = [y - top, x - left];
        if (row < 0 || row >= rows || column < 0 || column >= columns) {
          return data[(c * height + y) * width + x];
        }
        return noise ? noise[(c * rows + row) * columns + column] : value as number;
      });
    }
    return input;
  };
}

/** Options of {@linkcode randAugment}. */
export interface RandAugmentOptions {
  /** How many changes, 2 unless given. */
  readonly numOps?: number;
  /** How strong, 0 to numMagnitudeBins - 1; 9 unless given. */
  readonly magnitude?: number;
  /** 31 unless given. */
  readonly numMagnitudeBins?: number;
  /** What comes in from outside, 0 unless given. */
  readonly fill?: number;
}

type Change = (image: Tensor, strength: number, sign: number, fill: number) => Tensor;

/** What RandAugment chooses from; `strength` is 0 to 1. */
const CHANGES: readonly Change[] = [
  (image) => image,
  (image, s, sign, fill) =>
    affine(image, { shear: [degrees(0.3 * s * sign), 0], center: [0, 0], fill }),
  (image, s, sign, fill) =>
    affine(image, { shear: [0, degrees(0.3 * s * sign)], center: [0, 0], fill }),
  (image, s, sign, fill) =>
    affine(image, { translate: [Math.trunc(150 / 331 * image.shape[2] * s) * sign, 0], fill }),
  (image, s, sign, fill) =>
    affine(image, { translate: [0, Math.trunc(150 / 331 * image.shape[1] * s) * sign], fill }),
  (image, s, sign, fill) => rotate(image, 30 * s * sign, { fill }),
  (image, s, sign) => adjust.adjustBrightness(image, 1 + 0.9 * s * sign),
  (image, s, sign) => adjust.adjustSaturation(image, 1 + 0.9 * s * sign),
  (image, s, sign) => adjust.adjustContrast(image, 1 + 0.9 * s * sign),
  (image, s, sign) => adjust.adjustSharpness(image, 1 + 0.9 * s * sign),
  (image, s) => adjust.posterize(image, Math.round(8 - 4 * s)),
  (image, s) => adjust.solarize(image, 1 - s),
  (image) => adjust.autocontrast(image),
  (image) => adjust.equalize(image),
];

function degrees(slope: number): number {
  return Math.atan(slope) * 180 / Math.PI;
}

const RAND_AUGMENT = signature(
  "RandAugment",
  ["numOps", kinds.number, 2],
  ["magnitude", kinds.number, 9],
  ["numMagnitudeBins", kinds.integer, 31],
  "*",
  ["fill", kinds.number, 0],
);

/** Some changes chosen at random, all of one strength (Cubuk et al. 2020). */
export function randAugment(...given: Call<typeof RAND_AUGMENT, RandAugmentOptions>): Transform {
  const { numOps, magnitude, numMagnitudeBins, fill } = RAND_AUGMENT.read(given);
  if (!Number.isInteger(numOps) || numOps < 0) {
    throw new Error(`num_ops should be a non-negative integer, but got ${numOps} instead.`);
  }
  if (!(magnitude >= 0 && magnitude < numMagnitudeBins)) {
    throw new Error(
      `RandAugment: magnitude is ${magnitude}, expected 0 to ${numMagnitudeBins - 1}`,
    );
  }
  const strength = magnitude / (numMagnitudeBins - 1);
  return (input) => {
    let image = input;
    for (let k = 0; k < numOps; k++) {
      const change = CHANGES[integerBelow(CHANGES.length)];
      image = change(image, strength, uniform(0, 1) <= 0.5 ? -1 : 1, fill);
    }
    return image;
  };
}

const RANDOM_APPLY = signature("RandomApply", ["transform", transformKind], [
  "p",
  kinds.number,
  0.5,
]);

/** A transform with probability `p`. */
export function randomApply(
  ...given: Call<typeof RANDOM_APPLY, { readonly p?: number }, [transform: Transform]>
): Transform {
  const { transform, p } = RANDOM_APPLY.read(given);
  checkProbability("RandomApply", p);
  return (input) => uniform(0, 1) < p ? transform(input) : input;
}

const RANDOM_ROTATION = signature(
  "RandomRotation",
  ["degrees", kinds.either(kinds.number, kinds.pair)],
  "*",
  ["fill", kinds.number, undefined],
  ["center", kinds.nullable(kinds.pair), undefined],
);

/** Rotated by degrees at random: between -`degrees` and `degrees`, or between two. */
export function randomRotation(
  ...given: Call<
    typeof RANDOM_ROTATION,
    Pick<AffineOptions, "fill" | "center">,
    [degrees: number | readonly [low: number, high: number]]
  >
): Transform {
  const { degrees, ...options } = RANDOM_ROTATION.read(given);
  const [low, high] = typeof degrees === "number" ? [-degrees, degrees] : degrees;
  if (!(low <= high)) {
    throw new Error(
      `RandomRotation: degrees is ${degrees}, expected a number of at least 0 or [low, high]`,
    );
  }
  return (input) => rotate(input, uniform(low, high), options);
}
