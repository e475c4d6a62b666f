/**
 * Changes of an image's colours: brightness, contrast, saturation, hue, sharpness and what RandAugment chooses from. Images
 * are float32, 0 to 1, of 1 or 3 channels. Each follows the page of its name under
 * https://docs.pytorch.org/vision/stable/transforms.html#functionals
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { drawImage, type Image, imageOf } from "./image.ts";

function colorImage(name: string, input: Tensor): Image {
  const image = imageOf(name, input);
  if (image.channels === 1 || image.channels === 3) return image;
  throw new Error(
    `${name}: Input image tensor permitted channel values are 1 or 3, but found ${image.channels}`,
  );
}

function checkFactor(name: string, factor: number): void {
  if (!(factor >= 0)) throw new Error(`${name} (${factor}) is not non-negative.`);
}

function within(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function sizeOf({ channels, height, width }: Image): [number, number, number] {
  return [channels, height, width];
}

/** Each element from its value, and where it is. */
function eachPixel(image: Image, value: (x: number, i: number) => number): Tensor {
  const { data, height, width } = image;
  return drawImage(sizeOf(image), (c, y, x) => {
    const i = (c * height + y) * width + x;
    return value(data[i], i);
  });
}

/** Brightness of each pixel. */
function greyOf({ data, channels, height, width }: Image): Float32Array {
  const size = height * width;
  if (channels === 1) return data;
  return Float32Array.from(
    { length: size },
    (_, i) => 0.2989 * data[i] + 0.587 * data[size + i] + 0.114 * data[2 * size + i],
  );
}

const IMAGE = signature("image", ["input", tensorKind]);

/** An image and a number. */
function withOne<const Name extends string>(name: string, parameter: Name, given: unknown[]) {
  return signature(name, ["input", tensorKind], [parameter, kinds.number]).read(given) as
    & { readonly input: Tensor }
    & { readonly [One in Name]: number };
}

/** How many channels a grey image has, as an argument. */
export const channelCount = kind<1 | 3>("1 or 3", (value) => value === 1 || value === 3);

const TO_GRAYSCALE = signature("toGrayscale", ["input", tensorKind], [
  "numOutputChannels",
  channelCount,
  1,
]);

/** The brightness of each pixel, in 1 or 3 channels. */
export function toGrayscale(
  ...given: Call<typeof TO_GRAYSCALE, { readonly numOutputChannels?: 1 | 3 }, [input: Tensor]>
): Tensor {
  const { input, numOutputChannels } = TO_GRAYSCALE.read(given);
  const image = colorImage("toGrayscale", input);
  const grey = greyOf(image);
  return drawImage(
    [numOutputChannels, image.height, image.width],
    (_, y, x) => grey[y * image.width + x],
  );
}

/** Values times a factor: 0 is black, 1 the image. */
export function adjustBrightness(...given: [input: Tensor, factor: number]): Tensor {
  const { input, factor } = withOne("adjustBrightness", "factor", given);
  checkFactor("brightness_factor", factor);
  return eachPixel(colorImage("adjustBrightness", input), (x) => within(x * factor));
}

/** Away from the mean brightness: 0 is grey, 1 the image. */
export function adjustContrast(...given: [input: Tensor, factor: number]): Tensor {
  const { input, factor } = withOne("adjustContrast", "factor", given);
  checkFactor("contrast_factor", factor);
  const image = colorImage("adjustContrast", input);
  const grey = greyOf(image);
  const mean = grey.reduce((a, b) => a + b, 0) / grey.length;
  return eachPixel(image, (x) => within(x * factor + mean * (1 - factor)));
}

/** Away from the brightness of each pixel: 0 is without colour, 1 the image. */
export function adjustSaturation(...given: [input: Tensor, factor: number]): Tensor {
  const { input, factor } = withOne("adjustSaturation", "factor", given);
  checkFactor("saturation_factor", factor);
  const image = colorImage("adjustSaturation", input);
  if (image.channels === 1) return input;
  const grey = greyOf(image);
  return eachPixel(image, (x, i) => within(x * factor + grey[i % grey.length] * (1 - factor)));
}

/** Colours rotated on the circle by a share of it, -0.5 to 0.5. */
export function adjustHue(...given: [input: Tensor, hueFactor: number]): Tensor {
  const { input, hueFactor } = withOne("adjustHue", "hueFactor", given);
  if (!(hueFactor >= -0.5 && hueFactor <= 0.5)) {
    throw new Error(`hue_factor (${hueFactor}) is not in [-0.5, 0.5].`);
  }
  const image = colorImage("adjustHue", input);
  if (image.channels === 1) return input;
  const { data, height, width } = image;
  const size = height * width;
  const result = new Float32Array(3 * size);
  for (let i = 0; i < size; i++) {
    const [h, s, v] = hsvOf(data[i], data[size + i], data[2 * size + i]);
    rgbOf((h + hueFactor + 1) % 1, s, v).forEach((value, c) => result[c * size + i] = value);
  }
  return drawImage(sizeOf(image), (c, y, x) => result[c * size + y * width + x]);
}

