/**
 * What recurrent networks are made with.
 * @module
 */
import { kinds, signature } from "../../arguments.ts";

/** Options of recurrent networks, PyTorch's. */
export interface RecurrentOptions {
  /** How many networks stand on each other, 1 unless given. */
  readonly numLayers?: number;
  /** Whether there are biases; true unless given. */
  readonly bias?: boolean;
  /** Whether sequences are [n, time, ...] and not [time, n, ...]. */
  readonly batchFirst?: boolean;
  /** Probability of dropping what goes from one layer to the next, 0 unless given. */
  readonly dropout?: number;
  /** Whether a second network reads from the end. */
  readonly bidirectional?: boolean;
}

/** Options of {@linkcode LSTM}. */
export interface LSTMOptions extends RecurrentOptions {
  /** Size of a smaller hidden state; 0, none, unless given. */
  readonly projSize?: number;
}

/** Options of {@linkcode RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** "tanh" unless given. */
  readonly nonlinearity?: "tanh" | "relu";
}

const SIZES = [["inputSize", kinds.integer], ["hiddenSize", kinds.integer], [
  "numLayers",
  kinds.integer,
  1,
]] as const;
const REST = [
  ["bias", kinds.boolean, true],
  ["batchFirst", kinds.boolean, false],
  ["dropout", kinds.number, 0],
  ["bidirectional", kinds.boolean, false],
] as const;

/** What GRU takes. */
export const GRU_TAKES = signature("GRU", ...SIZES, ...REST);
/** What LSTM takes. */
export const LSTM_TAKES = signature("LSTM", ...SIZES, ...REST, ["projSize", kinds.integer, 0]);
/** What RNN takes. */
export const RNN_TAKES = signature(
  "RNN",
  ...SIZES,
  ["nonlinearity", kinds.oneOf("tanh", "relu"), "tanh"],
  ...REST,
);

/** What a network is made with. */
export interface Made {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize?: number;
}
