/**
 * Text and JSON out of files that anybody may have written: read within bounds, and shown short.
 * @module
 */

/** Brackets inside brackets that a file's JSON may have. */
const DEEPEST = 64;

/** What {@linkcode parseUntrustedJson} may be told. */
export interface JsonBounds {
  /** Most objects and lists together, 1,000,000 unless given. */
  readonly containers?: number;
}

/**
 * JSON from a file. Refused is what `JSON.parse` lets pass and what then harms: brackets nested so deep that a recursion over them
 * runs out of stack, objects without number, a key that stands twice (of which one value is lost silently) and the key `__proto__`.
 *
 * @throws {Error} saying what is wrong and at which character; never longer than a line
 *
 * @example
 * ```ts
 * import { parseUntrustedJson } from "./untrusted.ts";
 * console.log(parseUntrustedJson('{"a": [1]}')); // { a: [1] }
 * ```
 */
export function parseUntrustedJson(text: string, { containers = 1_000_000 }: JsonBounds = {}) {
  let value: unknown;
  scan(text, containers);
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is no JSON (${shortMessage(error, 120)})`);
  }
  return value;
}

/** Goes through the brackets and keys of a text, whether or not it is valid JSON elsewhere. */
function scan(text: string, containers: number): void {
  /** The keys so far of each open object; null for a list. */
  const open: (Set<string> | null)[] = [];
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: // [
        if (++count > containers) throw new Error(`it has more than ${containers} objects`);
        if (open.length === DEEPEST) {
          throw new Error(`it is nested more than ${DEEPEST} deep at character ${i}`);
        }
        open.push(text.charCodeAt(i) === 0x7b ? new Set() : null);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        break;
      case 0x22: { // "
        const end = endOfString(text, i);
        const keys = open.at(-1);
        if (keys && isColonNext(text, end)) addKey(keys, text.slice(i, end), i);
        i = end - 1;
      }
    }
  }
}

function addKey(keys: Set<string>, quoted: string, at: number): void {
  let key = quoted.slice(1, -1);
  if (key.includes("\\")) {
    try {
      key = JSON.parse(quoted);
    } catch {
      // JSON.parse says what is wrong with it.
    }
  }
  if (key === "__proto__") throw new Error(`it has a field __proto__ at character ${at}`);
  if (keys.has(key)) throw new Error(`it has ${shortText(key)} twice, again at character ${at}`);
  keys.add(key);
}

/** Index behind the closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length) {
    const quote = text.indexOf('"', i);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    i = quote + 1;
  }
  return text.length;
}

function isColonNext(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) return true;
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return false;
  }
  return false;
}

/** What moves a cursor, changes colours or turns the direction of writing: control characters, separators, bidi marks. */
const UNSEEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A text on one line in which nothing is hidden: control characters and bidi marks as `\u001b`. */
export function visibleText(text: string): string {
  return text.toWellFormed().replace(
    UNSEEN,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * A value out of a file as a message shows it: as JSON, on one line, cut in the middle where it is long.
 *
 * @param most characters
 */
export function shortText(value: unknown, most = 60): string {
  // Before it is written as JSON: a value from a file can be as long as the file.
  const cut = typeof value === "string" && value.length > 4 * most
    ? value.slice(0, 2 * most) + value.slice(-2 * most)
    : value;
  const json = visibleText(JSON.stringify(cut) ?? String(value));
  return json.length <= most ? json : `${json.slice(0, most / 2)}...${json.slice(-most / 2 + 3)}`;
}

/** Items as a message lists them: the first few, and how many more there are. */
export function shortList(items: readonly string[], separator = ", ", most = 4): string {
  const shown = items.slice(0, most).join(separator);
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

/** What an error says, cut to a line's length: libraries quote whole inputs in their messages. */
export function shortMessage(error: unknown, most = 160): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const line = visibleText(text.slice(0, 4 * most).split("\n")[0]);
  return line.length <= most ? line : `${line.slice(0, most - 3)}...`;
}
