/**
 * Values as the tables behind the charts write them.
 * @module
 */
import type { Estimate } from "./frame.ts";

/** What stands for a figure that was not measured. */
export const none = "–";

/** A share of 1 in percent. */
export function percent(share: number, digits = 1): string {
  return `${share < 0 ? "−" : ""}${Math.abs(share * 100).toFixed(digits)} %`;
}

/** Seconds, as many digits as tell something. */
export function seconds(value: number): string {
  return `${decimal(value)} s`;
}

/** Milliseconds. */
export function milliseconds(value: number): string {
  return `${decimal(value)} ms`;
}

function decimal(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? "−" : ""}${size.toFixed(size < 10 ? 2 : 1)}`;
}

/** A difference of two shares in percentage points, with its sign. */
export function points(difference: number): string {
  const text = Math.abs(difference * 100).toFixed(1);
  return `${difference < 0 ? "−" : "+"}${text}`;
}

/** The ends of an interval. */
export function interval(
  { low, high }: Pick<Estimate, "low" | "high">,
  format: (value: number) => string,
): string {
  return low === null || high === null ? none : `${format(low)} to ${format(high)}`;
}

/** Whether a report's field holds a number that can be drawn. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
