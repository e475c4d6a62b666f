/** @module */
import type { BenchModelEntry } from "../bench_model.ts";
import { names } from "./names.ts";

/** Sandler et al.: MobileNetV2: Inverted Residuals and Linear Bottlenecks (2018), with the strides that are usual for CIFAR. */
export const model: BenchModelEntry = {
  name: "mobilenetv2",
  title: "MobileNetV2 with strides for small images",
  source: "https://arxiv.org/abs/1801.04381",
  parameters: 2_236_682,
  published: {
    parameters: "3,504,872",
    classes: 1_000,
    accuracy: "94.43 % of CIFAR-10",
    source: "torchvision (parameters), https://github.com/kuangliu/pytorch-cifar (accuracy)",
  },
  smallestImage: [8, 8],
  names,
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
