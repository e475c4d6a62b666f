/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Jordan: 94 % on CIFAR-10 in 3.29 seconds on a single GPU (2024), the network of legacy/airbench94.py. */
export const model: BenchModelEntry = {
  name: "airbench94",
  title: "airbench94: whitened patches, six convolutions, batch norm that learns biases only",
  source: "https://arxiv.org/abs/2404.00498",
  parameters: 1_971_352,
  published: {
    parameters: "1.97 M",
    accuracy: "94.01 % of CIFAR-10",
    source: "https://github.com/KellerJordan/cifar10-airbench",
  },
  smallestImage: [9, 9],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
