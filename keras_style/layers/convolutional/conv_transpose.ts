/**
 * Transposed convolutions: the way back from a convolution's result to its input.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { readSizes, type Sizes } from "../sizes.ts";
import { BaseConv, type ConvOptions } from "./conv.ts";
import { channelsLast, dilated } from "./convolve.ts";
import { knownSize } from "../core/dense.ts";
import type { Shape } from "../keras_tensor.ts";
import { takeOptions } from "../../options.ts";

/** Options of transposed convolutions. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "groups"> {
  /** How many rows and columns are added at the end; found out from strides and padding unless given. */
  readonly outputPadding?: Sizes | null;
}

/** Base class of transposed convolutions. Source: keras/src/layers/convolutional/base_conv_transpose.py of Keras 3. */
export abstract class BaseConvTranspose extends BaseConv {
  readonly outputPadding: readonly number[] | null;

  /** @throws {RangeError} for a setting out of range */
  constructor(rank: number, options: ConvTransposeOptions) {
    const owner = new.target.name;
    const [{ outputPadding }, rest] = takeOptions(owner, options, { outputPadding: null });
    super(rank, rest as ConvOptions);
    this.outputPadding = outputPadding === null
      ? null
      : readSizes(owner, "outputPadding", outputPadding, rank, 0);
  }

  override build(inputShape: Shape): void {
    const channels = knownSize(this.name, inputShape, this.channelAxis);
    this.addKernelAndBias([...this.kernelSize, this.filters, channels], [this.filters]);
    this.inputSpec = { ndim: this.rank + 2, axes: { [this.channelAxis]: channels } };
  }

  /** As `_get_output_shape_given_tf_padding` of keras/src/backend/common/backend_utils.py. */
  #outputSize(size: number | null, axis: number): number | null {
    if (size === null) return null;
    const stride = this.strides[axis];
    const kernel = (this.kernelSize[axis] - 1) * this.dilationRate[axis] + 1;
    const added = this.outputPadding?.[axis];
    if (this.padding === "valid") {
      return (size - 1) * stride + kernel + (added ?? Math.max(kernel, stride) - kernel);
    }
    return added === undefined ? size * stride : (size - 1) * stride + kernel % 2 + added;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const first = this.dataFormat === "channels_first";
    const spatial = first ? inputShape.slice(2) : inputShape.slice(1, -1);
    const sizes = spatial.map((size, axis) => this.#outputSize(size, axis));
    return first
      ? [inputShape[0], this.filters, ...sizes]
      : [inputShape[0], ...sizes, this.filters];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return this.activated(channelsLast(inputs, this.dataFormat, (x) => {
      const y = this.#transposed(x);
      return this.bias ? tf.add(y, this.bias) : y;
    }));
  }

  #transposed(x: tf.Tensor): tf.Tensor {
    const kernel = dilated(this.kernel, this.dilationRate);
    const sizes = x.shape.slice(1, -1).map((size, axis) => this.#outputSize(size, axis)!);
    const outputShape = [x.shape[0], ...sizes, this.filters];
    const padding = this.padding as "valid" | "same";
    if (this.rank === 1) {
      const [count, size, filters] = outputShape;
      const wide = tf.conv2dTranspose(
        tf.expandDims(x, 1) as tf.Tensor4D,
        tf.expandDims(kernel, 0) as tf.Tensor4D,
        [count, 1, size, filters],
        [1, this.strides[0]],
        padding,
      );
      return tf.squeeze(wide, [1]);
    }
    if (this.rank === 2) {
      return tf.conv2dTranspose(
        x as tf.Tensor4D,
        kernel as tf.Tensor4D,
        outputShape as [number, number, number, number],
        this.strides as [number, number],
        padding,
      );
    }
    return tf.conv3dTranspose(
      x as tf.Tensor5D,
      kernel as tf.Tensor5D,
      outputShape as [number, number, number, number, number],
      this.strides as [number, number, number],
      padding,
    );
  }

  override getConfig(): Record<string, unknown> {
    const { groups: _, ...config } = super.getConfig();
    return { ...config, outputPadding: this.outputPadding };
  }
}

/**
 * A transposed convolution over sequences.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Conv1DTranspose({ filters: 4, kernelSize: 3, strides: 2 });
 * console.log(layer(keras.Input({ shape: [10, 8] })).shape); // [ null, 21, 4 ]
 * ```
 */
export class Conv1DTranspose extends BaseConvTranspose {
  constructor(options: ConvTransposeOptions) {
    super(1, options);
  }
}

/**
 * A transposed convolution over images: [n, rows, columns, channels] to [n, rows', columns', filters].
 * Follows https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Conv2DTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same" });
 * console.log(layer(keras.Input({ shape: [7, 7, 16] })).shape); // [ null, 14, 14, 4 ]
 * ```
 */
export class Conv2DTranspose extends BaseConvTranspose {
  constructor(options: ConvTransposeOptions) {
    super(2, options);
  }
}

/**
 * A transposed convolution over volumes.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Conv3DTranspose({ filters: 4, kernelSize: 2, strides: 2 });
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 8] })).shape); // [ null, 8, 8, 8, 4 ]
 * ```
 */
export class Conv3DTranspose extends BaseConvTranspose {
  constructor(options: ConvTransposeOptions) {
    super(3, options);
  }
}
