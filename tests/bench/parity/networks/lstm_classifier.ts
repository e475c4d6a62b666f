/** A classifier of sequences of words in both idioms: embedding, LSTM in both directions, LSTM, two dense layers. */
import { keras, torch } from "@tandem/tandem";
import type { ModelPair } from "../../../../bench/parity/mod.ts";

const { layers: L } = keras;
const { nn } = torch;

function kerasModel(): keras.Model {
  return new keras.Sequential([
    keras.Input({ shape: [12] }),
    new L.Embedding({ inputDim: 30, outputDim: 8, name: "words" }),
    new L.Bidirectional({ layer: new L.LSTM({ units: 6, returnSequences: true }), name: "both" }),
    new L.LayerNormalization({ epsilon: 1e-5, name: "norm" }),
    new L.LSTM({ units: 10, name: "last" }),
    new L.Dropout({ rate: 0.3, name: "drop" }),
    new L.Dense({ units: 8, activation: "relu", name: "hidden" }),
    new L.Dense({ units: 4, name: "head" }),
  ]);
}

class Classifier extends nn.Module {
  words = new nn.Embedding(30, 8);
  both = new nn.LSTM(8, 6, { batchFirst: true, bidirectional: true });
  norm = new nn.LayerNorm(12);
  last = new nn.LSTM(12, 10, { batchFirst: true });
  drop = new nn.Dropout(0.3);
  hidden = new nn.Linear(10, 8);
  head = new nn.Linear(8, 4);

  override forward(x: torch.Tensor): torch.Tensor {
    const [sequence] = this.both(this.words(x));
    const [steps] = this.last(this.norm(sequence as torch.Tensor));
    const y = this.drop((steps as torch.Tensor).select(1, 11));
    return this.head(this.hidden(y).relu());
  }
}

export const lstmClassifier: ModelPair = { kerasModel, torchModel: () => new Classifier() };
