/**
 * Convolutions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import { channelsLast, convolve } from "./convolve.ts";
import { knownSize } from "../core/dense.ts";
import type { Shape } from "../keras_tensor.ts";
import { fusedName, KernelLayer, type KernelOptions } from "../kernel_layer.ts";
import { readPadding, readSizes, type Sizes, windowCount } from "../sizes.ts";

/** Options that all convolutions take. */
export interface ConvOptions extends KernelOptions {
  /** How many filters there are: the channels of the result. */
  readonly filters: number;
  /** Size of the filters: one for all axes, or one each. */
  readonly kernelSize: Sizes;
  /** How far the filters go at a step; 1 unless given. */
  readonly strides?: Sizes;
  /** "valid" (unless given): only where the filter fits; "same": the size stays (divided by the stride). */
  readonly padding?: "valid" | "same";
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
  /** How far apart the filter's elements look; 1 unless given. */
  readonly dilationRate?: Sizes;
  /** Into how many groups channels and filters are divided; 1 unless given. */
  readonly groups?: number;
}

/** Base class of convolutions. Source: keras/src/layers/convolutional/base_conv.py of Keras 3. */
export abstract class BaseConv extends KernelLayer {
  readonly rank: number;
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "valid" | "same" | "causal";
  readonly dataFormat: PlainDataFormat;
  readonly dilationRate: readonly number[];
  readonly groups: number;

  /** @throws {RangeError} for a setting out of range */
  constructor(
    rank: number,
    options: Omit<ConvOptions, "padding"> & { readonly padding?: "valid" | "same" | "causal" },
    paddings: readonly ("valid" | "same" | "causal")[] = ["valid", "same"],
  ) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      filters: undefined,
      kernelSize: undefined,
      strides: 1,
      padding: "valid",
      dataFormat: null,
      dilationRate: 1,
      groups: 1,
    });
    super(rest);
    const count = { from: 1, integer: true };
    this.rank = rank;
    const filters = requireOption(owner, "filters", own.filters, "an integer");
    this.filters = checkNumber(owner, "filters", filters, count);
    const kernelSize = requireOption(owner, "kernelSize", own.kernelSize, "integers");
    this.kernelSize = readSizes(owner, "kernelSize", kernelSize, rank);
    this.strides = readSizes(owner, "strides", own.strides, rank);
    this.padding = readPadding(owner, own.padding, paddings);
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.dilationRate = readSizes(owner, "dilationRate", own.dilationRate, rank);
    this.groups = checkNumber(owner, "groups", own.groups, count);
    if (this.filters % this.groups !== 0) {
      throw new RangeError(
        `${owner}: groups is ${this.groups}, expected a divisor of filters, ${this.filters}`,
      );
    }
    if (Math.max(...this.strides) > 1 && Math.max(...this.dilationRate) > 1) {
      throw new RangeError(
        `${owner}: strides is [${this.strides}] and dilationRate [${this.dilationRate}], ` +
          `expected one of them to be 1`,
      );
    }
    this.inputSpec = { ndim: rank + 2 };
  }

  /** The axis of the channels. */
  protected get channelAxis(): number {
    return this.dataFormat === "channels_last" ? -1 : 1;
  }

  override build(inputShape: Shape): void {
    const channels = knownSize(this.name, inputShape, this.channelAxis);
    if (channels % this.groups !== 0) {
      throw new RangeError(
        `layer "${this.name}": the input has ${channels} channels, expected a multiple of groups, ` +
          `${this.groups}`,
      );
    }
    const shape = [...this.kernelSize, channels / this.groups, this.filters];
    this.addKernelAndBias(shape, [this.filters]);
    this.inputSpec = { ndim: this.rank + 2, axes: { [this.channelAxis]: channels } };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const first = this.dataFormat === "channels_first";
    const spatial = first ? inputShape.slice(2) : inputShape.slice(1, -1);
    const sizes = spatial.map((size, i) => {
      const reach = (this.kernelSize[i] - 1) * this.dilationRate[i] + 1;
      return windowCount(size, reach, this.strides[i], this.padding);
    });
    if (sizes.some((size) => size !== null && size <= 0)) {
      throw new RangeError(
        `layer "${this.name}": the input [${
          inputShape.map(String).join(", ")
        }] is smaller than the filters [${this.kernelSize}] with dilationRate [${this.dilationRate}]`,
      );
    }
    return first
      ? [inputShape[0], this.filters, ...sizes]
      : [inputShape[0], ...sizes, this.filters];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const fused = fusedName(this.activation);
    const y = channelsLast(inputs, this.dataFormat, (x) => {
      const { strides, dilationRate, groups } = this;
      const options = { strides, dilationRate, groups };
      const padding = this.padding === "causal" ? "valid" : this.padding;
      const input = this.padding === "causal" ? this.#paddedCausally(x) : x;
      return convolve(input, this.kernel, { ...options, padding }, this.bias, fused);
    });
    return fused ? y : this.activated(y);
  }

  /** So many steps of zeros in front that no result sees what comes later. */
  #paddedCausally(x: tf.Tensor): tf.Tensor {
    const before = this.dilationRate[0] * (this.kernelSize[0] - 1);
    return tf.pad(x, [[0, 0], [before, 0], [0, 0]]);
  }

  override getConfig(): Record<string, unknown> {
    const { filters, kernelSize, strides, padding, dataFormat, dilationRate, groups } = this;
    const own = { filters, kernelSize, strides, padding, dataFormat, dilationRate, groups };
    return { ...super.getConfig(), ...own };
  }
}

/** Options of {@linkcode Conv1D}. */
export interface Conv1DOptions extends Omit<ConvOptions, "padding"> {
  /** As for other convolutions; "causal": no result sees what comes later. */
  readonly padding?: "valid" | "same" | "causal";
}

/**
 * Filters over sequences: [n, steps, channels] to [n, steps', filters].
 * Follows https://keras.io/api/layers/convolution_layers/convolution1d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Conv1D({ filters: 8, kernelSize: 3, padding: "causal" });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 10, 8 ]
 * ```
 */
export class Conv1D extends BaseConv {
  constructor(options: Conv1DOptions) {
    super(1, options, ["valid", "same", "causal"]);
  }
}

/**
 * Filters over images: [n, rows, columns, channels] to [n, rows', columns', filters].
 * Follows https://keras.io/api/layers/convolution_layers/convolution2d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Conv2D({ filters: 8, kernelSize: 3, activation: "relu" });
 * console.log(layer(keras.Input({ shape: [32, 32, 3] })).shape); // [ null, 30, 30, 8 ]
 * ```
 */
export class Conv2D extends BaseConv {
  constructor(options: ConvOptions) {
    super(2, options);
  }
}

/**
 * Filters over volumes: [n, depth, rows, columns, channels] to [n, ..., filters].
 * Follows https://keras.io/api/layers/convolution_layers/convolution3d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Conv3D({ filters: 8, kernelSize: 3, padding: "same" });
 * console.log(layer(keras.Input({ shape: [8, 16, 16, 1] })).shape); // [ null, 8, 16, 16, 8 ]
 * ```
 */
export class Conv3D extends BaseConv {
  constructor(options: ConvOptions) {
    super(3, options);
  }
}
