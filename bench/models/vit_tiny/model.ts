/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Touvron et al.: Training data-efficient image transformers (2020), DeiT-Ti's size, with patches of 4x4 pixels for small images. */
export const model: BenchModelEntry = {
  name: "vit_tiny",
  title: "ViT-Tiny with patches of 4x4 pixels",
  source: "https://arxiv.org/abs/2012.12877",
  parameters: 5_362_762,
  smallestImage: [4, 4],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
