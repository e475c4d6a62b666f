/**
 * File names with places for values, in Python's notation: `epoch_{epoch:02d}_{val_loss:.2f}`.
 * @module
 */
import { formatNumber } from "../number_text.ts";
import type { Logs } from "./callback.ts";
import { findLog } from "./named_log.ts";

/** A brace that stands for itself, a place, or a brace that is none of either. */
const PLACE = /\{\{|\}\}|\{([^{}:!]+)(?::([^{}]*))?\}|[{}]/g;

/** Values that are integers in Python; all others are floats. */
const COUNTS = ["epoch", "batch"];

/**
 * Puts values into a file name.
 *
 * @param pattern with `{name}`, `{name:03d}`, `{name:.2f}` or any format of Python's where values belong; `{{` is a brace
 * @throws {Error} for a name the values have not, or a format there is not
 *
 * @example
 * ```ts
 * import { fillFileName } from "./file_name.ts";
 * console.log(fillFileName("{epoch:02d}-{val_loss:.2f}.safetensors", { epoch: 3, val_loss: 0.456 })); // 03-0.46...
 * ```
 */
export function fillFileName(pattern: string, values: Logs): string {
  return filled(pattern, (place, name) => {
    const value = findLog(values, name);
    if (value !== undefined) return value;
    throw new Error(
      `ModelCheckpoint: filepath is "${pattern}" with ${place}, expected one of ` +
        Object.keys(values).join(", "),
    );
  });
}

/** Throws for a format that there is not, or a brace that belongs to no place. */
export function checkFileName(pattern: string): void {
  filled(pattern, () => 1);
}

function filled(pattern: string, valueOf: (place: string, name: string) => number): string {
  return pattern.replace(PLACE, (place, name: string | undefined, format: string | undefined) => {
    if (place === "{{" || place === "}}") return place[0];
    if (name === undefined) {
      throw new Error(
        `ModelCheckpoint: filepath is "${pattern}" with a lone ${place}, expected places such as {epoch:02d} ` +
          `(and ${place}${place} for the sign itself)`,
      );
    }
    const text = formatNumber(valueOf(place, name), format ?? "", COUNTS.includes(name));
    if (text !== undefined) return text;
    throw new Error(
      `ModelCheckpoint: filepath has ${place}, expected a format such as ${
        COUNTS.includes(name) ? "02d" : ".2f or .3e"
      }`,
    );
  });
}
