/**
 * Parity mode: the same model in both idioms, held against each other layer by layer and step by step.
 *
 * `models/` prepares both models and their batches, `recording/` keeps what each computes, `pairing/` finds which layers and
 * weights belong together, `comparing/` says how far apart they are, `report/` writes it down; `dump/` reads real Keras' and
 * PyTorch's values.
 * @module
 */
export { formatParity, verdict } from "./report/format.ts";
export type { LayerNames, ModelPair, OwnBatch } from "./models/model_pair.ts";
export {
  defaultParityOptions,
  parityFlags,
  type ParityOptions,
  readParityOptions,
} from "./options.ts";
export { loadPair } from "./models/pair_file.ts";
export { ParityError } from "./parity_error.ts";
export type {
  LayerRow,
  ParityReport,
  ParityStep,
  RoundingControl,
  RowKind,
  RowPass,
} from "./report/report.ts";
export { type ParitySettings, runParity } from "./run_parity.ts";
export { publishedPair } from "./models/published_pair.ts";
export { parityRun } from "./parity_run.ts";
