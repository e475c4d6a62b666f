/**
 * A line that shows how far a download is.
 * @module
 */
import type { DownloadProgress } from "../../fixtures/mod.ts";

/** Prints a line of its own for every tenth of a download. */
export function reportDownload(note: (line: string) => void): (p: DownloadProgress) => void {
  let shown = -1;
  return ({ receivedBytes, totalBytes }) => {
    if (!totalBytes) return;
    const tenth = Math.floor(receivedBytes / totalBytes * 10);
    if (tenth === shown) return;
    shown = tenth;
    const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
    note(`downloading CIFAR-10: ${mebibytes(receivedBytes)} of ${mebibytes(totalBytes)} MiB`);
  };
}
