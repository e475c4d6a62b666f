/**
 * Recurrent layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/recurrent_layers/
 * @module
 */
import * as convLstm from "./conv_lstm.ts";
import * as gatedCells from "./gated_cells.ts";
import * as rnn from "./rnn.ts";
import * as rnnCell from "./rnn_cell.ts";
import * as wrappers from "./wrappers.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export { Cell } from "./rnn_cell.ts";
export type { CellState, RecurrentCellOptions, StateSize } from "./rnn_cell.ts";
export type { GatedCellOptions, GRUCellOptions, LSTMCellOptions } from "./gated_cells.ts";
export type {
  RecurrentOptions,
  RNNLayerOptions,
  RNNOptions,
  StackedRNNCellsOptions,
} from "./rnn.ts";
export type { BidirectionalOptions, MergeMode, WrapperOptions } from "./wrappers.ts";
export type { ConvLSTMCellOptions, ConvLSTMOptions } from "./conv_lstm.ts";

export const SimpleRNNCell = kerasClass(rnnCell.SimpleRNNCell, LAYERS.SimpleRNNCell);
export type SimpleRNNCell = rnnCell.SimpleRNNCell;
export const GRUCell = kerasClass(gatedCells.GRUCell, LAYERS.GRUCell);
export type GRUCell = gatedCells.GRUCell;
export const LSTMCell = kerasClass(gatedCells.LSTMCell, LAYERS.LSTMCell);
export type LSTMCell = gatedCells.LSTMCell;
export const GRU = kerasClass(rnn.GRU, LAYERS.GRU);
export type GRU = rnn.GRU;
export const LSTM = kerasClass(rnn.LSTM, LAYERS.LSTM);
export type LSTM = rnn.LSTM;
export const RNN = kerasClass(rnn.RNN, LAYERS.RNN);
export type RNN = rnn.RNN;
export const SimpleRNN = kerasClass(rnn.SimpleRNN, LAYERS.SimpleRNN);
export type SimpleRNN = rnn.SimpleRNN;
export const StackedRNNCells = kerasClass(rnn.StackedRNNCells, LAYERS.StackedRNNCells);
export type StackedRNNCells = rnn.StackedRNNCells;
export const Bidirectional = kerasClass(wrappers.Bidirectional, LAYERS.Bidirectional);
export type Bidirectional = wrappers.Bidirectional;
export const TimeDistributed = kerasClass(wrappers.TimeDistributed, LAYERS.TimeDistributed);
export type TimeDistributed = wrappers.TimeDistributed;
export const Wrapper = kerasClass(wrappers.Wrapper, LAYERS.Wrapper);
export type Wrapper = wrappers.Wrapper;
export const ConvLSTM1D = kerasClass(convLstm.ConvLSTM1D, LAYERS.ConvLSTM1D);
export type ConvLSTM1D = convLstm.ConvLSTM1D;
export const ConvLSTM2D = kerasClass(convLstm.ConvLSTM2D, LAYERS.ConvLSTM2D);
export type ConvLSTM2D = convLstm.ConvLSTM2D;
export const ConvLSTM3D = kerasClass(convLstm.ConvLSTM3D, LAYERS.ConvLSTM3D);
export type ConvLSTM3D = convLstm.ConvLSTM3D;

registerLayers(convLstm, gatedCells, rnn, rnnCell, wrappers);
