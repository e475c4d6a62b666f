/** Comparison of reports. @module */
export * from "./compare.ts";
export * from "./format.ts";
export * from "./history.ts";
