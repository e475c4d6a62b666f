/**
 * Transforms that move pixels. Random ones draw from the stream that `manualSeed` starts.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { defaultGenerator } from "../random.ts";
import type { Transform } from "./compose.ts";
import { drawImage, type Image, imageOf } from "./image.ts";

/** One number for both (for `Resize`: for the shorter side), or [height, width]. */
export type Size = number | readonly [height: number, width: number];

const sizeKind: Kind<Size> = kinds.either(kinds.number, kinds.pair);

function dimensions(name: string, size: Size): readonly [number, number] {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  if ([height, width].every((dimension) => Number.isInteger(dimension) && dimension > 0)) {
    return [height, width];
  }
  throw new Error(`${name}: size is ${size}, expected integers of at least 1`);
}

/** The part of an image from a corner on; what lies outside is `fill`. */
function cut(
  { data, channels, height, width }: Image,
  top: number,
  left: number,
  [rows, columns]: readonly [number, number],
  fill: number,
): Tensor {
  return drawImage([channels, rows, columns], (c, y, x) => {
    const [row, column] = [y + top, x + left];
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? data[(c * height + row) * width + column] : fill;
  });
}

const CROP = signature(
  "crop",
  ["input", tensorKind],
  ["top", kinds.number],
  ["left", kinds.number],
  ["height", kinds.number],
  ["width", kinds.number],
);

/** The part of an image from a corner on. @throws {Error} if it does not lie inside */
export function crop(
  ...given: Call<
    typeof CROP,
    Record<never, never>,
    [input: Tensor, top: number, left: number, height: number, width: number]
  >
): Tensor {
  const { input, top, left, height, width } = CROP.read(given);
  const image = imageOf("crop", input);
  if (top < 0 || left < 0 || top + height > image.height || left + width > image.width) {
    throw new Error(
      `crop: [${height}, ${width}] from [${top}, ${left}] does not lie in an image of [${image.height}, ${image.width}]`,
    );
  }
  return cut(image, top, left, [height, width], 0);
}

const PAD = signature("Pad", [
  "around",
  kinds.either(kinds.number, kinds.numbers) as Kind<
    number | readonly [top: number, left: number, bottom: number, right: number]
  >,
], ["fill", kinds.number, 0]);

/** Rows and columns of one value around an image: as many on each side, or [top, left, bottom, right]. */
export function pad(
  ...given: Call<
    typeof PAD,
    { readonly fill?: number },
    [around: number | readonly [top: number, left: number, bottom: number, right: number]]
  >
): Transform {
  const { around, fill } = PAD.read(given);
  const [top, left, bottom, right] = typeof around === "number"
    ? [around, around, around, around]
    : around;
  return (input) => {
    const image = imageOf("Pad", input);
    const size = [image.height + top + bottom, image.width + left + right] as const;
    return cut(image, -top, -left, size, fill);
  };
}

function checkInside(name: string, size: readonly [number, number], height: number, width: number) {
  if (size[0] <= height && size[1] <= width) return;
  throw new Error(
    `${name}: required crop size [${size}] is larger than the input image size [${height}, ${width}]`,
  );
}

const CENTER_CROP = signature("CenterCrop", ["size", sizeKind]);

/**
 * The middle of an image; around a smaller one there are zeros.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 */
export function centerCrop(
  ...given: Call<typeof CENTER_CROP, Record<never, never>, [size: Size]>
): Transform {
  const { size } = CENTER_CROP.read(given);
  const wanted = dimensions("CenterCrop", size);
  return (input) => {
    const image = imageOf("CenterCrop", input);
    const { height, width } = image;
    const [top, left] = [height - wanted[0], width - wanted[1]].map((rest) =>
      rest < 0 ? -Math.floor(-rest / 2) : halved(rest)
    );
    return cut(image, top, left, wanted, 0);
  };
}

/** Half of an integer, rounded to an even one as Python does. */
function halved(n: number): number {
  const low = Math.floor(n / 2);
  return low + (n % 2 === 1 ? low % 2 : 0);
}

