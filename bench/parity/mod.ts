/**
 * Parity mode: the same model in both idioms, held against each other layer by layer and step by step.
 * @module
 */
export { formatParity, verdict } from "./format.ts";
export type { LayerNames, ModelPair, OwnBatch } from "./model_pair.ts";
export {
  defaultParityOptions,
  parityFlags,
  type ParityOptions,
  readParityOptions,
} from "./options.ts";
export { loadPair } from "./pair_file.ts";
export { ParityError } from "./parity_error.ts";
export type {
  LayerRow,
  ParityReport,
  ParityStep,
  RoundingControl,
  RowKind,
  RowPass,
} from "./report.ts";
export { type ParitySettings, runParity } from "./run_parity.ts";
export { publishedPair } from "./published_pair.ts";
export { parityRun } from "./parity_run.ts";
