/**
 * Recurrent layers: a cell, step after step.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { requireOption, show, takeOptions } from "../../options.ts";
import { GRUCell, type GRUCellOptions, LSTMCell, type LSTMCellOptions } from "./gated_cells.ts";
import type { Shape } from "../keras_tensor.ts";
import { layerFromSaved, savedLayer } from "../layer_registry.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import { leavesOf, mapNested } from "../nested.ts";
import { mapShapes } from "../shapes.ts";
import {
  Cell,
  type CellState,
  type RecurrentCellOptions,
  shapesOfSizes,
  SimpleRNNCell,
  type StateSize,
  type StepShapes,
  zeroState,
} from "./rnn_cell.ts";
import { makeWeight, type Weight } from "../weight.ts";

/** Options of recurrent layers. */
export interface RNNLayerOptions extends LayerOptions {
  /** Whether every step's result is given, or the last one's; false unless given. */
  readonly returnSequences?: boolean;
  /** Whether the last state is given as well: `[output, ...states]`; false unless given. */
  readonly returnState?: boolean;
  /** Whether steps are gone through from the last to the first; false unless given. */
  readonly goBackwards?: boolean;
  /** Whether a batch begins with the last state of the batch before; false unless given. */
  readonly stateful?: boolean;
  /** Taken for Keras' sake: steps are always part of one graph. */
  readonly unroll?: boolean;
  /** Whether masked steps give zeros, or the result of the step before; false unless given. */
  readonly zeroOutputForMask?: boolean;
}

/** Options of {@linkcode RNN}. */
export interface RNNOptions extends RNNLayerOptions {
  /** What a step computes, a {@linkcode Cell} or any layer with `stateSize` and such a `call`; a list is a stack of cells. */
  readonly cell: Cell | readonly Cell[];
}

const DEFAULTS = {
  returnSequences: false,
  returnState: false,
  goBackwards: false,
  stateful: false,
  unroll: false,
  zeroOutputForMask: false,
};

/**
 * A cell over sequences: [n, steps, ...] to [n, size] (to [n, steps, size] with `returnSequences`). What a mask leaves
 * out changes no state. Follows https://keras.io/api/layers/recurrent_layers/rnn/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.RNN({ cell: new keras.layers.LSTMCell({ units: 8 }) });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 8 ]
 * ```
 */
export class RNN extends Layer {
  readonly cell: Cell;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly unroll: boolean;
  zeroOutputForMask: boolean;
  #states: Weight[] | undefined;

