/**
 * Long short-term memory whose products are convolutions, for films and other sequences of images.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import { convolve, toChannelsFirst, toChannelsLast } from "../convolutional/convolve.ts";
import { knownSize } from "../core/dense.ts";
import { LSTMCell, type LSTMCellOptions } from "./gated_cells.ts";
import type { Shape } from "../keras_tensor.ts";
import type { CallOptions } from "../layer.ts";
import { mapNested } from "../nested.ts";
import { CellLayer, type RecurrentOptions } from "./rnn.ts";
import type { CellState, StepShapes } from "./rnn_cell.ts";
import { type Padding, readPadding, readSizes, type Sizes, windowCount } from "../sizes.ts";

/** Options of {@linkcode ConvLSTMCell}. */
export interface ConvLSTMCellOptions extends Omit<LSTMCellOptions, "units"> {
  /** How many channels states and results have. */
  readonly filters: number;
  /** Size of the filters: one for all axes, or one each. */
  readonly kernelSize: Sizes;
  /** How far the filters over the input go at a step; 1 unless given. */
  readonly strides?: Sizes;
  /** How the input's edges are treated; "valid" unless given. The state's are always kept. */
  readonly padding?: Padding;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
  /** How far apart the filters over the input look; 1 unless given. */
  readonly dilationRate?: Sizes;
}

/** One step of {@linkcode ConvLSTM2D}: images [n, ..., channels]. Source: keras/src/layers/rnn/conv_lstm.py of Keras 3. */
export class ConvLSTMCell extends LSTMCell {
  readonly rank: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilationRate: readonly number[];
  #stateShape: Shape | undefined;

  /** @throws {RangeError} for a setting out of range */
  constructor(rank: number, options: Omit<ConvLSTMCellOptions, "dataFormat">) {
    const owner = `ConvLSTM${rank}D`;
    const [own, rest] = takeOptions(owner, options, {
      filters: undefined,
      kernelSize: undefined,
      strides: 1,
      padding: "valid",
      dilationRate: 1,
    });
    // An unknown option is refused before one that is missing.
    super({ ...rest, units: Number(own.filters) >= 1 ? Math.ceil(Number(own.filters)) : 1 });
    const filters = requireOption<unknown>(owner, "filters", own.filters, "an integer");
    checkNumber(owner, "filters", filters, { from: 1, integer: true });
    this.rank = rank;
    const kernelSize = requireOption<unknown>(owner, "kernelSize", own.kernelSize, "integers");
    this.kernelSize = readSizes(owner, "kernelSize", kernelSize, rank);
    this.strides = readSizes(owner, "strides", own.strides, rank);
    this.padding = readPadding<Padding>(owner, own.padding, ["valid", "same"]);
    this.dilationRate = readSizes(owner, "dilationRate", own.dilationRate, rank);
    if (Math.max(...this.strides) > 1 && Math.max(...this.dilationRate) > 1) {
      throw new RangeError(
        `${owner}: strides is [${this.strides}] and dilationRate [${this.dilationRate}], ` +
          `expected one of them to be 1`,
      );
    }
  }

  override build(inputShape: Shape): void {
    const channels = knownSize(this.name, inputShape, -1);
    inputShape.slice(1, -1).forEach((_, i) => knownSize(this.name, inputShape, i + 1));
    this.#stateShape = this.stepShapes(inputShape).output.slice(1);
    this.makeWeights(
      [...this.kernelSize, channels, this.units * this.gates],
      [...this.kernelSize, this.units, this.units * this.gates],
    );
  }

  override stepShapes([count, ...features]: Shape): StepShapes {
    const sizes = features.slice(0, -1).map((size, i) => {
      const reach = (this.kernelSize[i] - 1) * this.dilationRate[i] + 1;
      return windowCount(size, reach, this.strides[i], this.padding);
    });
    const output = [count, ...sizes, this.units];
    return { output, states: [output, output] };
  }

  override getInitialState(batchSize: number): readonly CellState[] {
    const shape = [batchSize, ...this.#stateShape as number[]];
    return [tf.zeros(shape), tf.zeros(shape)];
  }

  /** One mask for each part of the kernel, whatever is dropped. */
  protected override get maskCount(): number {
    return this.gates;
  }

  protected override multiply(x: tf.Tensor, kernel: tf.Tensor, isState: boolean): tf.Tensor {
    const once = new Array<number>(this.rank).fill(1);
    const { strides, padding, dilationRate } = this;
    return convolve(
      x,
      kernel,
      isState
        ? { strides: once, padding: "same", dilationRate: once }
        : { strides, padding, dilationRate },
    );
  }

  override getConfig(): Record<string, unknown> {
    const { units: filters, ...config } = super.getConfig();
    const { kernelSize, strides, padding, dilationRate } = this;
    return { ...config, filters, kernelSize, strides, padding, dilationRate };
  }
}

/** Options of {@linkcode ConvLSTM1D}, {@linkcode ConvLSTM2D} and {@linkcode ConvLSTM3D}. */
export type ConvLSTMOptions = RecurrentOptions<ConvLSTMCellOptions>;

/** Base class: a cell with convolutions over sequences [n, steps, ..., channels]. */
abstract class ConvLSTM extends CellLayer {
  readonly dataFormat: PlainDataFormat;

