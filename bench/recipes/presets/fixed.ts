/** @module */
import type { Recipe } from "../recipe.ts";
import { recipe as published } from "./published.ts";

/** The published experiment without its quirks: losses on logits, dropout while training only. */
export const recipe: Recipe = {
  ...published,
  name: "fixed",
  title: "the published constants, without the quirks",
  keras: { ...published.keras, softmaxInModel: false },
  torch: { ...published.torch, softmaxBeforeLoss: false, dropoutAtEvaluation: false },
};
