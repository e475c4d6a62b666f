/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition (2015), section 4.2; shortcuts without parameters (option A). */
export const model: BenchModelEntry = {
  name: "resnet56",
  title: "ResNet-56 for small images",
  source: "https://arxiv.org/abs/1512.03385",
  parameters: 853_018,
  published: {
    parameters: "0.85 M",
    accuracy: "93.03 % of CIFAR-10",
    source: "https://arxiv.org/abs/1512.03385, table 6",
  },
  smallestImage: [4, 4],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
