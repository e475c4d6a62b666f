/**
 * The bench: trains the same classifier in both idioms and reports time and accuracy.
 * @module
 */
export * from "./environment.ts";
export * from "./command_line/mod.ts";
export * from "./report.ts";
export { formatMarkdown } from "./report_markdown.ts";
export * from "./run.ts";
export * from "./statistics/mod.ts";
export * from "./style.ts";
export { formatTable, tableRows } from "./table.ts";
