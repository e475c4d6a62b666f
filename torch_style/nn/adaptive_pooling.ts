/**
 * Pooling modules with a given number of windows. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
 * @module
 */
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

/** Means of [n, c, l] */
export class AdaptiveAvgPool1d extends AdaptivePoolNd {
  constructor(outputSize: OutputSize) {
    super(adaptiveAvgPool1d, outputSize);
  }
}

/** Means of [n, c, h, w] */
export class AdaptiveAvgPool2d extends AdaptivePoolNd {
  constructor(outputSize: OutputSize) {
    super(adaptiveAvgPool2d, outputSize);
  }
}

/** Means of [n, c, d, h, w] */
export class AdaptiveAvgPool3d extends AdaptivePoolNd {
  constructor(outputSize: OutputSize) {
    super(adaptiveAvgPool3d, outputSize);
  }
}

/** Largest elements of [n, c, l] */
export class AdaptiveMaxPool1d extends AdaptivePoolNd {
  constructor(outputSize: OutputSize) {
    super(adaptiveMaxPool1d, outputSize);
  }
}

/** Largest elements of [n, c, h, w] */
export class AdaptiveMaxPool2d extends AdaptivePoolNd {
  constructor(outputSize: OutputSize) {
    super(adaptiveMaxPool2d, outputSize);
  }
}

/** Largest elements of [n, c, d, h, w] */
export class AdaptiveMaxPool3d extends AdaptivePoolNd {
  constructor(outputSize: OutputSize) {
    super(adaptiveMaxPool3d, outputSize);
  }
}
