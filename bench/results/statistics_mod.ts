/** What measured numbers say. @module */
export * from "./statistics.ts";
export * from "../runner/times.ts";
