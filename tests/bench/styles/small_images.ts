/** Images whose class is their brightness: small, and quickly learned. */
import type { ImageShape, ImageSplit } from "../../../fixtures/mod.ts";

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
