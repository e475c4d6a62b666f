/**
 * Pooling modules with a given window. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
 * @module
 */
import type { Call } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import {
  AVG_POOL,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPoolOptions,
} from "../functional/average_pooling.ts";
import {
  MAX_POOL,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PoolOptions,
} from "../functional/max_pooling.ts";
import {
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
} from "../functional/window.ts";
import { Module } from "./module.ts";
import { boolText, dimensionsText, tupleText } from "../python_text.ts";

/** A pooling by a window. */
type Pooling<E extends WindowSize, O> = (input: Tensor, kernelSize: E, options: O) => Tensor;

abstract class MaxPoolNd<E extends WindowSize> extends Module<[Tensor]> {
  private readonly compute: Pooling<E, PoolOptions<E>>;

  constructor(
    compute: Pooling<E, PoolOptions<E>>,
    readonly kernelSize: E,
    readonly options: PoolOptions<E>,
  ) {
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
  constructor(...given: Call<typeof MAX_POOL, PoolOptions<Single>, [kernelSize: Single]>) {
    const { kernelSize, ...options } = MAX_POOL.named("MaxPool1d").read(given);
    super(maxPool1d, kernelSize as Single, options as PoolOptions<Single>);
  }
}

/** Largest element of each window of [n, c, h, w] */
export class MaxPool2d extends MaxPoolNd<Pair> {
  constructor(...given: Call<typeof MAX_POOL, PoolOptions<Pair>, [kernelSize: Pair]>) {
    const { kernelSize, ...options } = MAX_POOL.named("MaxPool2d").read(given);
    super(maxPool2d, kernelSize as Pair, options as PoolOptions<Pair>);
  }
}

/** Largest element of each window of [n, c, d, h, w] */
export class MaxPool3d extends MaxPoolNd<Triple> {
  constructor(...given: Call<typeof MAX_POOL, PoolOptions<Triple>, [kernelSize: Triple]>) {
    const { kernelSize, ...options } = MAX_POOL.named("MaxPool3d").read(given);
    super(maxPool3d, kernelSize as Triple, options as PoolOptions<Triple>);
  }
}

abstract class AvgPoolNd<E extends WindowSize> extends Module<[Tensor]> {
  private readonly compute: Pooling<E, AvgPoolOptions<E>>;

  constructor(
    compute: Pooling<E, AvgPoolOptions<E>>,
    readonly kernelSize: E,
    readonly options: AvgPoolOptions<E>,
  ) {
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
  constructor(
    ...given: Call<
      typeof AVG_POOL,
      Omit<AvgPoolOptions<Single>, "divisorOverride">,
      [kernelSize: Single]
    >
  ) {
    const { kernelSize, ...options } = AVG_POOL.named("AvgPool1d").read(given);
    super(avgPool1d, kernelSize as Single, options as AvgPoolOptions<Single>);
  }

  override extraRepr(): string {
    const { stride = this.kernelSize, padding = 0 } = this.options;
    const show = (value: Single) => tupleText(perAxis("AvgPool1d", value, 1));
    return `kernel_size=${show(this.kernelSize)}, stride=${show(stride)}, padding=${show(padding)}`;
  }
}

/** Mean of each window of [n, c, h, w] */
export class AvgPool2d extends AvgPoolNd<Pair> {
  constructor(...given: Call<typeof AVG_POOL, AvgPoolOptions<Pair>, [kernelSize: Pair]>) {
    const { kernelSize, ...options } = AVG_POOL.named("AvgPool2d").read(given);
    super(avgPool2d, kernelSize as Pair, options as AvgPoolOptions<Pair>);
  }
}

/** Mean of each window of [n, c, d, h, w] */
export class AvgPool3d extends AvgPoolNd<Triple> {
  constructor(...given: Call<typeof AVG_POOL, AvgPoolOptions<Triple>, [kernelSize: Triple]>) {
    const { kernelSize, ...options } = AVG_POOL.named("AvgPool3d").read(given);
    super(avgPool3d, kernelSize as Triple, options as AvgPoolOptions<Triple>);
  }
}
