/**
 * The bench: trains models in both idioms and reports time and accuracy.
 *
 * Data flows from `models/` (networks in both idioms), `recipes/` (how to train) and `styles/` (idiom and loop) through
 * `experiments/` (which trials) and `runner/` (a process a trial) into `results/` (schema, statistics) and `output/` (tables, pages,
 * charts). Beside them: `cli/` (subcommands and flags), `parity/` (where a port differs), `weights/` (files of weights), `peers/`
 * (PyTorch and Keras on the same machine), `scaling/`, `device_steps/`, `schedulers/`; `evidence/` holds what was measured.
 * @module
 */
export * from "./output/markdown.ts";
export { figureTables, formatTables, tableRows } from "./output/table.ts";
export { loadRecipe, type Recipe } from "./recipes/mod.ts";
export * from "./results/environment.ts";
export * from "./results/read_report.ts";
export * from "./results/report.ts";
export * from "./results/statistics.ts";
export * from "./runner/processes/launch.ts";
export * from "./runner/options.ts";
export * from "./runner/run.ts";
export * from "./runner/measuring/times.ts";
export * from "./runner/trials/trial.ts";
export * from "./styles/classifiers.ts";
export * from "./styles/style.ts";
