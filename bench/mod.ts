/**
 * The bench: trains the same classifier in both idioms and reports time and accuracy.
 * @module
 */
export * from "./results/environment.ts";
export * from "./cli/mod.ts";
export * from "./results/report.ts";
export { formatMarkdown } from "./output/markdown.ts";
export * from "./runner/run.ts";
export * from "./results/statistics_mod.ts";
export { loadRecipe, type Recipe } from "./recipes/mod.ts";
export * from "./styles/classifiers.ts";
export * from "./styles/style.ts";
export { formatTable, tableRows } from "./output/table.ts";
