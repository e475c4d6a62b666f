/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Tan, Le: EfficientNet (2019): Lite0's stem, stages and head with the squeeze-excite and SiLU that Lite0 left out, which is B0; the first two strides are 1. */
export const model: BenchModelEntry = {
  name: "efficientnet_lite0",
  title: "EfficientNet-Lite0 with squeeze-excite and SiLU, strides for small images",
  source: "https://arxiv.org/abs/1905.11946",
  parameters: 4_020_358,
  published: {
    parameters: "5,288,548",
    classes: 1_000,
    accuracy: "77.692 % of ImageNet",
    source:
      "https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b0.html",
  },
  smallestImage: [8, 8],
  names: { torchvision: [] },
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
