/**
 * Training in several workers at once. Follows https://docs.pytorch.org/docs/stable/distributed.html, for one machine.
 * @module
 */
export * from "./collectives.ts";
export type { ReduceOp } from "./process_group.ts";