  constructor(rank: number, options: ConvLSTMOptions) {
    const owner = `ConvLSTM${rank}D`;
    const [{ dataFormat }, rest] = takeOptions(owner, options, { dataFormat: null });
    super((cell) => new ConvLSTMCell(rank, cell), "conv_lstm_cell", rest);
    this.dataFormat = readDataFormat(owner, dataFormat as DataFormat | null);
    this.inputSpec = { ndim: rank + 3 };
  }

  /** The filters of the cell. */
  get filters(): number {
    return this.units;
  }

  override build(inputShape: Shape): void {
    super.build(this.#inOrder(inputShape));
  }

  /** A shape [n, steps, ...] with its channels last. */
  #inOrder(shape: Shape): Shape {
    if (this.dataFormat === "channels_last") return shape;
    const [count, steps, channels, ...sizes] = shape;
    return [count, steps, ...sizes, channels];
  }

  // deno-lint-ignore no-explicit-any
  override computeOutputShape(inputShape: any): any {
    const shapes = super.computeOutputShape(this.#inOrder(inputShape));
    if (this.dataFormat === "channels_last") return shapes;
    const rank = (inputShape as Shape).length - 3;
    const turned = (shape: Shape) => [
      ...shape.slice(0, -rank - 1),
      shape.at(-1)!,
      ...shape.slice(-rank - 1, -1),
    ];
    return this.returnState ? (shapes as Shape[]).map(turned) : turned(shapes);
  }

  // deno-lint-ignore no-explicit-any
  override call(sequences: any, options: CallOptions = {}): any {
    if (this.dataFormat === "channels_last") return super.call(sequences, options);
    const spatial = (sequences as tf.Tensor).rank - 3;
    const { initialState } = options;
    const results = super.call(eachStep(sequences, toChannelsLast), {
      ...options,
      initialState: initialState &&
        mapNested(initialState, (state) => toChannelsLast(state as tf.Tensor)),
    });
    return mapNested(results, (leaf) => {
      const result = leaf as tf.Tensor;
      return result.rank === spatial + 3
        ? eachStep(result, toChannelsFirst)
        : toChannelsFirst(result);
    });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

/** Does something to every step of [n, steps, ...]. */
function eachStep(x: tf.Tensor, run: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const [count, steps, ...features] = x.shape;
  const result = run(tf.reshape(x, [count * steps, ...features]));
  return tf.reshape(result, [count, steps, ...result.shape.slice(1)]);
}

/**
 * Convolutional LSTM over sequences of sequences: [n, steps, length, channels] to [n, length', filters].
 * Follows https://keras.io/api/layers/recurrent_layers/conv_lstm1d/
 *
 * @throws {RangeError} for a setting out of range, or where a size of the input is unknown
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ConvLSTM1D(4, 3, { padding: "same" });
 * console.log(layer(keras.Input([10, 16, 2])).shape); // [ null, 16, 4 ]
 * ```
 */
export class ConvLSTM1D extends ConvLSTM {
  constructor(options: ConvLSTMOptions) {
    super(1, options);
  }
}

/**
 * Convolutional LSTM over sequences of images (Shi et al., 2015): [n, steps, rows, columns, channels] to
 * [n, rows', columns', filters] (with `returnSequences` [n, steps, ...]).
 * Follows https://keras.io/api/layers/recurrent_layers/conv_lstm2d/
 *
 * @throws {RangeError} for a setting out of range, or where a size of the input is unknown
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ConvLSTM2D(8, 3, { returnSequences: true });
 * console.log(layer(keras.Input([10, 32, 32, 1])).shape); // [ null, 10, 30, 30, 8 ]
 * ```
 */
export class ConvLSTM2D extends ConvLSTM {
  constructor(options: ConvLSTMOptions) {
    super(2, options);
  }
}

/**
 * Convolutional LSTM over sequences of volumes: [n, steps, depth, rows, columns, channels] to [n, ..., filters].
 * Follows https://keras.io/api/layers/recurrent_layers/conv_lstm3d/
 *
 * @throws {RangeError} for a setting out of range, or where a size of the input is unknown
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ConvLSTM3D(2, 3, { padding: "same" });
 * console.log(layer(keras.Input([4, 8, 8, 8, 1])).shape); // [ null, 8, 8, 8, 2 ]
 * ```
 */
export class ConvLSTM3D extends ConvLSTM {
  constructor(options: ConvLSTMOptions) {
    super(3, options);
  }
}
