/** What measured numbers say. @module */
export * from "./spread.ts";
export * from "./times.ts";
