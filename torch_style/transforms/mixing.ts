/**
 * Batches whose images are mixed, and their labels with them. They draw from the stream that `manualSeed` starts. Each follows
 * the page of its name under https://docs.pytorch.org/vision/stable/transforms.html#augmentation-transforms
 * @module
 */
import { showShape } from "../../onnx/mod.ts";
import { oneHot } from "../nn/functional/embedding.ts";
import { defaultGenerator } from "../random.ts";
import type { Tensor } from "../tensor.ts";

/** Changes a batch [images, labels]; labels become probabilities [n, classes], which crossEntropy takes. */
export type BatchTransform = (images: Tensor, labels: Tensor) => [images: Tensor, labels: Tensor];

/** Options of {@linkcode mixUp} and {@linkcode cutMix}. */
export interface MixOptions {
  /** How many classes there are. */
  readonly numClasses: number;
  /** Of the beta distribution that shares are drawn from, 1 (all as likely) unless given. */
  readonly alpha?: number;
}

function checkMix(name: string, { numClasses, alpha = 1 }: MixOptions): void {
  if (!(alpha > 0)) throw new Error(`${name}: alpha is ${alpha}, expected above 0`);
  if (!Number.isInteger(numClasses) || numClasses < 2) {
    throw new Error(`${name}: numClasses is ${numClasses}, expected an integer of at least 2`);
  }
}

function checkBatch(name: string, images: Tensor, labels: Tensor): void {
  if (images.ndim === 4 && labels.ndim === 1 && images.shape[0] === labels.shape[0]) return;
  throw new Error(
    `${name}: expected images [n, channels, height, width] and labels [n], got ${
      showShape(images.shape)
    } and ${showShape(labels.shape)}`,
  );
}

/** Normal numbers by Marsaglia and Tsang (2000) give gamma values, and two of these a beta number. */
function betaNumber(alpha: number): number {
  const [x, y] = [gammaNumber(alpha), gammaNumber(alpha)];
  return x + y > 0 ? x / (x + y) : 0.5;
}

function gammaNumber(shape: number): number {
  if (shape < 1) {
    return gammaNumber(shape + 1) * (1 - defaultGenerator().uniform(1)[0]) ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = defaultGenerator().normal(1)[0];
    const v = (1 + c * x) ** 3;
    if (
      v > 0 &&
      Math.log(1 - defaultGenerator().uniform(1)[0]) < 0.5 * x * x + d - d * v + d * Math.log(v)
    ) return d * v;
  }
}

function mixedLabels(labels: Tensor, numClasses: number, share: number): Tensor {
  const one = oneHot(labels, numClasses).float();
  return one.mul(share).add(one.roll(1, 0).mul(1 - share));
}

/** Each image and the one before it, mixed with one share for all (Zhang et al. 2018). */
export function mixUp(options: MixOptions): BatchTransform {
  checkMix("MixUp", options);
  return (images, labels) => {
    checkBatch("MixUp", images, labels);
    const share = betaNumber(options.alpha ?? 1);
    const mixed = images.mul(share).add(images.roll(1, 0).mul(1 - share));
    return [mixed, mixedLabels(labels, options.numClasses, share)];
  };
}

/** A rectangle of the image before it put into each image, the same for all (Yun et al. 2019). */
export function cutMix(options: MixOptions): BatchTransform {
  checkMix("CutMix", options);
  return (images, labels) => {
    checkBatch("CutMix", images, labels);
    const [height, width] = images.shape.slice(2);
    const [u, v] = defaultGenerator().uniform(2);
    const half = 0.5 * Math.sqrt(1 - betaNumber(options.alpha ?? 1));
    const [row, column] = [Math.floor(u * height), Math.floor(v * width)];
    const bounds = (middle: number, size: number) => {
      const reach = Math.trunc(half * size);
      return [Math.max(0, middle - reach), Math.min(size, middle + reach)];
    };
    const [[top, bottom], [left, right]] = [bounds(row, height), bounds(column, width)];
    const part = (x: Tensor) => x.narrow(2, top, bottom - top).narrow(3, left, right - left);
    const mixed = images.clone();
    if (bottom > top && right > left) part(mixed).copy_(part(images.roll(1, 0)));
    const share = 1 - (bottom - top) * (right - left) / (height * width);
    return [mixed, mixedLabels(labels, options.numClasses, share)];
  };
}