function hsvOf(r: number, g: number, b: number): [hue: number, saturation: number, value: number] {
  const [low, high] = [Math.min(r, g, b), Math.max(r, g, b)];
  if (low === high) return [0, 0, high];
  const away = (x: number) => (high - x) / (high - low);
  const sixth = high === r
    ? away(b) - away(g)
    : high === g
    ? 2 + away(r) - away(b)
    : 4 + away(g) - away(r);
  return [(sixth / 6 + 1) % 1, (high - low) / high, high];
}

function rgbOf(h: number, s: number, v: number): [number, number, number] {
  const i = Math.floor(h * 6);
  const f = h * 6 - i;
  const [p, q, t] = [v * (1 - s), v * (1 - s * f), v * (1 - s * (1 - f))].map(within);
  return ([[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]] as const)[i % 6]
    .slice() as [number, number, number];
}

/** Away from the blurred image: 0 is blurred, 1 the image. Borders stay. */
export function adjustSharpness(...given: [input: Tensor, factor: number]): Tensor {
  const { input, factor } = withOne("adjustSharpness", "factor", given);
  checkFactor("sharpness_factor", factor);
  const image = colorImage("adjustSharpness", input);
  const { data, height, width } = image;
  if (height <= 2 || width <= 2) return input;
  return drawImage(sizeOf(image), (c, y, x) => {
    const at = (row: number, column: number) => data[(c * height + row) * width + column];
    const own = at(y, x);
    if (y === 0 || x === 0 || y === height - 1 || x === width - 1) return within(own);
    let sum = 4 * own;
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += at(y + dy, x + dx);
    return within(own + (sum / 13 - own) * (1 - factor));
  });
}

/** Values from a threshold on inverted: 1 - x. */
export function solarize(...given: [input: Tensor, threshold: number]): Tensor {
  const { input, threshold } = withOne("solarize", "threshold", given);
  if (threshold > 1) {
    throw new Error(
      `Threshold should be less or equal the maximum value of the dtype, but got ${threshold}`,
    );
  }
  return eachPixel(imageOf("solarize", input), (x) => x >= threshold ? 1 - x : x);
}

/** 2^bits different values only. */
export function posterize(...given: [input: Tensor, bits: number]): Tensor {
  const { input, bits } = withOne("posterize", "bits", given);
  if (!Number.isInteger(bits) || bits < 0 || bits > 8) {
    throw new Error(`bits must be a positive integer in the range [0, 8], got ${bits} instead.`);
  }
  const levels = 2 ** bits;
  return eachPixel(
    imageOf("posterize", input),
    (x) => Math.min(levels - 1, Math.max(0, Math.floor(x * levels))) / levels,
  );
}

/** Each channel stretched from its smallest and largest value to 0 and 1. */
export function autocontrast(...given: [input: Tensor]): Tensor {
  const { input } = IMAGE.named("autocontrast").read(given);
  const image = colorImage("autocontrast", input);
  const size = image.height * image.width;
  const bounds = Array.from({ length: image.channels }, (_, c) => {
    const own = image.data.subarray(c * size, (c + 1) * size);
    const [low, high] = [
      own.reduce((a, b) => Math.min(a, b)),
      own.reduce((a, b) => Math.max(a, b)),
    ];
    return low === high ? [0, 1] : [low, high - low];
  });
  return eachPixel(image, (x, i) => {
    const [low, span] = bounds[Math.floor(i / size)];
    return within((x - low) / span);
  });
}

/** Each channel's 256 values made about equally frequent, as Pillow does it. */
export function equalize(...given: [input: Tensor]): Tensor {
  const { input } = IMAGE.named("equalize").read(given);
  const image = imageOf("equalize", input);
  const size = image.height * image.width;
  const byteOf = (x: number) => Math.min(255, Math.floor(x * (256 - 1e-3)));
  const tables = Array.from(
    { length: image.channels },
    (_, c) => tableOf(image.data.subarray(c * size, (c + 1) * size).map(byteOf)),
  );
  return eachPixel(image, (x, i) => tables[Math.floor(i / size)][byteOf(x)] / 255);
}

function tableOf(bytes: Float32Array): number[] {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const most = counts.findLastIndex((count) => count > 0);
  const step = Math.floor((bytes.length - counts[most]) / 255);
  if (step === 0) return counts.map((_, i) => i);
  let before = 0;
  return counts.map((count) => {
    const value = Math.min(255, Math.floor((before + Math.floor(step / 2)) / step));
    before += count;
    return value;
  });
}
