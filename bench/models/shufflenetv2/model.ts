/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Ma et al.: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design (2018), width 1, without the stem's strides. */
export const model: BenchModelEntry = {
  name: "shufflenetv2",
  title: "ShuffleNetV2 with strides for small images",
  source: "https://arxiv.org/abs/1807.11164",
  parameters: 1_263_854,
  smallestImage: [8, 8],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
