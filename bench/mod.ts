/**
 * The bench: trains models in both idioms and reports time and accuracy.
 * @module
 */
export * from "./output/markdown.ts";
export { figureTables, formatTables, tableRows } from "./output/table.ts";
export { loadRecipe, type Recipe } from "./recipes/mod.ts";
export * from "./results/environment.ts";
export * from "./results/read_report.ts";
export * from "./results/report.ts";
export * from "./results/statistics.ts";
export * from "./runner/launch.ts";
export * from "./runner/options.ts";
export * from "./runner/run.ts";
export * from "./runner/times.ts";
export * from "./runner/trial.ts";
export * from "./styles/classifiers.ts";
export * from "./styles/style.ts";
