/**
 * Summaries of measured times.
 *
 * @module
 */
import { mean, median, quantile } from "simple-statistics";

/** A summary of the steps' times, in milliseconds. */
export interface TimeSummary {
  median: number;
  /** 95th percentile, interpolated linearly between the two nearest samples. */
  p95: number;
  mean: number;
  /** How many samples there were. */
  count: number;
}

/**
 * Summarises times.
 *
 * @param milliseconds in any order; not changed
 * @returns null when there are none
 *
 * @example
 * ```ts
 * summarizeTimes([3, 1, 2])?.median; // 2
 * summarizeTimes([]); // null
 * ```
 */
export function summarizeTimes(milliseconds: readonly number[]): TimeSummary | null {
  if (milliseconds.length === 0) return null;
  const samples = [...milliseconds];
  return {
    median: median(samples),
    p95: quantile(samples, 0.95),
    mean: mean(samples),
    count: samples.length,
  };
}
