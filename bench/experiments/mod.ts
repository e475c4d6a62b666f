/** The experiments. @module */
import { ablation } from "./ablation.ts";
import { compare } from "./compare.ts";
import type { Experiment } from "./experiment.ts";
import { layout } from "./layout.ts";
import { models } from "./models.ts";

export * from "./experiment.ts";

/** All experiments; the first is the default. */
export const experiments: readonly Experiment[] = [compare, models, ablation, layout];
