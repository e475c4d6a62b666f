/**
 * Cells: one step of a recurrent layer.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ActivationFunction } from "../../activations/functions.ts";
import * as activations from "../../activations/get.ts";
import type * as constraints from "../../constraints/mod.ts";
import type * as initializers from "../../initializers/mod.ts";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import type * as regularizers from "../../regularizers/mod.ts";
import { dropUnits } from "../regularization/dropout.ts";
import { knownSize } from "../core/dense.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { leavesOf } from "../nested.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";
import type { Weight } from "../weight.ts";

/** The state between two steps: a tensor, or lists of them. */
export type CellState = tf.Tensor | readonly CellState[];

/** Sizes of the state's tensors, nested as it is. */
export type StateSize = number | readonly StateSize[];

/** A state of zeros, as a list. */
export function zeroState(stateSize: StateSize, batchSize: number): readonly CellState[] {
  const zeros = (size: StateSize): CellState =>
    typeof size === "number" ? tf.zeros([batchSize, size]) : size.map(zeros);
  return typeof stateSize === "number" ? [zeros(stateSize)] : stateSize.map(zeros);
}

/** Shapes of what a step gives, the states nested as the cell's `stateSize` is. */
export interface StepShapes {
  readonly output: Shape;
  readonly states: readonly unknown[];
}

/** The shapes of a cell whose result and states are vectors. */
export function shapesOfSizes(
  cell: Pick<Cell, "stateSize" | "outputSize">,
  batchSize: number | null,
): StepShapes {
  const { stateSize } = cell;
  const shapeOf = (one: StateSize): unknown =>
    typeof one === "number" ? [batchSize, one] : one.map(shapeOf);
  const states = (typeof stateSize === "number" ? [stateSize] : stateSize).map(shapeOf);
  return { output: [batchSize, cell.outputSize ?? leavesOf(stateSize)[0] as number], states };
}

/**
 * A layer that computes one step: `call(inputs, states, options)` gives `[output, states]`.
 * Follows https://keras.io/api/layers/recurrent_layers/rnn/
 */
export abstract class Cell extends Layer {
  /** Sizes of the state's tensors. */
  abstract readonly stateSize: StateSize;
  /** Size of a step's result, where it is not that of the first state. */
  get outputSize(): number | undefined {
    return undefined;
  }

  abstract override call(
    inputs: tf.Tensor,
    states: readonly CellState[],
    options?: CallOptions,
  ): [output: tf.Tensor, states: readonly CellState[]];

  /** The state before the first step: zeros unless overridden. */
  getInitialState(batchSize: number): readonly CellState[] {
    return zeroState(this.stateSize, batchSize);
  }

  /** Shapes of a step's result and of its states, for a step's input [n, ...]. */
  stepShapes(inputShape: Shape): StepShapes {
    return shapesOfSizes(this, inputShape[0]);
  }

  /** Draws what is dropped anew; called before the first step. */
  resetDropoutMasks(): void {}

  /**
   * What of the inputs can be computed for all steps at once: [n, steps, ...] for {@linkcode Cell.step}; undefined where the
   * cell computes step by step.
   */
  projectInputs(_inputs: tf.Tensor, _options: CallOptions): tf.Tensor | undefined {
    return undefined;
  }

  /** A step on what {@linkcode Cell.projectInputs} gave for it; elsewhere on the inputs themselves. */
  step(
    inputs: tf.Tensor,
    states: readonly CellState[],
    options: CallOptions,
  ): [output: tf.Tensor, states: readonly CellState[]] {
    return this.call(inputs, states, options);
  }
}

