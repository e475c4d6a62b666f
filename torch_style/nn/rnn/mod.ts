/**
 * Recurrent networks. Follows https://docs.pytorch.org/docs/stable/nn.html#recurrent-layers
 * @module
 */
export {
  type CellOptions,
  GRUCell,
  LSTMCell,
  RNNCell,
  RNNCellBase,
  type RNNCellOptions,
} from "./cells.ts";
export { GRU, LSTM, RNN, RNNBase, type Sequence } from "./recurrent.ts";
export type { LSTMOptions, RecurrentOptions, RNNOptions } from "./options.ts";
