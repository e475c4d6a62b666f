/**
 * What becomes of a picture that was drawn: files, and the screen.
 * @module
 */
import { type Picture, showPicture, type Terminal } from "../../pictures/mod.ts";

/** Options of everything that shows a picture. */
export interface PresentOptions {
  /** Whether it is also shown, in a notebook or in a terminal that takes pictures; true unless given. */
  readonly show?: boolean;
  /** Where it is shown; the standard output unless given. */
  readonly terminal?: Terminal;
}

/** Shows a picture that was written, where that is wanted and possible. */
export async function present(
  png: Uint8Array<ArrayBuffer>,
  details: { name: string; width: number; files: readonly string[] },
  { show = true, terminal }: PresentOptions,
): Promise<Picture> {
  const hidden: Terminal = { protocol: undefined, write: () => {} };
  return await showPicture(png, { ...details, terminal: show ? terminal : hidden });
}
