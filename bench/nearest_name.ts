/**
 * What a misspelt name probably means.
 * @module
 */
import { closest, distance } from "fastest-levenshtein";

/** `; did you mean X?` where X is close; else nothing. */
export function suggest(name: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const nearest = closest(name, [...names]);
  return distance(name, nearest) <= 3 ? `; did you mean ${nearest}?` : "";
}
