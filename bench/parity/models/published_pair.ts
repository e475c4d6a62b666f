/**
 * The published network in both idioms, as parity compares it.
 * @module
 */
import { kerasModel } from "../../models/published_cnn/keras.ts";
import { TorchModel } from "../../models/published_cnn/torch.ts";
import { permute, reshape, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelPair } from "./model_pair.ts";

/** Of the second convolution. */
const FILTERS = 64;

/**
 * The published network without its quirks: both give logits, dropout drops while training only.
 *
 * PyTorch's flattened image is put in Keras' order on its way into the dense layer, so that both add up the same values in
 * the same order: rounding is the same then, and nothing but a fault can make the losses part.
 */
export const publishedPair: ModelPair = {
  kerasModel,
  torchModel: (spec) => {
    const network = new TorchModel(spec);
    const [, height, width] = spec.inputShape;
    const pooled = [Math.floor(Math.floor(height / 2) / 2), Math.floor(Math.floor(width / 2) / 2)];
    network.dense1.registerForwardPreHook((_, [x]) => [inKerasOrder(x as Tensor, pooled)]);
    return network;
  },
  flattens: "channelsLast",
};

/** [n, channels height width] to [n, height width channels]. */
function inKerasOrder(x: Tensor, [height, width]: readonly number[]): Tensor {
  const images = reshape(x, [-1, FILTERS, height, width]);
  return permute(images, [0, 2, 3, 1]).flatten(1);
}
