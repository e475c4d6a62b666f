/**
 * What the rungs of the ladder are in the PyTorch idiom.
 * @module
 */
import { seedTraining } from "../../fixtures/mod.ts";
import { type TorchVariant, torchVariants } from "../../torch_style/mod.ts";
import { type RungName, rungNames } from "../experiments/ablation.ts";

const { rmsprop: { keras: { rho, epsilon } }, inputRange } = seedTraining;

/** What each rung changes. */
const changes: Readonly<Record<RungName, Partial<TorchVariant>>> = {
  published: {},
  "one-softmax": { softmaxBeforeLoss: false },
  "dropout-in-training-only": { dropsAtEvaluation: false },
  "keras-rmsprop": { rmsprop: { alpha: rho, eps: epsilon } },
  "keras-initialization": { initialization: "keras" },
  "keras-input-range": { inputRange: inputRange.keras },
};

/** The variant of every rung: the published one with the changes of all rungs up to it. */
export const rungVariants: Readonly<Record<RungName, TorchVariant>> = (() => {
  let variant = torchVariants.seed;
  const entries = rungNames.map((name) => [name, variant = { ...variant, ...changes[name] }]);
  return Object.fromEntries(entries);
})();
