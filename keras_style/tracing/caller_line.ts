/**
 * The line of a user's function that led to an error.
 * @module
 */

const own = new URL("../", import.meta.url).href;

/** Such as ` at file:///home/me/model.ts:12:5`; nothing where the stack does not tell. */
export function callerLine(): string {
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  const places = frames.map((frame) =>
    /\(?((?:file|https?|data|blob):.+:\d+:\d+)\)?$/.exec(frame)?.[1]
  );
  const line = places.find((place) =>
    place && !place.startsWith(own) && !place.includes("/node_modules/")
  );
  return line ? ` at ${line}` : "";
}
