/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** The network of the published experiment, which Tandem reproduces; it has no page of its own. */
export const model: BenchModelEntry = {
  name: "published_cnn",
  title: "the published CNN: two convolutions, two dense layers",
  source: null,
  parameters: 430_102,
  published: null,
  smallestImage: [4, 4],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
