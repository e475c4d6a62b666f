/**
 * Pixels of image files: PNG and JPEG, in the number of channels that is wanted.
 * @module
 */
import {
  convertIndexedToRgb,
  decode as decodePng,
  type DecodedPng,
  hasPngSignature,
} from "fast-png";
import jpeg from "jpeg-js";

/** Pixels of an image file: row by row, from 0 to 255. */
export interface DecodedImage {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** What makes pixels of a file's bytes. */
export type ImageDecoder = (bytes: Uint8Array, path: string) => DecodedImage;

/** What an image's channels mean: 1, 3 or 4 of them. */
export type ColorMode = "grayscale" | "rgb" | "rgba";

const CHANNELS: Readonly<Record<ColorMode, number>> = { grayscale: 1, rgb: 3, rgba: 4 };

/**
 * Pixels of a PNG or JPEG file.
 *
 * @throws {TypeError} naming the file, for another kind of file or a broken one
 */
export function decodeImage(bytes: Uint8Array, path: string): DecodedImage {
  const isPng = hasPngSignature(bytes);
  if (!isPng && !(bytes[0] === 0xff && bytes[1] === 0xd8)) {
    throw new TypeError(
      `"${path}" is neither PNG nor JPEG; expected such a file, or decode: a function for others`,
    );
  }
  try {
    return isPng ? pngPixels(bytes) : jpegPixels(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new TypeError(`"${path}" cannot be decoded: ${reason}`);
  }
}

function pngPixels(bytes: Uint8Array): DecodedImage {
  const image = decodePng(bytes, { checkCrc: true });
  const { width, height, depth, channels, palette } = image;
  if (palette) {
    return { data: convertIndexedToRgb(image), width, height, channels: palette[0].length };
  }
  if (depth < 8) return { data: unpacked(image), width, height, channels };
  const data = depth === 8 ? image.data : Float32Array.from(image.data, (v) => v >> (depth - 8));
  return { data, width, height, channels };
}

/** Grey of 1, 2 or 4 bits, several to a byte and each row from a byte of its own, from 0 to 255. */
function unpacked({ data, width, height, depth }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil(width * depth / 8);
  const most = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth;
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)];
    return (byte >> (8 - depth - bit % 8) & most) * (255 / most);
  });
}

function jpegPixels(bytes: Uint8Array): DecodedImage {
  const { data, width, height } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false });
  return { data, width, height, channels: 3 };
}

/** An image's pixels with the channels that a mode has: opacity is left out, or full; grey is luma (ITU-R BT.601). */
export function inColors({ data, width, height, channels }: DecodedImage, mode: ColorMode) {
  const wanted = CHANNELS[mode];
  const pixels = new Float32Array(width * height * wanted);
  const isGrey = channels < 3;
  for (let i = 0; i < width * height; i++) {
    const [from, to] = [i * channels, i * wanted];
    const [r, g, b] = isGrey
      ? [data[from], data[from], data[from]]
      : [data[from], data[from + 1], data[from + 2]];
    const color = wanted === 1 ? [isGrey ? r : 0.299 * r + 0.587 * g + 0.114 * b] : [r, g, b];
    pixels.set(color, to);
    if (wanted === 4) pixels[to + 3] = channels % 2 === 0 ? data[from + channels - 1] : 255;
  }
  return { data: pixels, width, height, channels: wanted };
}
