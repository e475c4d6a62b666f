/**
 * Pooling modules with a given number of windows. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
 * @module
 */
import { signature } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
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
} from "../functional/adaptive_pooling.ts";
import { Module } from "./module.ts";
import { tupleText } from "../python_text.ts";

const ADAPTIVE_POOL = signature("AdaptivePool", ["outputSize", outputSizeKind]);

abstract class AdaptivePoolNd extends Module<[Tensor]> {
  private readonly compute: AdaptivePooling;
  /** Dimensions of the result; null keeps the input's, one number counts for every axis. */
  readonly outputSize: OutputSize;

  constructor(compute: AdaptivePooling, given: readonly unknown[]) {
    super();
    this.compute = compute;
    this.outputSize = ADAPTIVE_POOL.named(new.target.name).read(given).outputSize;
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
  constructor(...given: [outputSize: OutputSize]) {
    super(adaptiveAvgPool1d, given);
  }
}

/** Means of [n, c, h, w] */
export class AdaptiveAvgPool2d extends AdaptivePoolNd {
  constructor(...given: [outputSize: OutputSize]) {
    super(adaptiveAvgPool2d, given);
  }
}

/** Means of [n, c, d, h, w] */
export class AdaptiveAvgPool3d extends AdaptivePoolNd {
  constructor(...given: [outputSize: OutputSize]) {
    super(adaptiveAvgPool3d, given);
  }
}

/** Largest elements of [n, c, l] */
export class AdaptiveMaxPool1d extends AdaptivePoolNd {
  constructor(...given: [outputSize: OutputSize]) {
    super(adaptiveMaxPool1d, given);
  }
}

/** Largest elements of [n, c, h, w] */
export class AdaptiveMaxPool2d extends AdaptivePoolNd {
  constructor(...given: [outputSize: OutputSize]) {
    super(adaptiveMaxPool2d, given);
  }
}

/** Largest elements of [n, c, d, h, w] */
export class AdaptiveMaxPool3d extends AdaptivePoolNd {
  constructor(...given: [outputSize: OutputSize]) {
    super(adaptiveMaxPool3d, given);
  }
}
