/**
 * SVG as text.
 * @module
 */

/** Attributes of an element; those that are undefined are left out. */
export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** Text as it may stand between tags or in an attribute; what XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/**
 * An element with what is in it, as text. Values are rounded to hundredths.
 *
 * @param content elements, already as text; use {@linkcode escapeXml} for words
 *
 * @example
 * ```ts
 * import { element, escapeXml } from "./mod.ts";
 * console.log(element("text", { x: 4, y: 12 }, escapeXml("a < b"))); // <text x="4" y="12">a &lt; b</text>
 * ```
 */
export function element(
  name: string,
  attributes: SvgAttributes,
  content: string | readonly string[] = "",
): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(attributeText(value))}"`]
  ).join("");
  const inside = typeof content === "string" ? content : content.join("");
  return inside === "" ? `<${name}${list}/>` : `<${name}${list}>${inside}</${name}>`;
}

function attributeText(value: string | number): string {
  return typeof value === "string" ? value : String(Math.round(value * 100) / 100);
}

/** A whole document with an accessible name. */
export function svgDocument(
  { width, height, name }: { width: number; height: number; name: string },
  content: readonly string[],
): string {
  const size = { width, height, viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}` };
  const svg = { xmlns: "http://www.w3.org/2000/svg", role: "img", "aria-label": name, ...size };
  return element("svg", svg, content) + "\n";
}
