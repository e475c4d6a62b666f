/** Images whose class is their brightness: small, and quickly learned. */
import type { ImageShape, ImageSplit } from "../../../fixtures/mod.ts";
import { createShapes10 } from "../../../fixtures/shapes10/shapes10.ts";

/** So many images of ten classes. */
export function brightImages(
  count: number,
  seed: number,
  imageShape: ImageShape = [32, 32, 3],
): ImageSplit {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7 + seed) % 10);
  const images = Uint8Array.from(
    { length: count * size },
    (_, i) => 20 * labels[Math.floor(i / size)] + (i * 7919 + seed) % 41,
  );
  return { images, labels, count, imageShape };
}

/** The middle of shapes10's images, of at most 32 pixels: unlike those above they vary from pixel to pixel. */
export function shapeImages(
  count: number,
  seed: number,
  imageShape: ImageShape = [32, 32, 3],
): ImageSplit {
  const { images, labels, imageShape: [whole] } =
    createShapes10({ limit: Math.max(10, count), seed }).train;
  const [height, width, channels] = imageShape;
  const [top, left] = [height, width].map((size) => Math.floor((whole - size) / 2));
  const middle = new Uint8Array(count * height * width * channels);
  for (let row = 0; row < count * height; row++) {
    const from = ((Math.floor(row / height) * whole + top + row % height) * whole + left) *
      channels;
    middle.set(images.subarray(from, from + width * channels), row * width * channels);
  }
  return { images: middle, labels: labels.slice(0, count), count, imageShape };
}
