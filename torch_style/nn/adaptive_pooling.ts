/**
 * Pooling modules with a given number of windows. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
 * @module
 */
import { type Call, signature } from "../arguments.ts";
import type { Tensor } from "../tensor.ts";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type AdaptivePooling,
  type OutputSize,
  outputSizeKind,
} from "./functional/adaptive_pooling.ts";
import { Module } from "./module.ts";
import { tupleText } from "./python_text.ts";

abstract class AdaptivePoolNd extends Module<[Tensor]> {
  private readonly compute: AdaptivePooling;

  /** @param outputSize dimensions of the result; null keeps the input's, one number counts for every axis */
  constructor(compute: AdaptivePooling, readonly outputSize: OutputSize) {
    super();
    this.compute = compute;
  }

  override forward(input: Tensor): Tensor {
    return this.compute(input, this.outputSize);
  }

  override extraRepr(): string {
    const { outputSize } = this;
    const several = Array.isArray(outputSize);
    return `output_size=${several ? tupleText(outputSize) : outputSize ?? "None"}`;
  }
}

const ADAPTIVE_AVG_POOL1D = signature("AdaptiveAvgPool1d", [
  "outputSize",
  outputSizeKind,
]);

/** Means of [n, c, l] */
export class AdaptiveAvgPool1d extends AdaptivePoolNd {
  constructor(
    ...given: Call<typeof ADAPTIVE_AVG_POOL1D, Record<never, never>, [outputSize: OutputSize]>
  ) {
    const { outputSize } = ADAPTIVE_AVG_POOL1D.read(given);
    super(adaptiveAvgPool1d, outputSize);
  }
}

const ADAPTIVE_AVG_POOL2D = signature("AdaptiveAvgPool2d", [
  "outputSize",
  outputSizeKind,
]);

/** Means of [n, c, h, w] */
export class AdaptiveAvgPool2d extends AdaptivePoolNd {
  constructor(
    ...given: Call<typeof ADAPTIVE_AVG_POOL2D, Record<never, never>, [outputSize: OutputSize]>
  ) {
    const { outputSize } = ADAPTIVE_AVG_POOL2D.read(given);
    super(adaptiveAvgPool2d, outputSize);
  }
}

const ADAPTIVE_AVG_POOL3D = signature("AdaptiveAvgPool3d", [
  "outputSize",
  outputSizeKind,
]);

/** Means of [n, c, d, h, w] */
export class AdaptiveAvgPool3d extends AdaptivePoolNd {
  constructor(
    ...given: Call<typeof ADAPTIVE_AVG_POOL3D, Record<never, never>, [outputSize: OutputSize]>
  ) {
    const { outputSize } = ADAPTIVE_AVG_POOL3D.read(given);
    super(adaptiveAvgPool3d, outputSize);
  }
}

const ADAPTIVE_MAX_POOL1D = signature("AdaptiveMaxPool1d", [
  "outputSize",
  outputSizeKind,
]);

/** Largest elements of [n, c, l] */
export class AdaptiveMaxPool1d extends AdaptivePoolNd {
  constructor(
    ...given: Call<typeof ADAPTIVE_MAX_POOL1D, Record<never, never>, [outputSize: OutputSize]>
  ) {
    const { outputSize } = ADAPTIVE_MAX_POOL1D.read(given);
    super(adaptiveMaxPool1d, outputSize);
  }
}

const ADAPTIVE_MAX_POOL2D = signature("AdaptiveMaxPool2d", [
  "outputSize",
  outputSizeKind,
]);

/** Largest elements of [n, c, h, w] */
export class AdaptiveMaxPool2d extends AdaptivePoolNd {
  constructor(
    ...given: Call<typeof ADAPTIVE_MAX_POOL2D, Record<never, never>, [outputSize: OutputSize]>
  ) {
    const { outputSize } = ADAPTIVE_MAX_POOL2D.read(given);
    super(adaptiveMaxPool2d, outputSize);
  }
}

const ADAPTIVE_MAX_POOL3D = signature("AdaptiveMaxPool3d", [
  "outputSize",
  outputSizeKind,
]);

/** Largest elements of [n, c, d, h, w] */
export class AdaptiveMaxPool3d extends AdaptivePoolNd {
  constructor(
    ...given: Call<typeof ADAPTIVE_MAX_POOL3D, Record<never, never>, [outputSize: OutputSize]>
  ) {
    const { outputSize } = ADAPTIVE_MAX_POOL3D.read(given);
    super(adaptiveMaxPool3d, outputSize);
  }
}
