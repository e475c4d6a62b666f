/**
 * Cells with gates: LSTM and GRU.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ActivationFunction } from "../../activations/functions.ts";
import * as activations from "../../activations/get.ts";
import { takeOptions } from "../../options.ts";
import type { WeightSettings } from "../kernel_layer.ts";
import type { CallOptions } from "../layer.ts";
import {
  type CellState,
  RecurrentCell,
  type RecurrentCellOptions,
  type StateSize,
} from "./rnn_cell.ts";
import type { Weight } from "../weight.ts";

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

  override step(
    projected: tf.Tensor,
    states: readonly CellState[],
    { training }: CallOptions,
  ): [tf.Tensor, readonly CellState[]] {
    const [h, c] = states as readonly tf.Tensor[];
    const inner = this.product(this.droppedStates(h, training), this.recurrentKernel);
    const [input, forget, candidate, output] = tf.split(tf.add(projected, inner), 4, -1);
    const kept = tf.mul(this.recurrentActivation(forget), c);
    const memory = tf.add(
      kept,
      tf.mul(this.recurrentActivation(input), this.activation(candidate)),
    );
    const result = tf.mul(this.recurrentActivation(output), this.activation(memory));
    return [result, [result, memory]];
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

  protected override inputBias(): tf.Tensor | null {
    return this.bias && this.resetAfter ? tf.unstack(this.bias)[0] : this.bias;
  }

  override step(
    projected: tf.Tensor,
    states: readonly CellState[],
    { training }: CallOptions,
  ): [tf.Tensor, readonly CellState[]] {
    const h = states[0] as tf.Tensor;
    const dropped = this.droppedStates(h, training);
    const x = tf.split(projected, 3, -1);
    const [z, candidate] = this.resetAfter
      ? this.#resetAfter(x, dropped)
      : this.#resetBefore(x, dropped);
    const output = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), candidate));
    return [output, [output]];
  }

  #resetAfter(x: readonly tf.Tensor[], h: readonly tf.Tensor[]): tf.Tensor[] {
    const product = this.product(h, this.recurrentKernel);
    const inner = tf.split(this.bias ? tf.add(product, tf.unstack(this.bias)[1]) : product, 3, -1);
    const z = this.recurrentActivation(tf.add(x[0], inner[0]));
    const r = this.recurrentActivation(tf.add(x[1], inner[1]));
    return [z, this.activation(tf.add(x[2], tf.mul(r, inner[2])))];
  }

  #resetBefore(x: readonly tf.Tensor[], h: readonly tf.Tensor[]): tf.Tensor[] {
    const kernels = tf.split(this.recurrentKernel as tf.Tensor, 3, -1);
    const product = (i: number, state: tf.Tensor) =>
      tf.matMul(state as tf.Tensor2D, kernels[i] as tf.Tensor2D);
    const of = (i: number) => h[i] ?? h[0];
    const z = this.recurrentActivation(tf.add(x[0], product(0, of(0))));
    const r = this.recurrentActivation(tf.add(x[1], product(1, of(1))));
    return [z, this.activation(tf.add(x[2], product(2, tf.mul(r, of(2)))))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}
