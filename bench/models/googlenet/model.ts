/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Szegedy et al.: Going Deeper with Convolutions (2014): its inception blocks, with batch norm, behind a stem for small images. */
export const model: BenchModelEntry = {
  name: "googlenet",
  title: "GoogLeNet (inception blocks) with a stem for small images",
  source: "https://arxiv.org/abs/1409.4842",
  parameters: 5_871_914,
  published: null,
  smallestImage: [8, 8],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
