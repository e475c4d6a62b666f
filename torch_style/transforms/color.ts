/**
 * Transforms of what is in a pixel.
 * @module
 */
import type { Tensor } from "../tensor.ts";
import type { Transform } from "./compose.ts";
import { drawImage, imageOf } from "./image.ts";

/** A decoded image: bytes row by row, the channels of a pixel side by side. */
export interface ByteImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Bytes [height, width, channels] as a tensor [channels, height, width] in [0, 1].
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html
 *
 * @throws {Error} if there are more or fewer bytes than height, width and channels say
 */
export function toTensor({ data, height, width, channels }: ByteImage): Tensor {
  if (data.length !== height * width * channels) {
    throw new Error(
      `toTensor: ${data.length} bytes, expected ${height} x ${width} x ${channels} = ${
        height * width * channels
      }`,
    );
  }
  return drawImage(
    [channels, height, width],
    (c, y, x) => data[(y * width + x) * channels + c] / 255,
  );
}

/**
 * (x - mean) / std, channel by channel.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 *
 * @throws {Error} if a deviation is 0, or there are not as many as channels
 */
export function normalize(mean: readonly number[], std: readonly number[]): Transform {
  if (mean.length !== std.length) {
    throw new Error(`normalize: ${mean.length} means and ${std.length} deviations`);
  }
  if (std.includes(0)) {
    throw new Error("normalize: std evaluated to zero, leading to division by zero");
  }
  return (input) => {
    const { data, channels, height, width } = imageOf("normalize", input);
    if (channels !== mean.length) {
      throw new Error(`normalize: ${mean.length} means for an image of ${channels} channels`);
    }
    return drawImage(
      [channels, height, width],
      (c, y, x) => (data[(c * height + y) * width + x] - mean[c]) / std[c],
    );
  };
}
