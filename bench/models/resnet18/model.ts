/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition (2015), with a 3x3 stem and no pooling, as is usual for CIFAR. */
export const model: BenchModelEntry = {
  name: "resnet18",
  title: "ResNet-18 with a stem for small images",
  source: "https://arxiv.org/abs/1512.03385",
  parameters: 11_173_962,
  published: {
    parameters: "11,689,512",
    classes: 1000,
    // The stem has 3x3, not 7x7.
    fewer: 7680,
    accuracy: "93.02 % of CIFAR-10",
    source: "torchvision (parameters), https://github.com/kuangliu/pytorch-cifar (accuracy)",
  },
  smallestImage: [8, 8],
  names: { torchvision: [], timm: [] },
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
