/**
 * The network of the experiment, written in both idioms.
 * @module
 */
import { makeSeedNetwork } from "../../keras_style/mod.ts";
import { permute, reshape, SeedNetwork, type Tensor } from "../../torch_style/mod.ts";
import { seedNetwork } from "../../fixtures/mod.ts";
import type { ModelPair } from "./model_pair.ts";

const filters = seedNetwork.convolutions[1].filters;
const side = Math.sqrt(seedNetwork.flattened / filters);

/**
 * The seed network without the published quirks: both give scores, dropout drops while training only.
 *
 * PyTorch's flattened image is put in Keras' order on its way into the dense layer, so that both add up the same numbers
 * in the same order: rounding is the same then, and nothing but a fault can make the losses part.
 */
export const seedPair: ModelPair = {
  kerasModel: () => makeSeedNetwork("fixed"),
  torchModel: () => {
    const network = new SeedNetwork("fixed");
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
