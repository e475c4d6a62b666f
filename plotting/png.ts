/**
 * Pixels to PNG and back.
 * @module
 */

/** Rows of pixels, top to bottom, channels together: grey (1), grey and alpha (2), RGB (3), RGBA (4). */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * Writes pixels as a PNG.
 *
 * @throws {RangeError} if width, height or channels are out of range or do not fit the data
 *
 * @example
 * ```ts
 * import { encodePng } from "./mod.ts";
 * const red = { data: new Uint8Array([255, 0, 0]), width: 1, height: 1, channels: 3 };
 * await Deno.writeFile("red.png", await encodePng(red));
 * ```
 */
export async function encodePng(pixels: Pixels): Promise<Uint8Array<ArrayBuffer>> {
  const { data, width, height, channels } = pixels;
  for (const [name, value, most] of [["width", width, 65535], ["height", height, 65535]] as const) {
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(
        `encodePng: ${name} is ${value}, expected an integer from 1 to ${most}`,
      );
    }
  }
  if (![1, 2, 3, 4].includes(channels)) {
    throw new RangeError(`encodePng: channels is ${channels}, expected 1, 2, 3 or 4`);
  }
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `encodePng: the data has ${data.length} bytes, expected ${width * height * channels} ` +
        `for ${width} x ${height} pixels of ${channels} channels`,
    );
  }
  const { encode } = await import("fast-png");
  return Uint8Array.from(encode({ data, width, height, channels, depth: 8 }));
}

/**
 * Reads a PNG of 8 bits a channel; one with a palette becomes RGB or RGBA.
 *
 * @throws {TypeError} if the bytes are no such PNG
 */
export async function decodePng(png: Uint8Array): Promise<Pixels> {
  const { convertIndexedToRgb, decode, hasPngSignature } = await import("fast-png");
  if (!hasPngSignature(png)) throw new TypeError("decodePng: the bytes are not those of a PNG");
  let image;
  try {
    image = decode(png, { checkCrc: true });
  } catch (error) {
    throw new TypeError(`decodePng: ${error instanceof Error ? error.message : error}`);
  }
  const { width, height, palette } = image;
  if (image.depth > 8) {
    throw new TypeError(`decodePng: the PNG has ${image.depth} bits a channel, expected 8`);
  }
  if (palette) {
    const data = new Uint8Array(convertIndexedToRgb(image));
    return { data, width, height, channels: palette[0].length };
  }
  return { data: new Uint8Array(image.data), width, height, channels: image.channels };
}
