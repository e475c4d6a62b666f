/**
 * Look-ahead: when slow weights take in what was trained.
 * @module
 */
import type { LookaheadRecipe } from "../../recipes/mod.ts";

/** A recipe's look-ahead, for a training of so many steps. */
export interface LookaheadSettings extends LookaheadRecipe {
  readonly steps: number;
}

/**
 * How much of themselves slow weights keep after a step; null where nothing happens. After the training's last step they
 * keep all, so that they are what it ends with.
 *
 * @param step counted from 1 over all epochs
 *
 * Source: https://arxiv.org/abs/1907.08610; with a share that grows: https://github.com/tysam-code/hlb-CIFAR10
 *
 * @example
 * ```ts
 * const settings = { every: 5, decay: 0.8, power: 3, steps: 102 };
 * console.log(keptShare(settings, 51), keptShare(settings, 101), keptShare(settings, 102)); // null, null, 1
 * ```
 */
export function keptShare(
  { every, decay, power, steps }: LookaheadSettings,
  step: number,
): number | null {
  if (step % every === 0) return decay * (step / steps) ** power;
  return step === steps ? 1 : null;
}
