/**
 * When a training ends before its last epoch. Follows https://keras.io/api/callbacks/early_stopping/
 * @module
 */
import type { EarlyStoppingRecipe } from "../../recipes/mod.ts";
import type { EpochRecord } from "../../runner/trials/trial.ts";

/** What of an epoch counts. */
export type ValidatedEpoch = Pick<EpochRecord, "valLoss">;

/** The last epoch, counted from 1, whose validation loss was lower than all before by enough; 0 before the first epoch. */
export function bestEpoch(
  history: readonly ValidatedEpoch[],
  { minDelta }: Pick<EarlyStoppingRecipe, "minDelta">,
): number {
  let [best, least] = [0, Infinity];
  history.forEach(({ valLoss }, i) => {
    if (valLoss < least - minDelta) [best, least] = [i + 1, valLoss];
  });
  return best;
}

/**
 * Whether a training ends after these epochs.
 *
 * @example
 * ```ts
 * const recipe = { patience: 1, minDelta: 0, restoreBest: false };
 * console.log(hasStopped([{ valLoss: 2 }, { valLoss: 2.1 }], recipe)); // true
 * ```
 */
export function hasStopped(
  history: readonly ValidatedEpoch[],
  recipe: EarlyStoppingRecipe | null,
): boolean {
  return recipe !== null && history.length - bestEpoch(history, recipe) >= recipe.patience;
}
