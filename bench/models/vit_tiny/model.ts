/** @module */
import type { BenchModelEntry } from "../bench_model.ts";
import { names } from "./names.ts";

/** Touvron et al.: Training data-efficient image transformers (2020), DeiT-Ti's size, with patches of 4x4 pixels for small images. */
export const model: BenchModelEntry = {
  name: "vit_tiny",
  title: "ViT-Tiny with patches of 4x4 pixels",
  source: "https://arxiv.org/abs/2012.12877",
  parameters: 5_362_762,
  published: {
    parameters: "5,717,416",
    classes: 1_000,
    // Patches have 4x4 pixels, not 16x16, and there are 65 positions, not 197.
    fewer: 163_584,
    accuracy: "72.2 % of ImageNet",
    source: "timm (parameters), https://arxiv.org/abs/2012.12877, table 5 (accuracy)",
  },
  smallestImage: [4, 4],
  names,
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
