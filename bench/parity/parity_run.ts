/**
 * A run of parity mode with its images.
 * @module
 */
import type { ImageDataset } from "../../fixtures/mod.ts";
import { Interruption } from "../runner/interruption.ts";
import { loadImages } from "../runner/load_images.ts";
import type { ParityOptions } from "./options.ts";
import { loadPair } from "./pair_file.ts";
import type { ParityReport } from "./report.ts";
import { runParity } from "./run_parity.ts";

/** Loads the images, where the pair has no batches of its own, and compares. */
export async function parityRun(
  options: ParityOptions,
  note: (line: string) => void,
): Promise<{ parity: ParityReport; dataset: ImageDataset | null }> {
  const pair = options.model === null ? undefined : await loadPair(options.model);
  const dataset = pair?.batch ? undefined : await loadImages(options, note);
  using interruption = new Interruption({ onFirst: () => note("stopping after this step") });
  const parity = await runParity(options, { pair, dataset, note, signal: interruption.signal });
  return { parity, dataset: dataset ?? null };
}
