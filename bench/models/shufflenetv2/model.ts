/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Ma et al.: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design (2018), width 1, without the stem's strides. */
export const model: BenchModelEntry = {
  name: "shufflenetv2",
  title: "ShuffleNetV2 with strides for small images",
  source: "https://arxiv.org/abs/1807.11164",
  parameters: 1_263_854,
  published: {
    parameters: "2,278,604",
    classes: 1_000,
    accuracy: "69.362 % of ImageNet",
    source:
      "https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.shufflenet_v2_x1_0.html",
  },
  smallestImage: [8, 8],
  names: { torchvision: [] },
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
