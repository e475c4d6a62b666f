/**
 * Which code is a user's: the line of a function that led to an error, and who reads a shape.
 * @module
 */

const own = new URL("../", import.meta.url).href;
/** The examples are a user's code. */
const examples = new URL("../examples/", import.meta.url).href;

/** Such as ` at file:///home/me/model.ts:12:5`; nothing where the stack does not tell. */
export function callerLine(): string {
  const line = indices(new Error().stack).find(isUsersCode);
  return line ? ` at ${line}` : "";
}

/** Whether a getter that asks for this is read by a user's code at once, not by way of a library. */
export function isReadByUser(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 4;
  const [reader] = indices(new Error().stack).filter((place) => !place.startsWith(tracing));
  Error.stackTraceLimit = stackTraceLimit;
  return reader !== undefined && isUsersCode(reader);
}

const tracing = new URL("./hidden_dimensions.ts", import.meta.url).href;

/** The indices on a stack but for this file's. */
function indices(stack = ""): string[] {
  return stack.split("\n").flatMap((frame) => {
    const place = /\(?((?:file|https?|data|blob):.+:\d+:\d+)\)?$/.exec(frame)?.[1];
    return place && !place.startsWith(import.meta.url) ? [place] : [];
  });
}

/** Npm packages lie in node_modules, or in Deno's cache under their registry's name. */
function isUsersCode(place: string): boolean {
  if (/\/node_modules\/|\/npm\/registry\./.test(place)) return false;
  return !place.startsWith(own) || place.startsWith(examples);
}
