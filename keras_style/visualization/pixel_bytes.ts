/**
 * Images of whatever type as bytes to be drawn.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type HostArray, hostRows, isHostArray, type Samples } from "../data/host_rows.ts";
import type { Pixels } from "../../plotting/mod.ts";

/** How far floats may lie outside [0, 1], as they do after some ways of resizing; they are cut off. */
const TOLERANCE = 0.1;

/**
 * The first images, each with its pixels as bytes. Integers are taken from 0 to 255, floats from 0 to 1.
 *
 * @param name what they are called in errors
 * @throws {RangeError} if the shape is none of images or a value is out of range
 */
export async function firstImages(
  name: string,
  images: Samples,
  count: number,
): Promise<Pixels[]> {
  const { data, shape, divideBy } = await firstRows(name, images, count);
  const [height, width, channels] = imageShape(name, shape);
  const size = height * width * channels;
  const toByte = data instanceof Float32Array || divideBy !== 1 ? floatToByte : wholeToByte;
  return Array.from({ length: Math.min(count, shape[0]) }, (_, n) => {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      const value = data[n * size + i] / divideBy;
      bytes[i] = toByte(value, () => {
        const place = [Math.floor(i / channels / width), Math.floor(i / channels) % width];
        const last = shape.length === 4 ? [i % channels] : [];
        return `${name}[${[n, ...place, ...last].join(", ")}] is ${value}`;
      });
    }
    return { data: bytes, width, height, channels };
  });
}

/** The rows that are needed, with the values as they are stored. */
async function firstRows(
  name: string,
  images: Samples,
  count: number,
): Promise<HostArray & { divideBy: number }> {
  const divideBy = isHostArray(images) ? images.divideBy ?? 1 : 1;
  // Of a tensor only what is drawn is brought to the host.
  const rows = images instanceof tf.Tensor && images.rank > 0 && images.shape[0] > count
    ? await readRows(name, images, count)
    : await hostRows(name, images, "int32");
  return { data: rows.data, shape: rows.shape, divideBy };
}

async function readRows(name: string, images: tf.Tensor, count: number) {
  const first = tf.tidy(() => tf.slice(images, 0, count));
  try {
    return await hostRows(name, first, "int32");
  } finally {
    first.dispose();
  }
}

function imageShape(name: string, shape: readonly number[]): [number, number, number] {
  const [count, height, width, channels = 1] = shape;
  const isImage = (shape.length === 3 || shape.length === 4) && [1, 3, 4].includes(channels) &&
    count > 0 && height > 0 && width > 0;
  if (!isImage) {
    throw new RangeError(
      `${name} has shape [${shape}], expected [n, height, width, channels] with 1, 3 or 4 channels ` +
        `or [n, height, width], and at least one image`,
    );
  }
  return [height, width, channels];
}

function floatToByte(value: number, describe: () => string): number {
  if (!(value >= -TOLERANCE && value <= 1 + TOLERANCE)) {
    throw new RangeError(`${describe()}, expected floats from 0 to 1 (or bytes from 0 to 255)`);
  }
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

function wholeToByte(value: number, describe: () => string): number {
  if (!(value >= 0 && value <= 255)) {
    throw new RangeError(`${describe()}, expected integers from 0 to 255`);
  }
  return value;
}
