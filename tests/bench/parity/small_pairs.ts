/** A small right pair of models, and ports of it with one thing wrong. */
import { keras, torch } from "@tandem/tandem";
import type { ModelPair } from "../../../bench/parity/mod.ts";

const { nn } = torch;

/** Options of the PyTorch side; the defaults are right. */
export interface Port {
  padding?: "same" | number;
  denseBias?: boolean;
  momentum?: number;
  eps?: number;
  softmax?: boolean;
  dropout?: number;
  dropsAtEvaluation?: boolean;
  flattensOtherwise?: boolean;
  withoutRelu?: boolean;
  cutOff?: boolean;
  detached?: boolean;
}

/** Image [8, 8, 3]; convolution, batch normalization, pooling, dropout on images, two dense layers. */
export function kerasModel(): keras.Model {
  const { layers } = keras;
  return new keras.Sequential([
    keras.Input({ shape: [8, 8, 3] }),
    new layers.Conv2D({ filters: 4, kernelSize: 3, padding: "same", name: "conv" }),
    new layers.BatchNormalization({ momentum: 0.9, epsilon: 1e-3, name: "bn" }),
    new layers.ReLU({ name: "relu" }),
    new layers.MaxPooling2D({ poolSize: 2, name: "pool" }),
    new layers.Dropout({ rate: 0.5, name: "drop" }),
    new layers.Flatten({ name: "flatten" }),
    new layers.Dense({ units: 7, activation: "relu", name: "hidden" }),
    new layers.Dense({ units: 5, activation: "softmax", name: "head" }),
  ]);
}

class Net extends nn.Module {
  conv: torch.nn.Conv2d;
  bn: torch.nn.BatchNorm2d;
  pool = new nn.MaxPool2d(2);
  drop: torch.nn.Dropout;
  hidden: torch.nn.Linear;
  head = new nn.Linear(7, 5);

  constructor(readonly port: Port) {
    super();
    const { padding = "same", momentum = 0.1, eps = 1e-3, dropout = 0.5, denseBias = true } = port;
    this.conv = new nn.Conv2d(3, 4, 3, { padding });
    this.bn = new nn.BatchNorm2d(4, { momentum, eps });
    this.drop = new nn.Dropout(dropout);
    this.hidden = new nn.Linear(64, 7, { bias: denseBias });
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const { port } = this;
    x = this.bn(this.conv(x));
    if (!port.withoutRelu) x = x.relu();
    if (port.cutOff) x = x.clamp(0, 6);
    x = this.pool(x);
    x = port.dropsAtEvaluation ? nn.functional.dropout(x) : this.drop(x);
    x = (port.flattensOtherwise ? torch.permute(x, [0, 2, 3, 1]) : x).flatten(1);
    x = this.hidden(x).relu();
    if (port.detached) x = x.detach();
    x = this.head(x);
    return port.softmax ? x.softmax(1) : x;
  }
}

/** A pair whose PyTorch side is ported so. */
export function smallPair(port: Port = {}, more: Partial<ModelPair> = {}): ModelPair {
  return { kerasModel, torchModel: () => new Net(port), ...more };
}
