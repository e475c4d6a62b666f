/**
 * Convolutions of every channel by itself.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { groupedConv2d, hasGroupedConv } from "../../engine/grouped_convolution.ts";
import type * as activations from "../../activations/get.ts";
import * as activation from "../../activations/get.ts";
import * as functions from "../../activations/functions.ts";
import type * as constraints from "../../constraints/mod.ts";
import type * as initializers from "../../initializers/mod.ts";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import type * as regularizers from "../../regularizers/mod.ts";
import { channelsLast, convolve, dilated } from "./convolve.ts";
import { knownSize } from "../core/dense.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import { type Padding, readPadding, readSizes, type Sizes, windowCount } from "../sizes.ts";
import type { Weight } from "../weight.ts";

/** Options of depthwise convolutions. */
export interface DepthwiseConvOptions extends LayerOptions {
  /** Size of the filters: one for all axes, or one each. */
  readonly kernelSize: Sizes;
  /** How far the filters go at a step; 1 unless given. */
  readonly strides?: Sizes;
  /** "valid" unless given. */
  readonly padding?: Padding;
  /** How many filters a channel has; 1 unless given. */
  readonly depthMultiplier?: number;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
  /** How far apart the filter's elements look; 1 unless given. */
  readonly dilationRate?: Sizes;
  readonly activation?: activations.ActivationOption;
  /** Whether there is a bias; true unless given. */
  readonly useBias?: boolean;
  /** "glorotUniform" unless given. */
  readonly depthwiseInitializer?: initializers.InitializerIdentifier;
  /** "zeros" unless given. */
  readonly biasInitializer?: initializers.InitializerIdentifier;
  readonly depthwiseRegularizer?: regularizers.RegularizerIdentifier;
  readonly biasRegularizer?: regularizers.RegularizerIdentifier;
  readonly depthwiseConstraint?: constraints.ConstraintIdentifier;
  readonly biasConstraint?: constraints.ConstraintIdentifier;
}

const DEFAULTS = {
  kernelSize: undefined,
  strides: 1,
  padding: "valid",
  depthMultiplier: 1,
  dataFormat: null,
  dilationRate: 1,
  activation: null,
  useBias: true,
  depthwiseInitializer: "glorotUniform",
  biasInitializer: "zeros",
  depthwiseRegularizer: null,
  biasRegularizer: null,
  depthwiseConstraint: null,
  biasConstraint: null,
};

/** What depthwise and separable convolutions share. */
export abstract class ChannelwiseConv extends Layer {
  readonly rank: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly depthMultiplier: number;
  readonly dataFormat: PlainDataFormat;
  readonly dilationRate: readonly number[];
  readonly useBias: boolean;
  activation: functions.ActivationFunction;
  bias: Weight | null = null;
  protected readonly depthwiseSettings: WeightSettings;
  protected readonly biasSettings: WeightSettings;

