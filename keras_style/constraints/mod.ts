/** Constraints: what weights are kept to. @module */
export * from "./constraint.ts";
export * from "./get.ts";
