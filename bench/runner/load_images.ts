/** @module */
import { type ImageDataset, loadDataset } from "../../fixtures/mod.ts";
import type { BenchOptions } from "../cli/mod.ts";
import { reportDownload } from "./download_progress.ts";

/** Loads the images that the options name; `note` is told of a download or a substitute. */
export async function loadImages(
  { dataset, dataDir, limit }: Pick<BenchOptions, "dataset" | "dataDir" | "limit">,
  note: (line: string) => void,
): Promise<ImageDataset> {
  return await loadDataset(dataset, {
    dataDir: dataDir ?? undefined,
    limit: limit ?? undefined,
    onProgress: reportDownload(note),
    notice: note,
  });
}
