/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** Simonyan, Zisserman: Very Deep Convolutional Networks (2014), configuration A with batch norm; one dense layer, as is usual for CIFAR. */
export const model: BenchModelEntry = {
  name: "vgg11_bn",
  title: "VGG-11 with batch norm",
  source: "https://arxiv.org/abs/1409.1556",
  parameters: 9_231_114,
  published: {
    parameters: "132,868,840",
    classes: 1000,
    // One dense layer from 512 values, not three of 4096, 4096 and 1000 from 25,088.
    fewer: 123_129_856,
    accuracy: "70.37 % of ImageNet",
    source:
      "https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg11_bn.html",
  },
  smallestImage: [32, 32],
  names: {
    torchvision: [[/^classifier\./, "classifier.6."]],
    timm: [[/^classifier\./, "head.fc."]],
  },
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
