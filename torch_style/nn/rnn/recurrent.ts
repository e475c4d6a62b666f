/**
 * Recurrent networks over whole sequences.
 * @module
 */
import { showShape } from "../../../onnx/mod.ts";
import type { Call } from "../../arguments.ts";
import { zeros } from "../../creation.ts";
import { cat, stack } from "../../ops/joining.ts";
import type { Tensor } from "../../tensor.ts";
import { checkProbability, dropout } from "../functional/dropout.ts";
import { uniform_ } from "../init/mod.ts";
import { Module } from "../modules/module.ts";
import { Parameter } from "../parameter.ts";
import { boolText, floatText } from "../python_text.ts";
import { type CellKind, GATES, step, zerosOf } from "./cells.ts";
import {
  GRU_TAKES,
  LSTM_TAKES,
  type LSTMOptions,
  type Made,
  type RecurrentOptions,
  RNN_TAKES,
  type RNNOptions,
} from "./options.ts";
import { PackedSequence, reorder } from "./packed_sequence.ts";

/** Names of the weights of a direction of a layer in PyTorch. */
function weightNames(layer: number, reverse: boolean, made: Made): string[] {
  const end = `_l${layer}${reverse ? "_reverse" : ""}`;
  return [
    `weight_ih${end}`,
    `weight_hh${end}`,
    ...(made.bias ? [`bias_ih${end}`, `bias_hh${end}`] : []),
    ...(made.projSize ? [`weight_hr${end}`] : []),
  ];
}

