/** Comparison of reports. @module */
export * from "./compare.ts";
export * from "../output/comparison.ts";
export * from "./history.ts";
