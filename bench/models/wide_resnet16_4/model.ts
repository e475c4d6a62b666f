/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Zagoruyko, Komodakis: Wide Residual Networks (2016), without dropout. */
export const model: BenchModelEntry = {
  name: "wide_resnet16_4",
  title: "Wide ResNet of 16 layers, four times as wide",
  source: "https://arxiv.org/abs/1605.07146",
  parameters: 2_748_890,
  published: null,
  smallestImage: [4, 4],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
