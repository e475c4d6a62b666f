/** A small network in both idioms, as a user's file: a convolution, batch norm, dropout, a dense layer. */
import * as keras from "../../../keras_style/mod.ts";
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { KerasSpec, ModelSpec } from "../../../bench/models/mod.ts";

export const name = "small";

/** How many channels the convolution has. */
const FILTERS = 4;

export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): keras.Model {
  const { layers } = keras;
  const inputs = keras.Input({ shape: inputShape });
  const axis = dataFormat === "channelsFirst" ? 1 : -1;
  const conv = new layers.Conv2D({ filters: FILTERS, kernelSize: 3, padding: "same", dataFormat });
  const norm = new layers.BatchNormalization({ axis, momentum: 0.9, epsilon: 1e-5 });
  let x = new layers.ReLU()(norm(conv(inputs)));
  x = new layers.GlobalAveragePooling2D({ dataFormat })(x);
  x = new layers.Dropout({ rate: DROPOUT })(x);
  return new keras.Model({ inputs, outputs: new layers.Dense({ units: classes })(x) });
}

/** A share that drops next to nothing of so few values, and yet is a dropout. */
const DROPOUT = 0.1;

export class TorchModel extends nn.Module<[Tensor]> {
  conv: nn.Conv2d;
  norm = new nn.BatchNorm2d(FILTERS);
  dropout = new nn.Dropout(DROPOUT);
  head: nn.Linear;

  constructor({ inputShape, classes }: ModelSpec) {
    super();
    this.conv = new nn.Conv2d(inputShape[0], FILTERS, 3, { padding: 1 });
    this.head = new nn.Linear(FILTERS, classes);
  }

  override forward(x: Tensor): Tensor {
    x = this.norm(this.conv(x)).relu().mean([2, 3]);
    return this.head(this.dropout(x));
  }
}
