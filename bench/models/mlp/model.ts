/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Three dense layers, as in PyTorch's quickstart. */
export const model: BenchModelEntry = {
  name: "mlp",
  title: "a multilayer perceptron: two hidden layers of 512",
  source: "https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html",
  parameters: 1_841_162,
  published: null,
  smallestImage: [1, 1],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