/** Options of {@linkcode randomCrop}. */
export interface RandomCropOptions {
  /** Rows and columns of `fill` around the image before it is cut, 0 unless given. */
  readonly padding?: number;
  /** 0 unless given. */
  readonly fill?: number;
}

const RANDOM_CROP = signature("RandomCrop", ["size", sizeKind], "*", [
  "padding",
  kinds.number,
  undefined,
], ["fill", kinds.number, undefined]);

/**
 * A part of an image at a random position.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 *
 * @throws {Error} if the image with its padding is smaller
 */
export function randomCrop(
  ...given: Call<typeof RANDOM_CROP, RandomCropOptions, [size: Size]>
): Transform {
  const { size, padding = 0, fill = 0 } = RANDOM_CROP.read(given);
  const wanted = dimensions("RandomCrop", size);
  return (input) => {
    const image = imageOf("RandomCrop", input);
    const [rows, columns] = [image.height + 2 * padding, image.width + 2 * padding];
    checkInside("RandomCrop", wanted, rows, columns);
    const [u, v] = defaultGenerator().uniform(2);
    const top = Math.floor(u * (rows - wanted[0] + 1)) - padding;
    const left = Math.floor(v * (columns - wanted[1] + 1)) - padding;
    return cut(image, top, left, wanted, fill);
  };
}

const RANDOM_HORIZONTAL_FLIP = signature("RandomHorizontalFlip", ["p", kinds.number, 0.5]);

/**
 * Left and right exchanged with probability `p`.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html
 */
export function randomHorizontalFlip(
  ...given: Call<typeof RANDOM_HORIZONTAL_FLIP, { readonly p?: number }>
): Transform {
  const { p } = RANDOM_HORIZONTAL_FLIP.read(given);
  if (!(p >= 0 && p <= 1)) throw new Error(`RandomHorizontalFlip: p is ${p}, expected 0 to 1`);
  return (input) => {
    const { data, channels, height, width } = imageOf("RandomHorizontalFlip", input);
    if (defaultGenerator().uniform(1)[0] >= p) return input;
    return drawImage(
      [channels, height, width],
      (c, y, x) => data[(c * height + y) * width + width - 1 - x],
    );
  };
}

const RESIZE = signature("Resize", ["size", sizeKind]);

/**
 * Another size, by the two nearest rows and columns (bilinear, corners not aligned, no smoothing before
 * shrinking): what `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` gives. torchvision's
 * Resize smooths when it shrinks; this does not.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Resize.html
 *
 * @param size [height, width], or that of the shorter side, the other one in proportion
 */
export function resize(
  ...given: Call<typeof RESIZE, Record<never, never>, [size: Size]>
): Transform {
  const { size } = RESIZE.read(given);
  const wanted = dimensions("Resize", size);
  return (input) => {
    const { data, channels, height, width } = imageOf("Resize", input);
    const [rows, columns] = typeof size === "number" ? inProportion(size, height, width) : wanted;
    const [vertical, horizontal] = [between(height, rows), between(width, columns)];
    return drawImage([channels, rows, columns], (c, y, x) => {
      const [top, bottom, down] = vertical[y];
      const [left, right, along] = horizontal[x];
      const at = (row: number, column: number) => data[(c * height + row) * width + column];
      const above = at(top, left) * (1 - along) + at(top, right) * along;
      const below = at(bottom, left) * (1 - along) + at(bottom, right) * along;
      return above * (1 - down) + below * down;
    });
  };
}

/** Rows and columns of an image whose shorter side becomes `short`. */
function inProportion(short: number, height: number, width: number): readonly [number, number] {
  const long = Math.trunc(short * Math.max(height, width) / Math.min(height, width));
  return height < width ? [short, long] : [long, short];
}

/** For each row or column of the result the two indices it lies between, and how far from the first. */
function between(from: number, to: number): [first: number, second: number, share: number][] {
  return Array.from({ length: to }, (_, i) => {
    const coordinate = Math.max(0, (i + 0.5) * from / to - 0.5);
    const first = Math.min(from - 1, Math.floor(coordinate));
    return [first, Math.min(from - 1, first + 1), coordinate - first];
  });
}
