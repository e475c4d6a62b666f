/** @module */
import type { BenchModelEntry } from "../bench_model.ts";

/** LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition (1998); every filter sees all channels, and poolings have no weights, as is usual today. */
export const model: BenchModelEntry = {
  name: "lenet5",
  title: "LeNet-5",
  source: "http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf",
  parameters: 62_006,
  published: {
    parameters: "60,000",
    imageShape: [32, 32, 1],
    // 900 in the second convolution, which sees all channels, and 850 in the last layer are more; 44 of poolings are missing.
    fewer: -1706,
    accuracy: "99.05 % of MNIST",
    source: "http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf",
  },
  smallestImage: [16, 16],
  keras: () => import("./keras.ts"),
  torch: () => import("./torch.ts"),
};
