/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Tolstikhin et al.: MLP-Mixer: An all-MLP Architecture for Vision (2021), in a size for small images: https://github.com/omihub777/MLP-Mixer-CIFAR */
export const model: BenchModelEntry = {
  name: "mlp_mixer",
  title: "MLP-Mixer with patches of 4x4 pixels",
  source: "https://arxiv.org/abs/2105.01601",
  parameters: 1_132_170,
  published: {
    parameters: null,
    accuracy: "90.83 % of CIFAR-10",
    source: "https://github.com/omihub777/MLP-Mixer-CIFAR",
  },
  smallestImage: [4, 4],
  names: { timm: [[/^stem\./, "stem.proj."]] },
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
