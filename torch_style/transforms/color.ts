/**
 * Transforms of what is in a pixel.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import type { Tensor } from "../tensor.ts";
import type { Transform } from "./compose.ts";
import { drawImage, imageOf } from "./image.ts";

/** A decoded image: values row by row, the channels of a pixel side by side. */
export interface DecodedImage {
  /** Bytes, 16 bits a value, or floats. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Pixels [height, width, channels] as a tensor [channels, height, width]: bytes divided by 255, 16 bits by 65535, floats
 * as they are.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html and, for 16 bits,
 * https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToDtype.html with `scale=True`
 *
 * @throws {Error} if there are more or fewer values than height, width and channels say, or of another type
 */
export function toTensor({ data, height, width, channels }: DecodedImage): Tensor {
  if (data.length !== height * width * channels) {
    throw new Error(
      `toTensor: ${data.length} values, expected ${height} x ${width} x ${channels} = ${
        height * width * channels
      }`,
    );
  }
  const greatest = greatestOf(data);
  return drawImage(
    [channels, height, width],
    (c, y, x) => data[(y * width + x) * channels + c] / greatest,
  );
}

function greatestOf(data: DecodedImage["data"]): number {
  if (data instanceof Float32Array) return 1;
  if (data instanceof Uint16Array) return 65535;
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 255;
  throw new TypeError(
    `toTensor: data is ${
      Object.prototype.toString.call(data).slice(8, -1)
    }, expected Uint8Array, ` +
      `Uint8ClampedArray, Uint16Array or Float32Array`,
  );
}

const NORMALIZE = signature("Normalize", ["mean", kinds.numbers], ["std", kinds.numbers]);

/**
 * (x - mean) / std, channel by channel.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 *
 * @throws {Error} if a deviation is 0, or there are not as many as channels
 */
export function normalize(
  ...given: Call<
    typeof NORMALIZE,
    Record<never, never>,
    [mean: readonly number[], std: readonly number[]]
  >
): Transform {
  const { mean, std } = NORMALIZE.read(given);
  if (mean.length !== std.length) {
    throw new Error(`Normalize: ${mean.length} means and ${std.length} deviations`);
  }
  if (std.includes(0)) {
    throw new Error("Normalize: std evaluated to zero, leading to division by zero");
  }
  return (input) => {
    const { data, channels, height, width } = imageOf("Normalize", input);
    if (channels !== mean.length) {
      throw new Error(`Normalize: ${mean.length} means for an image of ${channels} channels`);
    }
    return drawImage(
      [channels, height, width],
      (c, y, x) => (data[(c * height + y) * width + x] - mean[c]) / std[c],
    );
  };
}
