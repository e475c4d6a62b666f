/**
 * Single images from files, and into them. Follows https://keras.io/api/data_loading/image/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { encode as encodePng } from "fast-png";
import jpeg from "jpeg-js";
import { writeBeside } from "../../onnx/mod.ts";
import { type DataFormat, readDataFormat } from "../data_format.ts";
import { type Interpolation, resizeImages } from "../layers/preprocessing/resize_matrix.ts";
import { checkChoice, readOptions, show } from "../options.ts";
import { type ColorMode, decodeImage, inColors } from "./decode_image.ts";

/** Options of {@linkcode loadImg}. */
export interface LoadImgOptions {
  /** "rgb" unless given. */
  readonly colorMode?: ColorMode;
  /** [rows, columns]; those of the file unless given. */
  readonly targetSize?: readonly [rows: number, columns: number] | null;
  /** "nearest" unless given. */
  readonly interpolation?: Interpolation;
}

/**
 * The pixels of a PNG or JPEG file: [rows, columns, channels], from 0 to 255. (Keras' `img_to_array(load_img(...))`.)
 *
 * @throws {TypeError} for another kind of file, or a broken one
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const folder = await Deno.makeTempDir();
 * await keras.utils.saveImg(`${folder}/gray.png`, [[[0], [255]]], { scale: false });
 * console.log(await (await keras.utils.loadImg(`${folder}/gray.png`)).array()); // [[[0, 0, 0], [255, 255, 255]]]
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadImg(
  path: string | URL,
  options: LoadImgOptions = {},
): Promise<tf.Tensor3D> {
  const own = readOptions("loadImg", options, {
    colorMode: "rgb",
    targetSize: null,
    interpolation: "nearest",
  });
  const mode = checkChoice("loadImg", "colorMode", own.colorMode, ["grayscale", "rgb", "rgba"]);
  const decoded = inColors(decodeImage(await Deno.readFile(path), String(path)), mode);
  const { data, height, width, channels } = decoded;
  return tf.tidy(() => {
    const image = tf.tensor4d(data, [1, height, width, channels]);
    const sized = own.targetSize === null
      ? image
      : resizeImages(image, own.targetSize, own.interpolation as Interpolation);
    return tf.squeeze(sized, [0]) as tf.Tensor3D;
  });
}

/** Options of {@linkcode saveImg}. */
export interface SaveImgOptions {
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
  /** By the path's ending unless given. */
  readonly fileFormat?: "png" | "jpeg" | "jpg" | null;
  /** Whether the smallest value becomes 0 and the largest 255; true unless given. */
  readonly scale?: boolean;
}

/**
 * Writes an image [rows, columns, channels] of 1, 3 or 4 channels as a PNG or JPEG file, which has no opacity. Nothing
 * half-written stays behind.
 *
 * @throws {RangeError} for another shape or another kind of file
 */
export async function saveImg(
  path: string | URL,
  image: tf.Tensor | tf.TensorLike,
  options: SaveImgOptions = {},
): Promise<void> {
  const own = readOptions("saveImg", options, { dataFormat: null, fileFormat: null, scale: true });
  const ending = own.fileFormat ?? String(path).split(".").at(-1)!.toLowerCase();
  const format = checkChoice("saveImg", "fileFormat", ending, ["png", "jpeg", "jpg"]);
  const { shape: [height, width, channels], pixels } = await pixelsOf(image, own);
  const bytes = format === "png"
    ? encodePng({ width, height, channels, data: pixels })
    : jpeg.encode({ width, height, data: opaque(pixels, channels) }, 75).data;
  await writeBeside(path, bytes);
}

async function pixelsOf(
  image: tf.Tensor | tf.TensorLike,
  { dataFormat, scale }: { readonly dataFormat: unknown; readonly scale: boolean },
): Promise<{ shape: number[]; pixels: Uint8Array }> {
  const format = readDataFormat("saveImg", dataFormat as DataFormat | null);
  const given = image instanceof tf.Tensor ? image : tf.tensor(image as tf.TensorLike);
  const isFirst = format === "channels_first";
  if (given.rank !== 3 || ![1, 3, 4].includes(given.shape.at(isFirst ? 0 : 2)!)) {
    throw new RangeError(
      `saveImg: image is ${
        show(given.shape)
      }, expected [rows, columns, channels] of 1, 3 or 4 channels`,
    );
  }
  const ordered = isFirst ? tf.transpose(given, [1, 2, 0]) : given;
  const values = await tf.cast(ordered, "float32").data() as Float32Array;
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const factor = !scale ? 1 : most > least ? 255 / (most - least) : 0;
  const pixels = Uint8Array.from(values, (value) => {
    const level = scale ? (value - least) * factor : value;
    return Math.trunc(Math.min(Math.max(level, 0), 255));
  });
  return { shape: ordered.shape, pixels };
}

/** Red, green, blue and full opacity of each pixel. */
function opaque(pixels: Uint8Array, channels: number): Uint8Array {
  const all = new Uint8Array(pixels.length / channels * 4).fill(255);
  for (let i = 0; i < pixels.length / channels; i++) {
    for (let k = 0; k < 3; k++) all[4 * i + k] = pixels[i * channels + (channels < 3 ? 0 : k)];
  }
  return all;
}
