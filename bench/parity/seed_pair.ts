/**
 * The network of the experiment, written in both idioms.
 * @module
 */
import { makeSeedNetwork } from "../../keras_style/mod.ts";
import { SeedNetwork } from "../../torch_style/mod.ts";
import type { ModelPair } from "./model_pair.ts";

/** The seed network without the published quirks: both give scores, dropout drops while training only. */
export const seedPair: ModelPair = {
  kerasModel: () => makeSeedNetwork("fixed"),
  torchModel: () => new SeedNetwork("fixed"),
};
