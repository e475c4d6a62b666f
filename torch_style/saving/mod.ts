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
export { load, loadWithMetadata, save, type SaveOptions } from "./files.ts";
export type { NamedTensors, SavedTensors } from "./safetensors.ts";
