/**
 * The published network in both idioms, as parity compares it.
 * @module
 */
import { kerasModel } from "../models/published_cnn/keras.ts";
import { TorchModel } from "../models/published_cnn/torch.ts";
import { permute, reshape, type Tensor } from "../../torch_style/mod.ts";
import type { ModelPair } from "./model_pair.ts";

/** What the second pooling gives of 32x32 images. */
const [filters, side] = [64, 8];

/**
 * The published network without its quirks: both give logits, dropout drops while training only.
 *
 * PyTorch's flattened image is put in Keras' order on its way into the dense layer, so that both add up the same values in
 * the same order: rounding is the same then, and nothing but a fault can make the losses part.
 */
export const publishedPair: ModelPair = {
  kerasModel: () => kerasModel({ inputShape: [32, 32, 3], classes: 10 }),
  torchModel: () => {
    const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
    network.dense1.registerForwardPreHook((_, [x]) => [inKerasOrder(x as Tensor)]);
    return network;
  },
  flattens: "channelsLast",
};

/** [n, channels height width] to [n, height width channels]. */
function inKerasOrder(x: Tensor): Tensor {
  const images = reshape(x, [-1, filters, side, side]);
  return permute(images, [0, 2, 3, 1]).flatten(1);
}
