/**
 * Text that anybody may have written, made fit for the place where it is shown: a function a place. (A page's is `html` in
 * `page/html.ts`, a drawing's {@linkcode escapeXml}.) Whatever is read from a report goes through one of them.
 * @module
 */
import { visibleText } from "../../onnx/mod.ts";

/** Makes a text fit for one place. */
export type Escape = (text: string) => string;

/** Lines in which nothing is hidden and nothing moves the cursor; the ends of lines stay. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visibleText).join("\n");
}

/**
 * One line of a terminal: no escape codes, no bidi marks, and nothing at its beginning that the log of a CI job takes for
 * a command (`::add-mask::`, `##[group]`).
 *
 * @example
 * ```ts
 * import { terminalText } from "./escape.ts";
 * console.log(terminalText("::error::\u001b[2J")); // \u003a:error::\u001b[2J
 * ```
 */
export function terminalText(text: string): string {
  return visibleText(text).replace(
    /^(\s*)([:#])(?=[:#])/,
    (_, space, sign) => `${space}\\u00${sign.charCodeAt(0).toString(16)}`,
  );
}

/** {@linkcode terminalText} line by line. */
export function terminalLines(text: string): string {
  return text.split("\n").map(terminalText).join("\n");
}

/** A value as JSON for a terminal: still the same JSON, without characters that a terminal acts on. */
export function terminalJson(value: unknown): string {
  return visibleText(JSON.stringify(value));
}

/**
 * Words inside GitHub's Markdown: no headings, lists, tables, code, emphasis, images, links or HTML come of them.
 * Source: https://github.github.com/gfm/#backslash-escapes and #autolinks-extension-
 *
 * @example
 * ```ts
 * import { markdownText } from "./escape.ts";
 * console.log(markdownText("# ![x](https://example.org) snake_case")); // \# \!\[x\](https\://example.org) snake_case
 * ```
 */
export function markdownText(text: string): string {
  return visibleText(text)
    .replace(/[\\`*[\]<>|~!&$]/g, "\\$&")
    // Inside of a word an underscore means nothing; names are full of them.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    // What would be made a link by itself.
    .replace(/:(?=\/\/)|\b(?<=mailto|xmpp):/gi, "\\:")
    .replace(/www\.(?=\S)/gi, (found) => `${found.slice(0, 3)}\\.`)
    // What means something at the beginning of a line.
    .replace(/^\s+/, "")
    .replace(/^(#|[+=-])/, "\\$1")
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

/** Lines as a block of code in Markdown, which none of them can end. */
export function markdownCode(text: string, language: string): string {
  const runs = visibleLines(text).match(/`{3,}/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${language}\n${visibleLines(text)}\n${fence}`;
}

/** Text in an XML file, before it is escaped there: only characters that XML can hold. */
export function xmlText(text: string): string {
  return visibleLines(text).replace(/[\ufffe\uffff]/g, "\ufffd");
}

/**
 * One argument of a command line as bash, zsh and POSIX shells take it.
 *
 * @example
 * ```ts
 * import { shellWord } from "./escape.ts";
 * console.log(shellWord("it's $HOME")); // 'it'\''s $HOME'
 * ```
 */
export function shellWord(text: string): string {
  const whole = text.toWellFormed();
  if (/^[\w./:,@-][\w./:,@=-]*$/.test(whole)) return whole;
  if (visibleText(whole) === whole) return `'${whole.replaceAll("'", `'\\''`)}'`;
  return `$'${visibleText(whole.replace(/[\\']/g, "\\$&"))}'`;
}
