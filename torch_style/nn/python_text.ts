/**
 * Values written as Python writes them: modules print as they do in PyTorch.
 * @module
 */

/** A floating point number: `1.0`, `0.1`, `1e-05`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split("e");
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `True` or `False`. */
export function boolText(value: boolean): string {
  return value ? "True" : "False";
}

/** `(1,)`, `(1, 2)`; null is `None`. */
export function tupleText(values: readonly (number | null)[]): string {
  const items = values.map((value) => value ?? "None");
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}

/** A number as it is, several as a tuple. */
export function dimensionsText(value: number | readonly (number | null)[]): string {
  return typeof value === "number" ? String(value) : tupleText(value);
}

/**
 * A module as PyTorch prints it: what it is made with on one line, what is inside it one line each.
 *
 * @param inside printed submodules by name
 */
export function moduleText(
  name: string,
  extra: string,
  inside: readonly (readonly [name: string, text: string])[],
): string {
  const lines = extra === "" ? [] : extra.split("\n");
  if (inside.length === 0 && lines.length <= 1) return `${name}(${extra})`;
  for (const [key, text] of inside) lines.push(`(${key}): ${text.replaceAll("\n", "\n  ")}`);
  return `${name}(\n  ${lines.join("\n  ")}\n)`;
}