/** Options of Keras' own cells. */
export interface RecurrentCellOptions extends LayerOptions, SeededOptions {
  /** Size of the state and of a step's result. */
  readonly units: number;
  /** "tanh" unless given. */
  readonly activation?: activations.ActivationOption;
  /** Whether there is a bias; true unless given. */
  readonly useBias?: boolean;
  /** "glorotUniform" unless given. */
  readonly kernelInitializer?: initializers.InitializerIdentifier;
  /** "orthogonal" unless given. */
  readonly recurrentInitializer?: initializers.InitializerIdentifier;
  /** "zeros" unless given. */
  readonly biasInitializer?: initializers.InitializerIdentifier;
  readonly kernelRegularizer?: regularizers.RegularizerIdentifier;
  readonly recurrentRegularizer?: regularizers.RegularizerIdentifier;
  readonly biasRegularizer?: regularizers.RegularizerIdentifier;
  readonly kernelConstraint?: constraints.ConstraintIdentifier;
  readonly recurrentConstraint?: constraints.ConstraintIdentifier;
  readonly biasConstraint?: constraints.ConstraintIdentifier;
  /** Share of the inputs that is dropped while training, the same at all steps; 0 unless given. */
  readonly dropout?: number;
  /** Share of the state that is dropped while training, the same at all steps; 0 unless given. */
  readonly recurrentDropout?: number;
}

/** What cells take, with the defaults. */
const CELL_DEFAULTS = {
  units: undefined,
  activation: "tanh",
  useBias: true,
  kernelInitializer: "glorotUniform",
  recurrentInitializer: "orthogonal",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  recurrentRegularizer: null,
  biasRegularizer: null,
  kernelConstraint: null,
  recurrentConstraint: null,
  biasConstraint: null,
  dropout: 0,
  recurrentDropout: 0,
  seed: null,
} as const;

/** Base class of Keras' own cells. */
export abstract class RecurrentCell extends Cell {
  readonly units: number;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  activation: ActivationFunction;
  kernel!: Weight;
  recurrentKernel!: Weight;
  bias: Weight | null = null;
  readonly #settings: Readonly<Record<"kernel" | "recurrent" | "bias", WeightSettings>>;
  readonly #draws: SeededDraws;
  #inputMasks: tf.Tensor[] | undefined;
  #stateMasks: tf.Tensor[] | undefined;

  /** @throws {RangeError} for a setting out of range */
  constructor(options: RecurrentCellOptions) {
    const owner = new.target.name.replace(/Cell$/, "");
    const [own, rest] = takeOptions(owner, options, CELL_DEFAULTS);
    super(rest);
    const units = requireOption<unknown>(owner, "units", own.units, "an integer");
    this.units = checkNumber(owner, "units", units, { from: 1, integer: true });
    this.useBias = Boolean(own.useBias);
    this.activation = activations.get(own.activation, `${owner}: activation`);
    const read = (kind: string) => readWeightSettings(owner, kind, own);
    this.#settings = { kernel: read("kernel"), recurrent: read("recurrent"), bias: read("bias") };
    this.dropout = checkNumber(owner, "dropout", own.dropout, { from: 0, to: 1 });
    this.recurrentDropout = checkNumber(owner, "recurrentDropout", own.recurrentDropout, {
      from: 0,
      to: 1,
    });
    this.#draws = new SeededDraws(owner, own.seed);
  }

  get stateSize(): StateSize {
    return this.units;
  }

  /** How many of the kernel's parts there are. */
  protected abstract readonly gates: number;

  override build(inputShape: Shape): void {
    const size = knownSize(this.name, inputShape, -1);
    const width = this.units * this.gates;
    this.makeWeights([size, width], [this.units, width]);
  }