  /** @throws {RangeError} for a setting out of range */
  constructor(rank: number, options: DepthwiseConvOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, DEFAULTS);
    super(rest);
    this.rank = rank;
    const kernelSize = requireOption(owner, "kernelSize", own.kernelSize, "integers");
    this.kernelSize = readSizes(owner, "kernelSize", kernelSize, rank);
    this.strides = readSizes(owner, "strides", own.strides, rank);
    this.padding = readPadding(owner, own.padding, ["valid", "same"]);
    this.depthMultiplier = checkNumber(owner, "depthMultiplier", own.depthMultiplier, {
      from: 1,
      integer: true,
    });
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.dilationRate = readSizes(owner, "dilationRate", own.dilationRate, rank);
    this.useBias = Boolean(own.useBias);
    this.activation = activation.get(own.activation, `${owner}: activation`);
    this.depthwiseSettings = readWeightSettings(owner, "depthwise", own);
    this.biasSettings = readWeightSettings(owner, "bias", own);
    this.inputSpec = { ndim: rank + 2 };
  }

  /** How many channels an input has. */
  protected channelsOf(inputShape: Shape): number {
    return knownSize(this.name, inputShape, this.dataFormat === "channels_last" ? -1 : 1);
  }

  /** Shape of the result with so many channels. */
  protected outputShape(inputShape: Shape, channels: number): Shape {
    const first = this.dataFormat === "channels_first";
    const spatial = first ? inputShape.slice(2) : inputShape.slice(1, -1);
    const sizes = spatial.map((size, i) => {
      const reach = (this.kernelSize[i] - 1) * this.dilationRate[i] + 1;
      return windowCount(size, reach, this.strides[i], this.padding);
    });
    return first ? [inputShape[0], channels, ...sizes] : [inputShape[0], ...sizes, channels];
  }

  /** Every channel of [n, ..., channels] by filters [..., channels, multiplier]. */
  protected convolveChannels(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
    const [height, width] = this.rank === 1 ? [1, ...this.strides] : this.strides;
    const wide = this.rank === 1 ? tf.expandDims(x, 1) : x;
    const filter = this.rank === 1 ? tf.expandDims(kernel, 0) : kernel;
    const rate = this.rank === 1 ? [1, ...this.dilationRate] : this.dilationRate;
    const y = depthwise(wide, filter, rate, [height, width], this.padding);
    return this.rank === 1 ? tf.squeeze(y, [1]) : y;
  }

  /** A result [n, ..., channels] with bias and activation. */
  protected finished(y: tf.Tensor): tf.Tensor {
    const sum = this.bias ? tf.add(y, this.bias) : y;
    return this.activation === functions.linear ? sum : this.activation(sum);
  }

  override getConfig(): Record<string, unknown> {
    const { kernelSize, strides, padding, depthMultiplier, dataFormat, dilationRate, useBias } =
      this;
    return {
      ...super.getConfig(),
      kernelSize,
      strides,
      padding,
      depthMultiplier,
      dataFormat,
      dilationRate,
      activation: activation.serialize(this.activation),
      useBias,
      ...weightConfig("depthwise", this.depthwiseSettings),
      ...weightConfig("bias", this.biasSettings),
    };
  }
}

/** With filters [h, w, channels, multiplier]. */
function depthwise(
  x: tf.Tensor,
  filter: tf.Tensor,
  dilationRate: readonly number[],
  [height, width]: readonly number[],
  padding: Padding,
): tf.Tensor {
  if (dilationRate.some((rate) => rate > 1) && hasGroupedConv()) {
    const [h, w, c, m] = filter.shape as [number, number, number, number];
    return groupedConv2d(x, tf.reshape(filter, [h, w, 1, c * m]), {
      strides: [height, width],
      pad: padding,
      dilations: dilationRate as [number, number],
    });
  }
  return tf.depthwiseConv2d(
    x as tf.Tensor4D,
    dilated(filter, dilationRate) as tf.Tensor4D,
    [height, width],
    padding,
  );
}

/** Base class of depthwise convolutions. */
abstract class BaseDepthwiseConv extends ChannelwiseConv {
  kernel!: Weight;

  override build(inputShape: Shape): void {
    const channels = this.channelsOf(inputShape);
    this.kernel = this.addWeight({
      name: "kernel",
      shape: [...this.kernelSize, channels, this.depthMultiplier],
      ...this.depthwiseSettings,
    });
    if (!this.useBias) return;
    const shape = [channels * this.depthMultiplier];
    this.bias = this.addWeight({ name: "bias", shape, ...this.biasSettings });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return this.outputShape(inputShape, this.channelsOf(inputShape) * this.depthMultiplier);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return channelsLast(
      inputs,
      this.dataFormat,
      (x) => this.finished(this.convolveChannels(x, this.kernel)),
    );
  }
}

/**
 * Filters over every channel of sequences by itself.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.DepthwiseConv1D({ kernelSize: 3 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 8, 4 ]
 * ```
 */
