/**
 * What part of an axis a chart shows.
 * @module
 */

/** A value and the ends of its interval, where there is one. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** How far beyond the values an interval may widen the frame, in widths of the values' range. */
const MOST = 0.75;

/**
 * The ends of an axis that shows all values, and their intervals as far as these do not dwarf them: that of two seeds
 * can be a hundred times as wide as what they differ by.
 *
 * @param within what the values cannot go beyond
 */
export function frameOf(
  estimates: readonly Estimate[],
  within: readonly [number, number] = [-Infinity, Infinity],
): [number, number] {
  const values = estimates.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = most - least || Math.abs(most) * 0.1 || 1;
  const low = Math.min(...estimates.map(({ value, low }) => low ?? value));
  const high = Math.max(...estimates.map(({ value, high }) => high ?? value));
  const edge = range * 0.08;
  return [
    Math.max(within[0], Math.max(low, least - MOST * range) - edge),
    Math.min(within[1], Math.min(high, most + MOST * range) + edge),
  ];
}

/** An interval as far as it lies in the frame, and whether it goes on beyond it. */
export function cutTo<T extends Estimate>(
  estimate: T,
  [least, most]: readonly [number, number],
): T {
  const { low, high } = estimate;
  if (low === null || high === null) return estimate;
  return { ...estimate, low: Math.max(low, least), high: Math.min(high, most) };
}

/** Whether an interval reaches beyond the frame. */
export function isCut(estimates: readonly Estimate[], [least, most]: readonly [number, number]) {
  return estimates.some(({ low, high }) => (low ?? least) < least || (high ?? most) > most);
}
