/** Arguments one by one where a list is meant. @module */
/** Values that stand one by one where a list is meant: `f(a, b, options)` as `f([a, b], options)`. */
export function gatherLeading(
  given: readonly unknown[],
  belongs: (value: unknown) => boolean,
): readonly unknown[] {
  const end = given.findIndex((value) => !belongs(value));
  const count = end < 0 ? given.length : end;
  return count === 0 ? given : [given.slice(0, count), ...given.slice(count)];
}