  constructor(options: RNNOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { cell: undefined, ...DEFAULTS });
    super(rest);
    const cell = requireOption<unknown>(owner, "cell", own.cell, "a cell");
    const isSaved = typeof cell === "object" && cell !== null && "className" in cell;
    this.cell = Array.isArray(cell)
      ? new StackedRNNCells({ cells: cell })
      : isSaved
      ? layerFromSaved(cell as never) as Cell
      : cell as Cell;
    if (typeof this.cell.call !== "function" || this.cell.stateSize === undefined) {
      throw new TypeError(
        `${owner}: cell is ${show(cell)}, expected a layer with call and stateSize`,
      );
    }
    this.returnSequences = Boolean(own.returnSequences);
    this.returnState = Boolean(own.returnState);
    this.goBackwards = Boolean(own.goBackwards);
    this.stateful = Boolean(own.stateful);
    this.unroll = Boolean(own.unroll);
    this.zeroOutputForMask = Boolean(own.zeroOutputForMask);
    this.supportsMasking = true;
    this.inputSpec = { minNdim: 3 };
  }

  override build(inputShape: Shape): void {
    const [count, , ...features] = inputShape;
    this.cell.build([count, ...features]);
    if (!this.stateful) return;
    if (count === null) {
      throw new RangeError(
        `layer "${this.name}": stateful is true and the batch size is unknown, expected an Input with batchSize`,
      );
    }
    const shapes: number[][] = [];
    mapShapes(this.#stepShapes(inputShape).states, (shape) => shapes.push([...shape] as number[]));
    this.#states = shapes.map((shape) =>
      makeWeight(this.name, {
        name: "rnn_state",
        shape,
        initializer: "zeros",
        trainable: false,
      })
    );
  }

  /** The state that the next batch begins with, where the layer is stateful. */
  get states(): readonly tf.Variable[] | undefined {
    return this.#states;
  }

  /** Lets the next batch begin with zeros, or with values of one's own. */
  resetState(states?: readonly tf.Tensor[]): void {
    if (!this.#states) throw new Error(`layer "${this.name}" is not stateful, or not built`);
    this.#states.forEach((state, i) => {
      tf.tidy(() => state.assign(states?.[i] ?? tf.zerosLike(state)));
    });
  }

  /** What a step gives; a cell that is any layer of the user's may say sizes only. */
  #stepShapes([count, , ...features]: Shape): StepShapes {
    return this.cell.stepShapes?.([count, ...features]) ?? shapesOfSizes(this.cell, count);
  }

  // deno-lint-ignore no-explicit-any
  override computeOutputShape(inputShape: any): any {
    const [count, steps] = inputShape as Shape;
    const { output: [, ...size], states } = this.#stepShapes(inputShape);
    const output = this.returnSequences ? [count, steps, ...size] : [count, ...size];
    return this.returnState ? [output, ...states] : output;
  }

  // deno-lint-ignore no-explicit-any
  override call(sequences: any, options: CallOptions = {}): any {
    const x = sequences as tf.Tensor;
    const initial = this.#initialState(x.shape[0]!, options.initialState as CellState | undefined);
    this.cell.resetDropoutMasks?.();
    const mask = [options.mask].flat()[0] as tf.Tensor | undefined;
    const { outputs, states } = this.#run(x, initial, mask, options.training);
    this.cell.resetDropoutMasks?.();
    if (this.#states) {
      const last = leavesOf(states) as tf.Tensor[];
      this.#states.forEach((state, i) => state.assign(last[i]));
    }
    const output = this.returnSequences ? tf.stack(outputs, 1) : outputs.at(-1)!;
    return this.returnState ? [output, ...states] : output;
  }

  #initialState(count: number, given: CellState | undefined): readonly CellState[] {
    if (given !== undefined && given !== null) {
      return Array.isArray(given) ? given as readonly CellState[] : [given];
    }
    if (!this.#states) {
      const { cell } = this;
      return cell.getInitialState?.(count) ?? zeroState(cell.stateSize, count);
    }
    let at = 0;
    const { stateSize } = this.cell;
    const sizes = typeof stateSize === "number" ? [stateSize] : stateSize;
    return mapNested(sizes, () => this.#states![at++]) as CellState[];
  }

  #run(
    x: tf.Tensor,
    initial: readonly CellState[],
    mask: tf.Tensor | undefined,
    training: boolean | undefined,
  ): { outputs: tf.Tensor[]; states: readonly CellState[] } {
    // In a list of its own: the tape holds the other.
    const inOrder = <T>(list: T[]) => this.goBackwards ? list.toReversed() : list;
    const projected = this.cell.projectInputs?.(x, { training });
    const steps = inOrder(tf.unstack(projected ?? x, 1));
    const counts = mask && inOrder(tf.unstack(mask, 1));
    const outputs: tf.Tensor[] = [];
    let states = initial;
    steps.forEach((step, t) => {
      const [output, next] = projected
        ? this.cell.step(step, states, { training })
        : this.cell.call(step, states, { training });
      const counted = counts?.[t];
      if (!counted) {
        outputs.push(output);
        states = next;
        return;
      }
      const before = this.zeroOutputForMask || t === 0 ? tf.zerosLike(output) : outputs[t - 1];
      outputs.push(chosen(counted, output, before));
      const old = leavesOf(states) as tf.Tensor[];
      let at = 0;
      states = mapNested(
        next,
        (leaf) => chosen(counted, leaf as tf.Tensor, old[at++]),
      ) as CellState[];
    });
    return { outputs, states };
  }

  override computeMask(_inputs: unknown, mask: unknown): unknown {
    const own = this.returnSequences ? [mask].flat()[0] : undefined;
    if (!this.returnState) return own;
    return [own, ...leavesOf(this.cell.stateSize).map(() => undefined)];
  }

  /** The options beside the cell's. */
  protected layerConfig(): Record<string, unknown> {
    const { returnSequences, returnState, goBackwards, stateful, unroll, zeroOutputForMask } = this;
    const own = { returnSequences, returnState, goBackwards, stateful, unroll, zeroOutputForMask };
    return { ...super.getConfig(), ...own };
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.layerConfig(), cell: savedLayer(this.cell) };
  }
}

