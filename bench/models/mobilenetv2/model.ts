/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Sandler et al.: MobileNetV2: Inverted Residuals and Linear Bottlenecks (2018), with the strides that are usual for CIFAR. */
export const model: BenchModelEntry = {
  name: "mobilenetv2",
  title: "MobileNetV2 with strides for small images",
  source: "https://arxiv.org/abs/1801.04381",
  parameters: 2_236_682,
  smallestImage: [8, 8],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
