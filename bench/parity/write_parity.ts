/**
 * A run of parity mode with its pictures and its file.
 * @module
 */
import { join } from "node:path";
import { type ImageDataset, loadDataset } from "../../fixtures/mod.ts";
import { reportDownload } from "../download_progress.ts";
import { Interruption } from "../interruption.ts";
import { prepareFolder, writeFiles } from "../report_files.ts";
import type { ParityOptions } from "./options.ts";
import { loadPair } from "./pair_file.ts";
import type { ParityReport } from "./report.ts";
import { runParity } from "./run_parity.ts";

/** Loads the pictures, compares, writes parity.json. */
export async function parityRun(
  options: ParityOptions,
  note: (line: string) => void,
): Promise<ParityReport> {
  await prepareFolder(options.out);
  const pair = options.model === null ? undefined : await loadPair(options.model);
  // A pair with batches of its own needs no pictures.
  const dataset = pair?.batch ? undefined : await pictures(options, note);
  using interruption = new Interruption(() => note("stopping after this step"));
  const report = await runParity(options, { pair, dataset, note, signal: interruption.signal });
  const path = join(options.out, "parity.json");
  await writeFiles([{ path, content: JSON.stringify(report, null, 2) + "\n" }]);
  note(path);
  return report;
}

async function pictures(
  { dataset, dataDir, limit }: ParityOptions,
  note: (line: string) => void,
): Promise<ImageDataset> {
  return await loadDataset(dataset, {
    dataDir: dataDir ?? undefined,
    limit: limit ?? undefined,
    onProgress: reportDownload(note),
    notice: note,
  });
}
