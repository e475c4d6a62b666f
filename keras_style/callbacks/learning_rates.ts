/**
 * The learning rates that callbacks show and change.
 * @module
 */
import { LossScaleOptimizer } from "../optimizers/loss_scale_optimizer.ts";
import { MultiOptimizer } from "../optimizers/multi_optimizer.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { Logs } from "./callback.ts";

/** An optimizer with a learning rate, and what sets it apart in logs and messages: its name, where there are several. */
export interface RatedOptimizer {
  readonly name: string | null;
  readonly optimizer: Optimizer;
}

/** The optimizer itself, or those within a `MultiOptimizer`, also behind a `LossScaleOptimizer`. */
export function ratedOptimizers(optimizer: Optimizer): RatedOptimizer[] {
  const own = optimizer instanceof LossScaleOptimizer ? optimizer.innerOptimizer : optimizer;
  if (!(own instanceof MultiOptimizer)) return [{ name: null, optimizer: own }];
  return own.optimizers.map((one) => ({ name: one.name, optimizer: one }));
}

/** The present learning rates by their names in logs: `learning_rate`, or `learning_rate_adam` and so on. */
export async function learningRates(optimizer: Optimizer): Promise<Logs> {
  const rates: Logs = {};
  for (const { name, optimizer: one } of ratedOptimizers(optimizer)) {
    [rates[name === null ? "learning_rate" : `learning_rate_${name}`]] = await one.learningRate
      .data();
  }
  return rates;
}
