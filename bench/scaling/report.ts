/**
 * What the growth of a network costs: figures, and the exponents that fit them.
 * @module
 */
import { linearRegression, linearRegressionLine, rSquared } from "simple-statistics";
import type { Environment } from "../results/environment.ts";
import type { ScalingAxis, ScalingFigures, ScalingPoint, ScalingStyle } from "./points.ts";

/** A point of an axis in a style. */
export interface ScalingRow {
  readonly axis: ScalingAxis;
  readonly style: ScalingStyle;
  readonly point: ScalingPoint;
  readonly figures: ScalingFigures | null;
  /** Why there are no figures; null where there are. */
  readonly error: string | null;
}

/** The whole measurement, as `scaling.json` holds it. */
export interface ScalingReport {
  readonly schemaVersion: 1;
  readonly experiment: "scaling";
  readonly command: string;
  readonly environment: Environment;
  readonly rows: readonly ScalingRow[];
}

/** The figures that are fitted, and what they are called. */
export const FITTED = {
  stepMs: "step, ms",
  compileMs: "compiling, ms",
  peakMiB: "peak memory, MiB",
} as const satisfies Partial<Record<keyof ScalingFigures, string>>;

/** One of them. */
export type FittedFigure = keyof typeof FITTED;

/** `figure = factor * size ^ exponent`, by least squares of the logarithms. */
export interface Fit {
  readonly axis: ScalingAxis;
  readonly style: ScalingStyle;
  readonly figure: FittedFigure;
  readonly exponent: number;
  readonly factor: number;
  /** Share of the logarithms' variance that the line explains. */
  readonly rSquared: number;
}

/**
 * Fits a power.
 *
 * @param pairs of sizes and figures, all above 0
 * @returns null for fewer than two sizes
 *
 * @example
 * ```ts
 * fitPower([[1, 3], [2, 12], [4, 48]])?.exponent; // 2
 * ```
 */
export function fitPower(
  pairs: readonly (readonly [size: number, figure: number])[],
): Pick<Fit, "exponent" | "factor" | "rSquared"> | null {
  if (new Set(pairs.map(([size]) => size)).size < 2) return null;
  const logarithms = pairs.map((pair) => pair.map(Math.log) as [number, number]);
  const line = linearRegression(logarithms);
  return {
    exponent: line.m,
    factor: Math.exp(line.b),
    rSquared: rSquared(logarithms, linearRegressionLine(line)),
  };
}

/** All fits that a report's rows allow. */
export function fitsOf(rows: readonly ScalingRow[]): Fit[] {
  const groups = Map.groupBy(rows, ({ axis, style }) => `${axis} ${style}`);
  return [...groups.values()].flatMap((group) => {
    const [{ axis, style }] = group;
    return (Object.keys(FITTED) as FittedFigure[]).flatMap((figure) => {
      const pairs = group.flatMap(({ point, figures }) =>
        figures ? [[point[axis], figures[figure]] as const] : []
      );
      const fit = fitPower(pairs);
      return fit ? [{ axis, style, figure, ...fit }] : [];
    });
  });
}
