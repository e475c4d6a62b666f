/**
 * What a recipe's schedule makes of the learning rate.
 * @module
 */
import type { ScheduleRecipe } from "../../recipes/mod.ts";
import type { StyleContext } from "../style.ts";

/** How long a training is. */
export interface TrainingLength {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** How long a recipe's training is. */
export function trainingLength(
  { recipe: { epochs, batchSize }, train }: Pick<StyleContext, "recipe" | "train">,
): TrainingLength {
  return { epochs, stepsPerEpoch: Math.ceil(train.count / batchSize) };
}

/**
 * What the optimizer's rate is multiplied by at a step.
 *
 * @param step counted from 0 over all epochs
 *
 * Sources: https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html,
 * OneCycleLR.html and StepLR.html there.
 *
 * @example
 * ```ts
 * const length = { epochs: 2, stepsPerEpoch: 50 };
 * console.log(rateFactor({ kind: "cosine", warmupSteps: 0, finalFactor: 0 }, 50, length)); // 0.5
 * ```
 */
export function rateFactor(schedule: ScheduleRecipe, step: number, length: TrainingLength): number {
  const steps = length.epochs * length.stepsPerEpoch;
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "cosine": {
      const { warmupSteps, finalFactor } = schedule;
      if (step < warmupSteps) return (step + 1) / warmupSteps;
      return cosine(1, finalFactor, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
    }
    case "linear": {
      const { warmupShare, startFactor, finalFactor } = schedule;
      const top = warmupShare * steps;
      return step < top
        ? line(startFactor, 1, step / top)
        : line(1, finalFactor, (step - top) / (steps - top));
    }
    case "oneCycle": {
      const { warmupShare, startDivisor, finalDivisor } = schedule;
      const top = warmupShare * steps - 1;
      const start = 1 / startDivisor;
      // A rise of one step is over at once.
      if (step <= top) return cosine(start, 1, top > 0 ? step / top : 1);
      return cosine(1, start / finalDivisor, (step - top) / (steps - 1 - top));
    }
    case "step":
      return schedule.factor ** Math.floor(step / length.stepsPerEpoch / schedule.epochs);
  }
}

/** Half a cosine from one value to another. */
function cosine(from: number, to: number, share: number): number {
  return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
}

function line(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
