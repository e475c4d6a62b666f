/**
 * One step of a recurrent network.
 * @module
 */
import { constant, type DType, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { applyMany } from "../../autograd/apply.ts";
import { zeros } from "../../creation.ts";
import { Tensor } from "../../tensor.ts";
import { uniform_ } from "../init/mod.ts";
import { Module } from "../modules/module.ts";
import { Parameter } from "../parameter.ts";

/** Which recurrent network. */
export type CellKind = "LSTM" | "GRU" | "RNN_TANH" | "RNN_RELU";

/** How many vectors of hidden size a cell's matrices make. */
export const GATES: Readonly<Record<CellKind, number>> = {
  LSTM: 4,
  GRU: 3,
  RNN_TANH: 1,
  RNN_RELU: 1,
};

/** Weights of a cell's step, but for those of its input. */
export interface StepWeights {
  /** [gates hidden, hidden] */
  readonly hidden: Tensor;
  /** [gates hidden] */
  readonly hiddenBias: Tensor | null;
  /** [projection, hidden]: LSTM's hidden state made smaller. */
  readonly projection?: Tensor | null;
}

/** Zeros that an exported model makes as many of as its batch is large. */
export function zerosOf(shape: readonly number[], dtype: DType): Tensor {
  return new Tensor(ops.expand(constant(0, dtype), shape));
}

function part(x: LazyArray, i: number, width: number): LazyArray {
  return ops.slice(x, [0, i * width], [x.shape[0], (i + 1) * width]);
}

/**
 * One step: the new state from what the input gives [n, gates hidden] and the state before.
 *
 * @param state [h], or [h, c] of an LSTM, each [n, hidden]
 */
export function step(
  kind: CellKind,
  fromInput: Tensor,
  state: readonly Tensor[],
  { hidden, hiddenBias, projection }: StepWeights,
): Tensor[] {
  const given = [
    fromInput,
    ...state,
    hidden,
    ...(hiddenBias ? [hiddenBias] : []),
    ...(projection ? [projection] : []),
  ];
  const name = kind.startsWith("RNN") ? "RnnCell" : kind === "LSTM" ? "LstmCell" : "GruCell";
  return applyMany(name, given, (arrays) => {
    const [x, h] = arrays;
    const rest = arrays.slice(1 + state.length);
    const product = ops.matmul(h, rest[0], false, true);
    const recurrent = hiddenBias ? ops.add(product, rest[1]) : product;
    if (kind === "LSTM") {
      return lstm(ops.add(x, recurrent), arrays[2], projection ? rest.at(-1) : undefined);
    }
    if (kind === "GRU") return [gru(x, recurrent, h)];
    const sum = ops.add(x, recurrent);
    return [kind === "RNN_RELU" ? ops.relu(sum) : ops.tanh(sum)];
  });
}

function lstm(gates: LazyArray, c: LazyArray, projection: LazyArray | undefined): LazyArray[] {
  const width = c.shape[1];
  const [input, forget, cell, output] = [0, 1, 2, 3].map((i) => part(gates, i, width));
  const next = ops.add(
    ops.mul(ops.sigmoid(forget), c),
    ops.mul(ops.sigmoid(input), ops.tanh(cell)),
  );
  const h = ops.mul(ops.sigmoid(output), ops.tanh(next));
  return [projection ? ops.matmul(h, projection, false, true) : h, next];
}

function gru(x: LazyArray, recurrent: LazyArray, h: LazyArray): LazyArray {
  const width = h.shape[1];
  const gate = (i: number) => ops.sigmoid(ops.add(part(x, i, width), part(recurrent, i, width)));
  const [reset, update] = [gate(0), gate(1)];
  const fresh = ops.tanh(ops.add(part(x, 2, width), ops.mul(reset, part(recurrent, 2, width))));
  return ops.add(ops.mul(ops.sub(constant(1, h.dtype), update), fresh), ops.mul(update, h));
}

/** Options of recurrent cells. */
export interface CellOptions {
  /** Whether there are biases; true unless given. */
  readonly bias?: boolean;
}

const CELL = signature("LSTMCell", ["inputSize", kinds.integer], ["hiddenSize", kinds.integer], [
  "bias",
  kinds.boolean,
  true,
]);

type CellArguments = Call<typeof CELL, CellOptions, [inputSize: number, hiddenSize: number]>;

/** What all cells share: weights [gates hidden, ...], drawn uniform in ±1/sqrt(hidden). */
export abstract class RNNCellBase<State, Output>
  extends Module<[input: Tensor, state?: State | null], Output> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    weightIh: "weight_ih",
    weightHh: "weight_hh",
    biasIh: "bias_ih",
    biasHh: "bias_hh",
  };
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | null;
  biasHh: Parameter | null;

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    readonly bias: boolean,
    readonly kind: CellKind,
  ) {
    super();
    const rows = GATES[kind] * hiddenSize;
    this.weightIh = new Parameter(zeros([rows, inputSize]));
    this.weightHh = new Parameter(zeros([rows, hiddenSize]));
    this.biasIh = bias ? new Parameter(zeros([rows])) : null;
    this.biasHh = bias ? new Parameter(zeros([rows])) : null;
    this.resetParameters();
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    this.parameters().forEach((parameter) => uniform_(parameter, -bound, bound));
  }

  /** The new state, of a batch or of one sample. */
  protected next(input: Tensor, given: readonly Tensor[] | null): Tensor[] {
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new Error(
        `${this.constructor.name}: Expected input to be 1D or 2D, got ${input.ndim}D instead`,
      );
    }
    if (input.shape.at(-1) !== this.inputSize) {
      throw new Error(
        `input has inconsistent input_size: got ${input.shape.at(-1)} expected ${this.inputSize}`,
      );
    }
    const single = input.ndim === 1;
    const x = single ? input.unsqueeze(0) : input;
    const count = this.kind === "LSTM" ? 2 : 1;
    const empty = () => zerosOf([x.shape[0], this.hiddenSize], x.dtype);
    const state = given
      ? given.map((s) => single ? s.unsqueeze(0) : s)
      : Array.from({ length: count }, empty);
    const odd = state.find((s) =>
      s.ndim !== 2 || s.shape[0] !== x.shape[0] || s.shape[1] !== this.hiddenSize
    );
    if (odd || state.length !== count) {
      throw new Error(
        `${this.constructor.name}: Expected ${count} hidden state${count > 1 ? "s" : ""} ${
          showShape([x.shape[0], this.hiddenSize])
        }, got ${state.map((s) => showShape(s.shape)).join(" and ")}`,
      );
    }
    const product = x.matmul(this.weightIh.t());
    const fromInput = this.biasIh ? product.add(this.biasIh) : product;
    const next = step(this.kind, fromInput, state, {
      hidden: this.weightHh,
      hiddenBias: this.biasHh,
    });
    return single ? next.map((s) => s.squeeze(0)) : next;
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? "" : ", bias=False"}`;
  }
}

/** A step of an LSTM: input and [h, c] to [h, c]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html */
export class LSTMCell extends RNNCellBase<readonly [Tensor, Tensor], [h: Tensor, c: Tensor]> {
  constructor(...given: CellArguments) {
    const { inputSize, hiddenSize, bias } = CELL.read(given);
    super(inputSize, hiddenSize, bias, "LSTM");
  }
  override forward(
    input: Tensor,
    state: readonly [Tensor, Tensor] | null = null,
  ): [h: Tensor, c: Tensor] {
    return this.next(input, state) as [Tensor, Tensor];
  }
}

/** A step of a GRU: input and h to h. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html */
export class GRUCell extends RNNCellBase<Tensor, Tensor> {
  constructor(...given: CellArguments) {
    const { inputSize, hiddenSize, bias } = CELL.named("GRUCell").read(given);
    super(inputSize, hiddenSize, bias, "GRU");
  }
  override forward(input: Tensor, state: Tensor | null = null): Tensor {
    return this.next(input, state && [state])[0];
  }
}

/** Options of {@linkcode RNNCell}. */
export interface RNNCellOptions extends CellOptions {
  /** "tanh" unless given. */
  readonly nonlinearity?: "tanh" | "relu";
}

const RNN_CELL = signature("RNNCell", ["inputSize", kinds.integer], ["hiddenSize", kinds.integer], [
  "bias",
  kinds.boolean,
  true,
], [
  "nonlinearity",
  kinds.oneOf("tanh", "relu"),
  "tanh",
]);

/** A step of Elman's network: input and h to h. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html */
export class RNNCell extends RNNCellBase<Tensor, Tensor> {
  constructor(
    ...given: Call<typeof RNN_CELL, RNNCellOptions, [inputSize: number, hiddenSize: number]>
  ) {
    const { inputSize, hiddenSize, bias, nonlinearity } = RNN_CELL.read(given);
    super(inputSize, hiddenSize, bias, nonlinearity === "relu" ? "RNN_RELU" : "RNN_TANH");
  }
  override forward(input: Tensor, state: Tensor | null = null): Tensor {
    return this.next(input, state && [state])[0];
  }
  override extraRepr(): string {
    return super.extraRepr() + (this.kind === "RNN_RELU" ? ", nonlinearity=relu" : "");
  }
}
