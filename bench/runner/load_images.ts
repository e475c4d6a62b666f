/**
 * Loads data sets, and shows how far a download is.
 * @module
 */
import {
  type DownloadProgress,
  type ImageDataset,
  loadDataset,
  parseDatasetOptions,
} from "../../fixtures/mod.ts";

/** Which images. */
export interface ImageOptions {
  readonly dataset: string;
  readonly dataDir: string | null;
  readonly limit: number | null;
  /** Such as `size=64,channels=1`. */
  readonly datasetOptions?: string | null;
}

/** Loads the images that the options name; `note` is told of a download or a substitute. */
export async function loadImages(
  { dataset, dataDir, limit, datasetOptions }: ImageOptions,
  note: (line: string) => void,
): Promise<ImageDataset> {
  return await loadDataset(dataset, {
    ...parseDatasetOptions(datasetOptions ?? ""),
    dataDir: dataDir ?? undefined,
    limit: limit ?? undefined,
    onProgress: reportDownload(note),
    notice: note,
  });
}

/** Prints a line of its own for every tenth of a download. */
function reportDownload(note: (line: string) => void): (p: DownloadProgress) => void {
  let shown = -1;
  return ({ receivedBytes, totalBytes }) => {
    if (!totalBytes) return;
    const tenth = Math.floor(receivedBytes / totalBytes * 10);
    if (tenth === shown) return;
    shown = tenth;
    const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
    note(`downloading: ${mebibytes(receivedBytes)} of ${mebibytes(totalBytes)} MiB`);
  };
}

/** Loads every data set of a run, by its name. */
export async function loadEach(
  { dataset, ...options }: Omit<ImageOptions, "dataset"> & { readonly dataset: readonly string[] },
  note: (line: string) => void,
): Promise<Map<string, ImageDataset>> {
  const loaded = new Map<string, ImageDataset>();
  for (const name of dataset) {
    loaded.set(name, await loadImages({ ...options, dataset: name }, note));
  }
  return loaded;
}
