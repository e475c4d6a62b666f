/**
 * File names with indices for values, in Python's notation: `epoch_{epoch:02d}_{val_loss:.2f}`.
 * @module
 */
import type { Logs } from "./callback.ts";
import { findLog } from "./named_log.ts";

const PLACE = /\{(\w+)(?::([^{}]*))?\}/g;
const FORMAT = /^(0?)(\d*)(?:\.(\d+))?([dfe]?)$/;

/**
 * Puts values into a file name.
 *
 * @param pattern with `{name}`, `{name:03d}`, `{name:.2f}` or `{name:.3e}` where values belong
 * @throws {Error} for a name the values have not, or a format there is not
 *
 * @example
 * ```ts
 * import { fillFileName } from "./file_name.ts";
 * console.log(fillFileName("{epoch:02d}-{val_loss:.2f}.safetensors", { epoch: 3, val_loss: 0.456 })); // 03-0.46...
 * ```
 */
export function fillFileName(pattern: string, values: Logs): string {
  return pattern.replace(PLACE, (place, name: string, format: string | undefined) => {
    const value = findLog(values, name);
    if (value === undefined) {
      throw new Error(
        `ModelCheckpoint: filepath is "${pattern}" with ${place}, expected one of ` +
          Object.keys(values).join(", "),
      );
    }
    return formatNumber(value, format ?? "", place);
  });
}

/** Throws for a format that there is not. */
export function checkFileName(pattern: string): void {
  for (const [place, , format] of pattern.matchAll(PLACE)) formatNumber(1, format ?? "", place);
}

function formatNumber(value: number, format: string, place: string): string {
  const [, zero, width, digits, type] = FORMAT.exec(format) ?? [];
  if (type === undefined || (type === "d" && digits !== undefined)) {
    throw new Error(
      `ModelCheckpoint: filepath has ${place}, expected a format such as 02d, .2f or .3e`,
    );
  }
  const text = type === "d"
    ? String(Math.trunc(value))
    : type === "f"
    ? value.toFixed(Number(digits ?? 6))
    : type === "e"
    ? value.toExponential(Number(digits ?? 6)).replace(/e([+-])(\d)$/, "e$10$2")
    : digits === undefined
    ? String(value)
    : value.toPrecision(Number(digits));
  return text.padStart(Number(width), zero || " ");
}