export class DepthwiseConv1D extends BaseDepthwiseConv {
  constructor(options: DepthwiseConvOptions) {
    super(1, options);
  }
}

/**
 * Filters over every channel of images by itself: [n, rows, columns, channels] to [n, ..., channels * depthMultiplier].
 * Follows https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.DepthwiseConv2D({ kernelSize: 3, depthMultiplier: 2, padding: "same" });
 * console.log(layer(keras.Input({ shape: [32, 32, 3] })).shape); // [ null, 32, 32, 6 ]
 * ```
 */
export class DepthwiseConv2D extends BaseDepthwiseConv {
  constructor(options: DepthwiseConvOptions) {
    super(2, options);
  }
}

/** Options of separable convolutions. */
export interface SeparableConvOptions extends DepthwiseConvOptions {
  /** How many filters there are: the channels of the result. */
  readonly filters: number;
  /** "glorotUniform" unless given. */
  readonly pointwiseInitializer?: initializers.InitializerIdentifier;
  readonly pointwiseRegularizer?: regularizers.RegularizerIdentifier;
  readonly pointwiseConstraint?: constraints.ConstraintIdentifier;
}

/** Base class of separable convolutions: every channel by itself, then all channels at every position. */
abstract class BaseSeparableConv extends ChannelwiseConv {
  readonly filters: number;
  depthwiseKernel!: Weight;
  pointwiseKernel!: Weight;
  readonly #pointwiseSettings: WeightSettings;

  constructor(rank: number, options: SeparableConvOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      filters: undefined,
      pointwiseInitializer: "glorotUniform",
      pointwiseRegularizer: null,
      pointwiseConstraint: null,
    });
    super(rank, rest as DepthwiseConvOptions);
    const filters = requireOption(owner, "filters", own.filters, "an integer");
    this.filters = checkNumber(owner, "filters", filters, { from: 1, integer: true });
    this.#pointwiseSettings = readWeightSettings(owner, "pointwise", own);
  }

  override build(inputShape: Shape): void {
    const channels = this.channelsOf(inputShape);
    this.depthwiseKernel = this.addWeight({
      name: "depthwise_kernel",
      shape: [...this.kernelSize, channels, this.depthMultiplier],
      ...this.depthwiseSettings,
    });
    const ones = this.kernelSize.map(() => 1);
    this.pointwiseKernel = this.addWeight({
      name: "pointwise_kernel",
      shape: [...ones, channels * this.depthMultiplier, this.filters],
      ...this.#pointwiseSettings,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({ name: "bias", shape: [this.filters], ...this.biasSettings });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return this.outputShape(inputShape, this.filters);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const ones = this.kernelSize.map(() => 1);
    return channelsLast(inputs, this.dataFormat, (x) => {
      const y = this.convolveChannels(x, this.depthwiseKernel);
      const plain = { strides: ones, dilationRate: ones, padding: "valid" } as const;
      return this.finished(convolve(y, this.pointwiseKernel, plain));
    });
  }

  override getConfig(): Record<string, unknown> {
    const { filters } = this;
    return { ...super.getConfig(), filters, ...weightConfig("pointwise", this.#pointwiseSettings) };
  }
}

/**
 * A separable convolution over sequences.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.SeparableConv1D({ filters: 8, kernelSize: 3 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 8, 8 ]
 * ```
 */
export class SeparableConv1D extends BaseSeparableConv {
  constructor(options: SeparableConvOptions) {
    super(1, options);
  }
}

/**
 * A separable convolution over images. Follows https://keras.io/api/layers/convolution_layers/separable_convolution2d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.SeparableConv2D({ filters: 8, kernelSize: 3, padding: "same" });
 * console.log(layer(keras.Input({ shape: [32, 32, 3] })).shape); // [ null, 32, 32, 8 ]
 * ```
 */
export class SeparableConv2D extends BaseSeparableConv {
  constructor(options: SeparableConvOptions) {
    super(2, options);
  }
}
