/**
 * Tensors and trainings in files.
 * @module
 */
export {
  type Extra,
  loadCheckpoint,
  type PlainState,
  saveCheckpoint,
  type Training,
} from "./checkpoint.ts";
export {
  load,
  loadWithMetadata,
  type NamedTensors,
  save,
  type SavedTensors,
  type SaveOptions,
} from "./files.ts";
