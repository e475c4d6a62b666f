/**
 * Cells with gates: LSTM and GRU.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ActivationFunction } from "../activations/functions.ts";
import * as activations from "../activations/get.ts";
import { takeOptions } from "../options.ts";
import type { WeightSettings } from "./kernel_layer.ts";
import type { CallOptions } from "./layer.ts";
import {
  type CellState,
  RecurrentCell,
  type RecurrentCellOptions,
  type StateSize,
} from "./rnn_cell.ts";
import type { Weight } from "./weight.ts";

/** Options of cells with gates. */
export interface GatedCellOptions extends RecurrentCellOptions {
  /** The activation of the gates; "sigmoid" unless given. */
  readonly recurrentActivation?: activations.ActivationOption;
}

/** Base class of cells with gates. */
abstract class GatedCell extends RecurrentCell {
  recurrentActivation: ActivationFunction;

  constructor(options: GatedCellOptions) {
    const owner = new.target.name.replace(/Cell$/, "");
    const [own, rest] = takeOptions(owner, options, { recurrentActivation: "sigmoid" });
    super(rest as RecurrentCellOptions);
    this.recurrentActivation = activations.get(
      own.recurrentActivation,
      `${owner}: recurrentActivation`,
    );
  }

  override getConfig(): Record<string, unknown> {
    const recurrentActivation = activations.serialize(this.recurrentActivation);
    return { ...super.getConfig(), recurrentActivation };
  }
}

/** Options of {@linkcode LSTMCell}. */
export interface LSTMCellOptions extends GatedCellOptions {
  /** Whether the forget gate begins with a bias of 1; true unless given. */
  readonly unitForgetBias?: boolean;
}

/** Long short-term memory (Hochreiter and Schmidhuber, 1997). Source: keras/src/layers/rnn/lstm.py of Keras 3. */
export class LSTMCell extends GatedCell {
  readonly unitForgetBias: boolean;

  constructor(options: LSTMCellOptions) {
    const [own, rest] = takeOptions(new.target.name, options, { unitForgetBias: true });
    super(rest as GatedCellOptions);
    this.unitForgetBias = Boolean(own.unitForgetBias);
  }

  protected override get gates(): number {
    return 4;
  }

  override get stateSize(): StateSize {
    return [this.units, this.units];
  }

  protected override addBias(settings: WeightSettings): Weight {
    if (!this.unitForgetBias) return super.addBias(settings);
    const { units } = this;
    const initializer = () =>
      tf.concat([
        settings.initializer([units]),
        tf.ones([units]),
        settings.initializer([2 * units]),
      ] as tf.Tensor1D[]) as tf.Tensor;
    return super.addBias({ ...settings, initializer: initializer as never });
  }

  override call(
    inputs: tf.Tensor,
    states: readonly CellState[],
    { training }: CallOptions = {},
  ): [tf.Tensor, readonly CellState[]] {
    const [h, c] = states as readonly tf.Tensor[];
    const x = this.project(this.droppedInputs(inputs, training), this.kernel);
    const r = this.project(this.droppedStates(h, training), this.recurrentKernel);
    const biases = this.bias ? tf.split(this.bias, 4) : [];
    const gate = (i: number) => {
      const sum = tf.add(x[i], r[i]);
      return biases[i] ? tf.add(sum, biases[i]) : sum;
    };
    const input = this.recurrentActivation(gate(0));
    const forget = this.recurrentActivation(gate(1));
    const memory = tf.add(tf.mul(forget, c), tf.mul(input, this.activation(gate(2))));
    const output = tf.mul(this.recurrentActivation(gate(3)), this.activation(memory));
    return [output, [output, memory]];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), unitForgetBias: this.unitForgetBias };
  }
}

/** Options of {@linkcode GRUCell}. */
export interface GRUCellOptions extends GatedCellOptions {
  /** Whether the state is reset after its product (with a bias of its own), which is Keras' default, or before; true unless given. */
  readonly resetAfter?: boolean;
}

/** Gated recurrent units (Cho et al., 2014). Source: keras/src/layers/rnn/gru.py of Keras 3. */
export class GRUCell extends GatedCell {
  readonly resetAfter: boolean;

  constructor(options: GRUCellOptions) {
    const [own, rest] = takeOptions(new.target.name, options, { resetAfter: true });
    super(rest as GatedCellOptions);
    this.resetAfter = Boolean(own.resetAfter);
  }

  protected override get gates(): number {
    return 3;
  }

  protected override addBias(settings: WeightSettings): Weight {
    if (!this.resetAfter) return super.addBias(settings);
    return this.addWeight({ name: "bias", shape: [2, 3 * this.units], ...settings });
  }

  /** The biases of the products with the input and with the state, part by part. */
  #biases(): [input: tf.Tensor[], state: tf.Tensor[]] {
    if (!this.bias) return [[], []];
    if (!this.resetAfter) return [tf.split(this.bias, 3), []];
    const [input, state] = tf.unstack(this.bias);
    return [tf.split(input, 3), tf.split(state, 3)];
  }

  override call(
    inputs: tf.Tensor,
    states: readonly CellState[],
    { training }: CallOptions = {},
  ): [tf.Tensor, readonly CellState[]] {
    const h = states[0] as tf.Tensor;
    const [inputBias, stateBias] = this.#biases();
    const plus = (x: tf.Tensor, bias: tf.Tensor | undefined) => bias ? tf.add(x, bias) : x;
    const x = this.project(this.droppedInputs(inputs, training), this.kernel)
      .map((part, i) => plus(part, inputBias[i]));
    const dropped = this.droppedStates(h, training);
    const [z, r, candidate] = this.resetAfter
      ? this.#resetAfter(x, dropped, stateBias)
      : this.#resetBefore(x, dropped);
    void r;
    const output = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), candidate));
    return [output, [output]];
  }

  #resetAfter(x: readonly tf.Tensor[], h: readonly tf.Tensor[], biases: readonly tf.Tensor[]) {
    const inner = this.project(h, this.recurrentKernel)
      .map((part, i) => biases[i] ? tf.add(part, biases[i]) : part);
    const z = this.recurrentActivation(tf.add(x[0], inner[0]));
    const r = this.recurrentActivation(tf.add(x[1], inner[1]));
    return [z, r, this.activation(tf.add(x[2], tf.mul(r, inner[2])))];
  }

  #resetBefore(x: readonly tf.Tensor[], h: readonly tf.Tensor[]) {
    const kernels = tf.split(this.recurrentKernel as tf.Tensor, 3, -1);
    const product = (i: number, state: tf.Tensor) =>
      tf.matMul(state as tf.Tensor2D, kernels[i] as tf.Tensor2D);
    const of = (i: number) => h[i] ?? h[0];
    const z = this.recurrentActivation(tf.add(x[0], product(0, of(0))));
    const r = this.recurrentActivation(tf.add(x[1], product(1, of(1))));
    return [z, r, this.activation(tf.add(x[2], product(2, tf.mul(r, of(2)))))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}
