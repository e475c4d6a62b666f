/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Huang et al.: Densely Connected Convolutional Networks (2016), the basic variant for CIFAR (no bottlenecks, no compression). */
export const model: BenchModelEntry = {
  name: "densenet40_12",
  title: "DenseNet of 40 layers that grow by 12 channels",
  source: "https://arxiv.org/abs/1608.06993",
  parameters: 1_019_722,
  published: {
    parameters: "1.0 M",
    accuracy: "94.76 % of CIFAR-10",
    source: "https://arxiv.org/abs/1608.06993, table 2",
  },
  smallestImage: [4, 4],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