/** A row of one where the step counts, else of the other. */
function chosen(counts: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor {
  const mask = tf.reshape(counts, [counts.shape[0]!, ...yes.shape.slice(1).map(() => 1)]);
  return tf.where(tf.broadcastTo(tf.cast(mask, "bool"), yes.shape), yes, no);
}

/** Options of {@linkcode StackedRNNCells}. */
export interface StackedRNNCellsOptions extends LayerOptions {
  /** Each gets what the one before gives. */
  readonly cells: readonly Cell[];
}

/** Cells one upon another, as one. */
export class StackedRNNCells extends Cell {
  readonly cells: readonly Cell[];

  constructor(options: StackedRNNCellsOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { cells: undefined });
    super(rest);
    const cells = requireOption<unknown>(owner, "cells", own.cells, "a list of cells");
    this.cells = (cells as readonly unknown[]).map((cell) =>
      typeof cell === "object" && cell !== null && "className" in cell
        ? layerFromSaved(cell as never) as Cell
        : cell as Cell
    );
  }

  get stateSize(): StateSize {
    return this.cells.map((cell) => cell.stateSize);
  }

  override get outputSize(): number {
    const last = this.cells.at(-1)!;
    return last.outputSize ?? (leavesOf(last.stateSize)[0] as number);
  }

  override build(inputShape: Shape): void {
    let shape = inputShape;
    for (const cell of this.cells) {
      cell.build(shape);
      shape = [inputShape[0], cell.outputSize ?? (leavesOf(cell.stateSize)[0] as number)];
    }
  }

  override getInitialState(batchSize: number): readonly CellState[] {
    return this.cells.map((cell) => {
      const state = cell.getInitialState?.(batchSize) ?? zeroState(cell.stateSize, batchSize);
      return typeof cell.stateSize === "number" ? state[0] : state;
    });
  }

  override resetDropoutMasks(): void {
    for (const cell of this.cells) cell.resetDropoutMasks?.();
  }

  override call(
    inputs: tf.Tensor,
    states: readonly CellState[],
    options: CallOptions = {},
  ): [tf.Tensor, readonly CellState[]] {
    let x = inputs;
    const next = this.cells.map((cell, i) => {
      const own = states[i];
      const isList = Array.isArray(own);
      const [output, after] = cell.call(x, (isList ? own : [own]) as readonly CellState[], options);
      x = output;
      return isList ? after : after[0];
    });
    return [x, next];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cells: this.cells.map(savedLayer) };
  }
}

/** Options of a recurrent layer with a cell of Keras' own. */
export type RecurrentOptions<C> = C & Omit<RNNLayerOptions, keyof C>;

const LAYER_OPTIONS = [...Object.keys(DEFAULTS), "name", "inputShape", "activityRegularizer"];

/** Options of the layer, and of its cell. */
function divided(options: object): [layer: Record<string, unknown>, cell: Record<string, unknown>] {
  const [layer, cell]: Record<string, unknown>[] = [{}, {}];
  for (const [name, value] of Object.entries(options)) {
    if (LAYER_OPTIONS.includes(name)) layer[name] = value;
    else cell[name] = value;
    if (name === "trainable" || name === "dtype") layer[name] = value;
  }
  return [layer, cell];
}

/** A recurrent layer whose options are those of its cell and its own. */
export abstract class CellLayer extends RNN {
  constructor(make: (options: never) => Cell, cellName: string, options: object) {
    const [layer, cell] = divided(options ?? {});
    super({ ...layer, cell: make({ name: cellName, ...cell } as never) });
    this.inputSpec = { ndim: 3 };
  }

  /** Size of the state and of a step's result. */
  get units(): number {
    return (this.cell as unknown as { units: number }).units;
  }

  override getConfig(): Record<string, unknown> {
    const { name: _, trainable: __, dtype: ___, ...cell } = this.cell.getConfig();
    return { ...this.layerConfig(), ...cell };
  }
}

/**
 * Every step sees the result of the step before. Follows https://keras.io/api/layers/recurrent_layers/simple_rnn/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.SimpleRNN({ units: 8 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 8 ]
 * ```
 */
export class SimpleRNN extends CellLayer {
  constructor(options: RecurrentOptions<RecurrentCellOptions>) {
    super((cell) => new SimpleRNNCell(cell), "simple_rnn_cell", options);
  }
}

/**
 * Long short-term memory. Follows https://keras.io/api/layers/recurrent_layers/lstm/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.LSTM({ units: 8, returnSequences: true });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 10, 8 ]
 * ```
 */
export class LSTM extends CellLayer {
  constructor(options: RecurrentOptions<LSTMCellOptions>) {
    super((cell) => new LSTMCell(cell), "lstm_cell", options);
  }
}

/**
 * Gated recurrent units. Follows https://keras.io/api/layers/recurrent_layers/gru/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GRU({ units: 8, dropout: 0.2 });
 * console.log(layer(keras.Input({ shape: [null, 4] })).shape); // [ null, 8 ]
 * ```
 */
export class GRU extends CellLayer {
  constructor(options: RecurrentOptions<GRUCellOptions>) {
    super((cell) => new GRUCell(cell), "gru_cell", options);
  }
}
