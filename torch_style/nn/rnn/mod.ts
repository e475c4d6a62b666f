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
export {
  GRU,
  LSTM,
  type LSTMOptions,
  type RecurrentOptions,
  RNN,
  RNNBase,
  type RNNOptions,
  type Sequence,
} from "./recurrent.ts";
