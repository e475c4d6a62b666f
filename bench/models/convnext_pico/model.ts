/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Liu et al.: A ConvNet for the 2020s (2022), in timm's size "pico", with a 2x2 stem for small images. */
export const model: BenchModelEntry = {
  name: "convnext_pico",
  title: "ConvNeXt-Pico with a stem for small images",
  source: "https://arxiv.org/abs/2201.03545",
  parameters: 8_535_498,
  published: {
    parameters: "9,045,672",
    classes: 1_000,
    // The stem has 2x2, not 4x4.
    fewer: 2304,
    accuracy: null,
    source: "https://github.com/huggingface/pytorch-image-models",
  },
  smallestImage: [16, 16],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
