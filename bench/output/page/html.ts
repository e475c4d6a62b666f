/**
 * HTML as text: whatever is put into a template is escaped, unless it is HTML already.
 * @module
 */
import { escapeXml } from "../../../plotting/mod.ts";
import { visibleLines } from "../escape.ts";

/** Text that is HTML. Made by {@linkcode html} only, and by {@linkcode trusted} for what our own code drew. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template; null and undefined are nothing, lists are joined. */
export type Part = Html | string | number | null | undefined | readonly Part[];

/**
 * A template whose parts are escaped: words stay words, whoever wrote them.
 *
 * @example
 * ```ts
 * import { html } from "./html.ts";
 * console.log(html`<p title="${'"'}">${"<b>"}</p>`.text); // <p title="&quot;">&lt;b&gt;</p>
 * ```
 */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((text, i) => i === 0 ? text : written(parts[i - 1]) + text).join(""));
}

/** Takes text as HTML: only for what our own code wrote and escaped, such as drawn charts. */
export function trusted(text: string): Html {
  return new Html(text);
}

function written(part: Part): string {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(written).join("");
  return escapeXml(visibleLines(String(part))).replaceAll("'", "&#39;");
}
