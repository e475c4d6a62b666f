/** Data sets: samples, shuffled and batched. @module */
export { Dataset, type Element, type ShuffleOptions } from "./dataset.ts";
export { type HostArray, type NestedValues, type Samples } from "./host_rows.ts";
