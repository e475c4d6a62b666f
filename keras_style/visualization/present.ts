/**
 * What becomes of an image that was drawn: files, and the screen.
 * @module
 */
import { type Image, showImage, type Terminal } from "../../plotting/mod.ts";

/** Options of everything that shows an image. */
export interface PresentOptions {
  /** Whether it is also shown, in a notebook or in a terminal that takes images; true unless given. */
  readonly show?: boolean;
  /** Where it is shown; the standard output unless given. */
  readonly terminal?: Terminal;
}

/** What they are unless given. */
export const PRESENT_DEFAULTS = { show: true, terminal: undefined };

/** Shows an image that was written, where that is wanted and possible. */
export async function present(
  png: Uint8Array<ArrayBuffer>,
  details: { name: string; width: number; files: readonly string[] },
  { show = true, terminal }: PresentOptions,
): Promise<Image> {
  const hidden: Terminal = { protocol: undefined, write: () => {} };
  return await showImage(png, { ...details, terminal: show ? terminal : hidden });
}
