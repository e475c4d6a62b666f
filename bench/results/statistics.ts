/**
 * What several runs of the same thing say about its mean.
 * @module
 */
import jStat from "jstat";
import { mean, sampleStandardDeviation } from "simple-statistics";

/** Mean and 95 % interval over seeds. */
export interface MeanInterval {
  /** How many values. */
  count: number;
  mean: number;
  /** Of the sample (n - 1); null for a single value. */
  standardDeviation: number | null;
  /** Ends of the 95 % interval of the mean, by Student's t; null for a single value. */
  low: number | null;
  high: number | null;
}

/** Probability that an interval covers what it is about. */
export const CONFIDENCE = 0.95;

/**
 * Sums up values.
 *
 * @returns null when there are none
 *
 * @example
 * ```ts
 * import { meanInterval } from "./statistics.ts";
 * meanInterval([1, 2, 3])?.mean; // 2
 * ```
 */
export function meanInterval(values: readonly number[]): MeanInterval | null {
  if (values.length === 0) return null;
  const sample = [...values];
  const center = mean(sample);
  const single = { standardDeviation: null, low: null, high: null };
  if (sample.length === 1) return { count: 1, mean: center, ...single };
  const standardDeviation = sampleStandardDeviation(sample);
  const half = halfWidth(standardDeviation, sample.length);
  return {
    count: sample.length,
    mean: center,
    standardDeviation,
    low: center - half,
    high: center + half,
  };
}

function halfWidth(standardDeviation: number, count: number): number {
  const quantile = jStat.studentt.inv(1 - (1 - CONFIDENCE) / 2, count - 1) as number;
  return quantile * standardDeviation / Math.sqrt(count);
}

/** The outcome of a paired t-test. */
export interface PairedTest {
  /** Mean of the differences, first less second, with its interval. */
  difference: MeanInterval;
  /** Two-sided p-value that the means are equal; null for a single pair. */
  p: number | null;
  /** Whether the 95 % interval leaves out 0. */
  significant: boolean;
}

/**
 * Student's test of pairs: two styles trained from the same seed are one pair.
 *
 * @param first values in the order of `second`
 * @returns null when there are no pairs
 * @throws {RangeError} if there are more of the one than of the other
 */
export function pairedTest(first: readonly number[], second: readonly number[]): PairedTest | null {
  if (first.length !== second.length) {
    throw new RangeError(`pairedTest: ${first.length} values against ${second.length}`);
  }
  const difference = meanInterval(first.map((value, i) => value - second[i]));
  if (difference === null) return null;
  const { low, high, mean, standardDeviation, count } = difference;
  if (low === null || high === null) return { difference, p: null, significant: false };
  return {
    difference,
    p: probability(mean, standardDeviation!, count),
    significant: low > 0 || high < 0,
  };
}

function probability(mean: number, standardDeviation: number, count: number): number {
  if (standardDeviation === 0) return mean === 0 ? 1 : 0;
  const t = Math.abs(mean) / (standardDeviation / Math.sqrt(count));
  return 2 * (1 - jStat.studentt.cdf(t, count - 1) as number);
}

/**
 * The 95 % interval of the difference of two means, second less first, whose values are not paired (Welch's).
 *
 * @returns null unless both have two values or more
 */
export function welchInterval(
  first: MeanInterval,
  second: MeanInterval,
): { low: number; high: number } | null {
  if (first.standardDeviation === null || second.standardDeviation === null) return null;
  const [a, b] = [first, second].map(({ standardDeviation, count }) =>
    standardDeviation! ** 2 / count
  );
  const difference = second.mean - first.mean;
  if (a + b === 0) return { low: difference, high: difference };
  const freedom = (a + b) ** 2 / (a ** 2 / (first.count - 1) + b ** 2 / (second.count - 1));
  const quantile = jStat.studentt.inv(1 - (1 - CONFIDENCE) / 2, freedom) as number;
  const half = quantile * Math.sqrt(a + b);
  return { low: difference - half, high: difference + half };
}

/**
 * How far one more value may lie from the mean of earlier ones at 95 % (Student's prediction interval).
 *
 * @returns null for fewer than three values
 */
export function predictionHalfWidth(values: readonly number[]): number | null {
  if (values.length < 3) return null;
  const sample = [...values];
  const quantile = jStat.studentt.inv(1 - (1 - CONFIDENCE) / 2, sample.length - 1) as number;
  return quantile * sampleStandardDeviation(sample) * Math.sqrt(1 + 1 / sample.length);
}