function fieldOf(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A sequence: filled up to one length, or packed. */
export type Sequence = Tensor | PackedSequence;

/** Hidden state: h, or [h, c] of an LSTM. */
type States = readonly Tensor[];

/**
 * What recurrent networks share. Weights are fields `weightIhL0`, `weightHhL0`, `biasIhL0`, `biasHhL0`, ... with `Reverse`
 * behind those that read from the end; they start uniform in ±1/sqrt(hiddenSize). Each step is computed on its own: a graph
 * grows with the length of the sequence.
 */
export abstract class RNNBase<Hidden, Output>
  extends Module<[input: Sequence, state?: Hidden | null], Output> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;

  constructor(readonly mode: CellKind, made: Made) {
    super();
    const { inputSize, hiddenSize, numLayers, projSize = 0 } = made;
    for (
      const [name, value] of [["input_size", inputSize], ["hidden_size", hiddenSize], [
        "num_layers",
        numLayers,
      ]] as const
    ) {
      if (value < 1) throw new Error(`${name} must be greater than zero, got ${value}`);
    }
    if (projSize < 0 || projSize >= hiddenSize) {
      throw new Error(`proj_size has to be smaller than hidden_size, got ${projSize}`);
    }
    checkProbability(made.dropout);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = made.bias;
    this.batchFirst = made.batchFirst;
    this.dropout = made.dropout;
    this.bidirectional = made.bidirectional;
    this.projSize = projSize;
    const rows = GATES[mode] * hiddenSize;
    const state = projSize || hiddenSize;
    const directions = made.bidirectional ? [false, true] : [false];
    for (let layer = 0; layer < numLayers; layer++) {
      const features = layer === 0 ? inputSize : state * directions.length;
      for (const reverse of directions) {
        for (const name of weightNames(layer, reverse, made)) {
          const shape = name.startsWith("weight_ih")
            ? [rows, features]
            : name.startsWith("weight_hh")
            ? [rows, state]
            : name.startsWith("weight_hr")
            ? [projSize, hiddenSize]
            : [rows];
          Object.assign(this, { [fieldOf(name)]: new Parameter(zeros(shape)) });
        }
      }
    }
    this.resetParameters();
  }

  /** PyTorch's names: `weight_ih_l0`. */
  override ownParameters(): [string, Parameter][] {
    return super.ownParameters().map(([name, parameter]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      parameter,
    ]);
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    this.parameters().forEach((parameter) => uniform_(parameter, -bound, bound));
  }

  /** Nothing to do: weights need not lie side by side. */
  flattenParameters(): void {}

  /** Output and last states of a sequence. */
  protected run(input: Sequence, given: States | null): [output: Sequence, states: Tensor[]] {
    if (input instanceof PackedSequence) {
      const states = given?.map((state) => reorder(state, input.sortedIndices, 1)) ?? null;
      const [output, last] = this.allLayers(input.data, input.batchSizes, states);
      return [input.with(output), last.map((state) => reorder(state, input.unsortedIndices, 1))];
    }
    if (input.ndim !== 2 && input.ndim !== 3) {
      throw new Error(
        `${this.constructor.name}: Expected input to be 2D or 3D, got ${input.ndim}D instead`,
      );
    }
    const single = input.ndim === 2;
    const batch = single ? input.unsqueeze(1) : this.batchFirst ? input.transpose(0, 1) : input;
    const [time, n, features] = batch.shape;
    if (features !== this.inputSize) {
      throw new Error(
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${features}`,
      );
    }
    if (time === 0) throw new Error("Expected sequence length to be larger than 0 in RNN");
    const states = given && single ? given.map((state) => state.unsqueeze(1)) : given;
    const [rows, last] = this.allLayers(
      batch.reshape([time * n, features]),
      new Array<number>(time).fill(n),
      states,
    );
    const output = rows.reshape([time, n, rows.shape[1]]);
    if (single) return [output.squeeze(1), last.map((state) => state.squeeze(1))];
    return [this.batchFirst ? output.transpose(0, 1) : output, last];
  }

  private allLayers(
    rows: Tensor,
    sizes: readonly number[],
    given: States | null,
  ): [output: Tensor, states: Tensor[]] {
    const directions = this.bidirectional ? [false, true] : [false];
    this.checkStates(given, sizes[0], directions.length);
    const last: Tensor[][] = [];
    let output = rows;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const results = directions.map((reverse, d) => {
        const at = layer * directions.length + d;
        const [own, state] = this.oneDirection(
          output,
          sizes,
          layer,
          reverse,
          given?.map((s) => s.select(0, at)) ?? null,
        );
        last.push(state);
        return own;
      });
      output = results.length === 1 ? results[0] : cat(results, 1);
      if (this.training && this.dropout > 0 && layer < this.numLayers - 1) {
        output = dropout(output, this.dropout);
      }
    }
    return [output, last[0].map((_, i) => stack(last.map((state) => state[i])))];
  }

  private checkStates(given: States | null, n: number, directions: number): void {
    const { projSize, hiddenSize } = this;
    given?.forEach((state, i) => {
      const expected = [
        this.numLayers * directions,
        n,
        i === 0 && projSize ? projSize : hiddenSize,
      ];
      if (showShape(state.shape) === showShape(expected)) return;
      throw new Error(
        `Expected hidden${i === 0 ? "[0]" : "[1]"} size ${showShape(expected)}, got ${
          showShape(state.shape)
        }`,
      );
    });
  }

  /** One network over all steps, from the end if `reverse`. Rows stand as in a {@linkcode PackedSequence}. */
  private oneDirection(
    rows: Tensor,
    sizes: readonly number[],
    layer: number,
    reverse: boolean,
    given: States | null,
  ): [output: Tensor, states: Tensor[]] {
    const end = `L${layer}${reverse ? "Reverse" : ""}`;
    const weight = (name: string) =>
      (this as unknown as Record<string, Parameter | undefined>)[name + end] ?? null;
    const product = rows.matmul(weight("weightIh")!.t());
    const biasIh = weight("biasIh");
    const fromInput = biasIh ? product.add(biasIh) : product;
    const weights = {
      hidden: weight("weightHh")!,
      hiddenBias: weight("biasHh"),
      projection: weight("weightHr"),
    };
    const starts = sizes.map((_, t) => sizes.slice(0, t).reduce((a, b) => a + b, 0));
    const order = sizes.map((_, t) => reverse ? sizes.length - 1 - t : t);
    const first = given ?? this.emptyStates(sizes[0], rows);
    // States of the sequences that are not over (or, from the end, not begun).
    let live = first.map((state) => state.narrow(0, 0, sizes[order[0]]));
    const finished: Tensor[][] = first.map(() => []);
    const outputs = new Array<Tensor>(sizes.length);
    for (const t of order) {
      const have = live[0].shape[0];
      if (sizes[t] < have) {
        live.forEach((state, i) => finished[i].unshift(state.narrow(0, sizes[t], have - sizes[t])));
      }
      const now = live.map((state, i) => {
        if (sizes[t] === have) return state;
        if (sizes[t] < have) return state.narrow(0, 0, sizes[t]);
        return cat([state, first[i].narrow(0, have, sizes[t] - have)]);
      });
      live = step(this.mode, fromInput.narrow(0, starts[t], sizes[t]), now, weights);
      outputs[t] = live[0];
    }
    const states = live.map((state, i) =>
      finished[i].length > 0 ? cat([state, ...finished[i]]) : state
    );
    return [sizes.length === 1 ? outputs[0] : cat(outputs), states];
  }

  private emptyStates(n: number, { dtype }: Tensor): Tensor[] {
    const h = zerosOf([n, this.projSize || this.hiddenSize], dtype);
    return this.mode === "LSTM" ? [h, zerosOf([n, this.hiddenSize], dtype)] : [h];
  }

  override extraRepr(): string {
    const { inputSize, hiddenSize, projSize, numLayers, bias, batchFirst, bidirectional } = this;
    return `${inputSize}, ${hiddenSize}${projSize ? `, proj_size=${projSize}` : ""}${
      numLayers === 1 ? "" : `, num_layers=${numLayers}`
    }` +
      `${bias ? "" : ", bias=False"}${batchFirst ? ", batch_first=True" : ""}` +
      `${this.dropout === 0 ? "" : `, dropout=${floatText(this.dropout)}`}${
        bidirectional ? `, bidirectional=${boolText(true)}` : ""
      }`;
  }
}

/** Output and last [h, c] of an LSTM. */
type WithCell<S> = [output: S, state: [h: Tensor, c: Tensor]];
/** Output and last h. */
type WithHidden<S> = [output: S, state: Tensor];

export interface LSTM {
  (input: Tensor, state?: readonly [Tensor, Tensor] | null): WithCell<Tensor>;
  (input: PackedSequence, state?: readonly [Tensor, Tensor] | null): WithCell<PackedSequence>;
  (input: Sequence, state?: readonly [Tensor, Tensor] | null): WithCell<Sequence>;
}
export interface GRU {
  (input: Tensor, state?: Tensor | null): WithHidden<Tensor>;
  (input: PackedSequence, state?: Tensor | null): WithHidden<PackedSequence>;
  (input: Sequence, state?: Tensor | null): WithHidden<Sequence>;
}
export interface RNN {
  (input: Tensor, state?: Tensor | null): WithHidden<Tensor>;
  (input: PackedSequence, state?: Tensor | null): WithHidden<PackedSequence>;
  (input: Sequence, state?: Tensor | null): WithHidden<Sequence>;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997). Called with a sequence [time, n, inputSize] (or packed, or of one
 * sample) and, if there are any, [h, c] [layers directions, n, hiddenSize], it returns the outputs of all steps and the last
 * [h, c].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const lstm = new torch.nn.LSTM(4, 8, { numLayers: 2, batchFirst: true });
 * const [output, [h, c]] = lstm(torch.randn([3, 5, 4]));
 * console.log(output.shape, h.shape, c.shape); // [3, 5, 8] [2, 3, 8] [2, 3, 8]
 * ```
 */
export class LSTM
  extends RNNBase<readonly [Tensor, Tensor], [output: Sequence, state: [h: Tensor, c: Tensor]]> {
  constructor(
    ...given: Call<typeof LSTM_TAKES, LSTMOptions, [inputSize: number, hiddenSize: number]>
  ) {
    super("LSTM", LSTM_TAKES.read(given));
  }
  override forward(
    input: Sequence,
    state: readonly [Tensor, Tensor] | null = null,
  ): [output: Sequence, state: [h: Tensor, c: Tensor]] {
    const [output, last] = this.run(input, state);
    return [output, last as [Tensor, Tensor]];
  }
}

/**
 * Gated recurrent units (Cho et al. 2014): outputs of all steps and the last h.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export class GRU extends RNNBase<Tensor, [output: Sequence, state: Tensor]> {
  constructor(
    ...given: Call<typeof GRU_TAKES, RecurrentOptions, [inputSize: number, hiddenSize: number]>
  ) {
    super("GRU", GRU_TAKES.read(given));
  }
  override forward(
    input: Sequence,
    state: Tensor | null = null,
  ): [output: Sequence, state: Tensor] {
    const [output, [h]] = this.run(input, state && [state]);
    return [output, h];
  }
}

/**
 * Elman's network: outputs of all steps and the last h.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export class RNN extends RNNBase<Tensor, [output: Sequence, state: Tensor]> {
  constructor(
    ...given: Call<typeof RNN_TAKES, RNNOptions, [inputSize: number, hiddenSize: number]>
  ) {
    const { nonlinearity, ...made } = RNN_TAKES.read(given);
    super(nonlinearity === "relu" ? "RNN_RELU" : "RNN_TANH", made);
  }
  override forward(
    input: Sequence,
    state: Tensor | null = null,
  ): [output: Sequence, state: Tensor] {
    const [output, [h]] = this.run(input, state && [state]);
    return [output, h];
  }
}
