/**
 * JSON as Python writes it: with NaN and infinities.
 * @module
 */

import { parseUntrustedJson } from "../../onnx/mod.ts";

/** @throws {Error} for text that is no JSON, or is too deep or too large; see {@linkcode parseUntrustedJson} */
export function parseJson(text: string): unknown {
  const plain = text.replace(
    /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g,
    (token) => token === "NaN" ? "null" : token.replace(/^(-?)Infinity$/, "$11e999"),
  );
  return parseUntrustedJson(plain);
}

/** Text that Python's `json` reads. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, entry) => typeof entry === "number" && !Number.isFinite(entry) ? `\0${entry}` : entry,
  );
  return text.replace(/"\\u0000(NaN|-?Infinity)"/g, "$1");
}
