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

/** Settings that Python takes as numbers with a point only. */
const POINTED = ["learning_rate", "initial_learning_rate", "momentum", "beta"];

/** Text that Python's `json` reads. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (name, entry) => {
    if (typeof entry !== "number") return entry;
    if (!Number.isFinite(entry)) return `\0${entry}`;
    return POINTED.includes(name) && Number.isInteger(entry) ? `\0${entry}.0` : entry;
  });
  return text.replace(/"\\u0000(NaN|-?Infinity|-?\d+\.0)"/g, "$1");
}
