/**
 * The kernel that rotates images. Angle and center are known when it is recorded, and so is where each element comes
 * from: the result is gathered.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type DType, fromHost, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";

/** What stands for an element from outside of the image. */
const OUTSIDE = -1;
/** An image's fourth channel is how opaque it is: what is filled in is wholly so. */
const OPAQUE = 255;

/** Which element (row by row) of an image each element of the rotated one is copied from. */
function origins(height: number, width: number, attrs: tf.RotateWithOffsetAttrs): Int32Array {
  const { radians, center } = attrs;
  const [centerX, centerY] = tf.backend_util.getImageCenter(center, height, width);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  return Int32Array.from({ length: height * width }, (_, i) => {
    const x = i % width - centerX;
    const y = Math.floor(i / width) - centerY;
    const column = Math.round(x * cos - y * sin + centerX);
    const row = Math.round(x * sin + y * cos + centerY);
    const inside = column >= 0 && column < width && row >= 0 && row < height;
    return inside ? row * width + column : OUTSIDE;
  });
}

/** One number a channel. */
function filling(fill: tf.RotateWithOffsetAttrs["fillValue"], channels: number, dtype: DType) {
  const values = Array.from(
    { length: channels },
    (_, channel) => typeof fill === "number" ? fill : channel === 3 ? OPAQUE : fill[channel],
  );
  return constant(values, dtype);
}

defineKernel<tf.RotateWithOffsetAttrs>(tf.RotateWithOffset, ({ image }, attrs): LazyArray => {
  const [n, h, w, c] = image.shape;
  const from = origins(h, w, attrs);
  const indices = fromHost(from.map((index) => Math.max(index, 0)), [h * w]);
  const inside = fromHost(
    Uint8Array.from(from, (index) => index === OUTSIDE ? 0 : 1),
    [h * w, 1],
    "bool",
  );
  const rotated = ops.gather(ops.reshape(image, [n, h * w, c]), indices, 1);
  const filled = ops.where(inside, rotated, filling(attrs.fillValue, c, image.dtype));
  return ops.reshape(filled, image.shape);
});