  /** Makes kernels of these shapes, and the bias. */
  protected makeWeights(kernelShape: readonly number[], stateKernelShape: readonly number[]): void {
    const { kernel, recurrent } = this.#settings;
    this.kernel = this.addWeight({ name: "kernel", shape: kernelShape, ...kernel });
    this.recurrentKernel = this.addWeight({
      name: "recurrent_kernel",
      shape: stateKernelShape,
      ...recurrent,
    });
    if (this.useBias) this.bias = this.addBias(this.#settings.bias);
  }

  /** Makes the bias. */
  protected addBias(settings: WeightSettings): Weight {
    return this.addWeight({ name: "bias", shape: [this.units * this.gates], ...settings });
  }

  override resetDropoutMasks(): void {
    this.#inputMasks = undefined;
    this.#stateMasks = undefined;
  }

  /** How many masks are drawn where the state is dropped: one for each part of the kernel, as in Keras. */
  protected get maskCount(): number {
    return this.recurrentDropout > 0 ? this.gates : 1;
  }

  /** The inputs of a step for every mask; only while training something is dropped. */
  protected droppedInputs(x: tf.Tensor, training: boolean | undefined): tf.Tensor[] {
    if (!training || this.dropout === 0) return [x];
    this.#inputMasks ??= this.#drawMasks(x, this.dropout);
    return this.#inputMasks.map((mask) => tf.mul(x, mask));
  }

  /** The state for every mask. */
  protected droppedStates(h: tf.Tensor, training: boolean | undefined): tf.Tensor[] {
    if (!training || this.recurrentDropout === 0) return [h];
    this.#stateMasks ??= this.#drawMasks(h, this.recurrentDropout);
    return this.#stateMasks.map((mask) => tf.mul(h, mask));
  }

  #drawMasks(x: tf.Tensor, rate: number): tf.Tensor[] {
    return Array.from(
      { length: this.maskCount },
      () => dropUnits(tf.onesLike(x), rate, this.#draws.uniform(x.shape)),
    );
  }

  /** The bias of the products with the inputs. */
  protected inputBias(): tf.Tensor | null {
    return this.bias;
  }

  /** x W of a kernel [..., size, units * gates]; each of its parts may have an x of its own. */
  protected product(inputs: readonly tf.Tensor[], kernel: tf.Tensor): tf.Tensor {
    const isState = kernel === this.recurrentKernel;
    if (inputs.length === 1) return this.multiply(inputs[0], kernel, isState);
    const parts = tf.split(kernel, this.gates, -1);
    return tf.concat(parts.map((part, i) => this.multiply(inputs[i], part, isState)), -1);
  }

  /** x W of a kernel or a part of it: of the state's or of the input's. */
  protected multiply(x: tf.Tensor, kernel: tf.Tensor, _isState: boolean): tf.Tensor {
    return tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D);
  }

  #withInputBias(product: tf.Tensor): tf.Tensor {
    const bias = this.inputBias();
    return bias ? tf.add(product, bias) : product;
  }

  override projectInputs(x: tf.Tensor, { training }: CallOptions): tf.Tensor | undefined {
    // Masks are the same at all steps; one a part of the kernel is left to the steps.
    if (training && this.dropout > 0) return undefined;
    const [count, steps, ...features] = x.shape;
    const product = this.product([tf.reshape(x, [count * steps, ...features])], this.kernel);
    const projected = this.#withInputBias(product);
    return tf.reshape(projected, [count, steps, ...projected.shape.slice(1)]);
  }

  override call(
    inputs: tf.Tensor,
    states: readonly CellState[],
    options: CallOptions = {},
  ): [tf.Tensor, readonly CellState[]] {
    const dropped = this.droppedInputs(inputs, options.training);
    return this.step(this.#withInputBias(this.product(dropped, this.kernel)), states, options);
  }

  /** @param projected the inputs' product with the kernel, with the bias: [n, units * gates] */
  abstract override step(
    projected: tf.Tensor,
    states: readonly CellState[],
    options: CallOptions,
  ): [tf.Tensor, readonly CellState[]];

  override getConfig(): Record<string, unknown> {
    const { units, useBias, dropout, recurrentDropout } = this;
    const { kernel, recurrent, bias } = this.#settings;
    return {
      ...super.getConfig(),
      units,
      activation: activations.serialize(this.activation),
      useBias,
      ...weightConfig("kernel", kernel),
      ...weightConfig("recurrent", recurrent),
      ...weightConfig("bias", bias),
      dropout,
      recurrentDropout,
      ...this.#draws.config,
    };
  }
}

/** h' = activation(x kernel + bias + h recurrentKernel). */
export class SimpleRNNCell extends RecurrentCell {
  protected override get gates(): number {
    return 1;
  }

  override step(
    projected: tf.Tensor,
    states: readonly CellState[],
    { training }: CallOptions,
  ): [tf.Tensor, readonly CellState[]] {
    const h = this.droppedStates(states[0] as tf.Tensor, training);
    const output = this.activation(tf.add(projected, this.product(h, this.recurrentKernel)));
    return [output, [output]];
  }
}
