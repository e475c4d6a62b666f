/**
 * Pooling modules with a given window. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
 * @module
 */
import type { Tensor } from "../tensor.ts";
import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPooling,
  type AvgPoolOptions,
} from "./functional/average_pooling.ts";
import {
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPooling,
  type PoolOptions,
} from "./functional/max_pooling.ts";
import {
  type Pair,
  type Single,
  spread,
  type Triple,
  type WindowSize,
} from "./functional/window.ts";
import { Module } from "./module.ts";
import { boolText, dimensionsText, tupleText } from "./python_text.ts";

abstract class MaxPoolNd<E extends WindowSize> extends Module<[Tensor]> {
  private readonly compute: MaxPooling<E>;

  constructor(compute: MaxPooling<E>, readonly kernelSize: E, readonly options: PoolOptions<E>) {
    super();
    this.compute = compute;
  }

  override forward(input: Tensor): Tensor {
    return this.compute(input, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    const { stride = this.kernelSize, padding = 0, dilation = 1, ceilMode = false } = this.options;
    return `kernel_size=${dimensionsText(this.kernelSize)}, stride=${dimensionsText(stride)}, ` +
      `padding=${dimensionsText(padding)}, dilation=${dimensionsText(dilation)}, ` +
      `ceil_mode=${boolText(ceilMode)}`;
  }
}

/** Largest element of each window of [n, c, l] */
export class MaxPool1d extends MaxPoolNd<Single> {
  constructor(kernelSize: Single, options: PoolOptions<Single> = {}) {
    super(maxPool1d, kernelSize, options);
  }
}

/** Largest element of each window of [n, c, h, w] */
export class MaxPool2d extends MaxPoolNd<Pair> {
  constructor(kernelSize: Pair, options: PoolOptions<Pair> = {}) {
    super(maxPool2d, kernelSize, options);
  }
}

/** Largest element of each window of [n, c, d, h, w] */
export class MaxPool3d extends MaxPoolNd<Triple> {
  constructor(kernelSize: Triple, options: PoolOptions<Triple> = {}) {
    super(maxPool3d, kernelSize, options);
  }
}

abstract class AvgPoolNd<E extends WindowSize> extends Module<[Tensor]> {
  private readonly compute: AvgPooling<E>;

  constructor(compute: AvgPooling<E>, readonly kernelSize: E, readonly options: AvgPoolOptions<E>) {
    super();
    this.compute = compute;
  }

  override forward(input: Tensor): Tensor {
    return this.compute(input, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    const { stride = this.kernelSize, padding = 0 } = this.options;
    return `kernel_size=${dimensionsText(this.kernelSize)}, stride=${dimensionsText(stride)}, ` +
      `padding=${dimensionsText(padding)}`;
  }
}

/** Mean of each window of [n, c, l] */
export class AvgPool1d extends AvgPoolNd<Single> {
  constructor(kernelSize: Single, options: Omit<AvgPoolOptions<Single>, "divisorOverride"> = {}) {
    super(avgPool1d, kernelSize, options);
  }

  override extraRepr(): string {
    const { stride = this.kernelSize, padding = 0 } = this.options;
    const show = (value: Single) => tupleText(spread("AvgPool1d", value, 1));
    return `kernel_size=${show(this.kernelSize)}, stride=${show(stride)}, padding=${show(padding)}`;
  }
}

/** Mean of each window of [n, c, h, w] */
export class AvgPool2d extends AvgPoolNd<Pair> {
  constructor(kernelSize: Pair, options: AvgPoolOptions<Pair> = {}) {
    super(avgPool2d, kernelSize, options);
  }
}

/** Mean of each window of [n, c, d, h, w] */
export class AvgPool3d extends AvgPoolNd<Triple> {
  constructor(kernelSize: Triple, options: AvgPoolOptions<Triple> = {}) {
    super(avgPool3d, kernelSize, options);
  }
}
