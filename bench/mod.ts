/**
 * The bench: trains the same classifier in both idioms and reports time and accuracy.
 * @module
 */
export * from "./environment.ts";
export * from "./options.ts";
export * from "./report.ts";
export { formatMarkdown } from "./report_markdown.ts";
export * from "./run.ts";
export * from "./statistics.ts";
export * from "./style.ts";
export { formatTable, tableRows } from "./table.ts";
