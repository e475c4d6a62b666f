/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Liu et al.: A ConvNet for the 2020s (2022), in timm's size "pico", with a 2x2 stem for small images. */
export const model: BenchModelEntry = {
  name: "convnext_pico",
  title: "ConvNeXt-Pico with a stem for small images",
  source: "https://arxiv.org/abs/2201.03545",
  parameters: 8_535_498,
  smallestImage: [16, 16],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
