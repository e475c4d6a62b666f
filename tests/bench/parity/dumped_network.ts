/** The network of tests/golden/parity_dumps.py in both idioms. */
import { keras, torch } from "@tandem/tandem";
import type { ModelPair } from "../../../bench/parity/mod.ts";

const { layers: L } = keras;
const { nn } = torch;

function kerasModel(epsilon: number): keras.Model {
  const inputs = keras.Input({ shape: [6, 6, 3] });
  const convolution = { filters: 4, kernelSize: 3, padding: "same" } as const;
  const first = new L.Conv2D({ ...convolution, name: "first" })(inputs);
  const normed = new L.BatchNormalization({ epsilon, name: "norm" })(first);
  const a = new L.ReLU({ name: "relu" })(normed);
  const b = new L.Conv2D({ ...convolution, activation: "relu", name: "second" })(a);
  const pooled = new L.MaxPooling2D({ poolSize: 2, name: "pool" })(
    new L.Add({ name: "sum" })([a, b]),
  );
  const flat = new L.Flatten({ name: "flatten" })(pooled);
  return new keras.Model({ inputs, outputs: new L.Dense({ units: 5, name: "head" })(flat) });
}

class Port extends nn.Module {
  first = new nn.Conv2d(3, 4, 3, { padding: 1 });
  norm: torch.nn.BatchNorm2d;
  act = new nn.ReLU();
  second = new nn.Conv2d(4, 4, 3, { padding: 1 });
  pool = new nn.MaxPool2d(2);
  head: torch.nn.Linear;

  spare?: torch.nn.Linear;

  constructor(eps: number, readonly withRelu: boolean, classes: number, spare?: string) {
    super();
    if (spare === "module") this.spare = new nn.Linear(2, 2);
    if (spare === "parameter") {
      this.first.registerParameter("spare", new nn.Parameter(torch.ones([2])));
    }
    this.norm = new nn.BatchNorm2d(4, { eps });
    this.head = new nn.Linear(36, classes);
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const a = this.act(this.norm(this.first(x)));
    const b = this.second(a);
    return this.head(this.pool(a.add(this.withRelu ? b.relu() : b)).flatten(1));
  }
}

/** Options of the two models; the defaults are right. */
export interface DumpedNetworkOptions {
  epsilon?: number;
  eps?: number;
  withRelu?: boolean;
  classes?: number;
  /** What the PyTorch model has that nothing is computed from, and the Keras model has not. */
  spare?: "module" | "parameter";
}

/** The pair with the given faults. */
export function dumpedNetwork(
  { epsilon = 1e-3, eps = 1e-3, withRelu = true, classes = 5, spare }: DumpedNetworkOptions = {},
): ModelPair {
  return {
    kerasModel: () => kerasModel(epsilon),
    torchModel: () => new Port(eps, withRelu, classes, spare),
  };
}
