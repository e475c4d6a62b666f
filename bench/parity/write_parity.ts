/**
 * A run of parity mode with its images and its file.
 * @module
 */
import { join } from "node:path";
import type { ImageDataset } from "../../fixtures/mod.ts";
import { Interruption } from "../runner/interruption.ts";
import { loadImages } from "../runner/load_images.ts";
import { prepareFolder, writeFiles } from "../results/report_files.ts";
import type { ParityOptions } from "./options.ts";
import { loadPair } from "./pair_file.ts";
import type { ParityReport } from "./report.ts";
import { runParity } from "./run_parity.ts";

/** Loads the images unless they are given, compares, writes parity.json. */
export async function parityRun(
  options: ParityOptions,
  note: (line: string) => void,
  given?: ImageDataset,
): Promise<ParityReport> {
  await prepareFolder(options.out);
  const pair = options.model === null ? undefined : await loadPair(options.model);
  // A pair with batches of its own needs no images.
  const dataset = pair?.batch ? undefined : given ?? await loadImages(options, note);
  using interruption = new Interruption(() => note("stopping after this step"));
  const report = await runParity(options, { pair, dataset, note, signal: interruption.signal });
  const path = join(options.out, "parity.json");
  await writeFiles([{ path, content: JSON.stringify(report, null, 2) + "\n" }]);
  note(path);
  return report;
}
