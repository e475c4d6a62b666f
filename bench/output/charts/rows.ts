/**
 * Horizontal bars with their names above them, so that long names take no width from the bars.
 * @module
 */
import type { Theme } from "../../../plotting/mod.ts";
import { cutTo, type Estimate } from "./frame.ts";

/** Width of the bars' plot: there is no axis at its left. */
export const ROW_WIDTH = 290;
/** Height of a row: a line of text and a bar. */
export const ROW_HEIGHT = 50;
/** The bar's own. */
const BAR_HEIGHT = 12;
/** From the middle of a row down to the middle of its bar, and up to that of its text. */
export const DOWN = 4;
const UP = 13;
/** From the middle of a row down to its interval, below the bar. */
export const INTERVAL_DOWN = DOWN + BAR_HEIGHT / 2 + 5;

/** The rows' place; the order of the names is that from top to bottom. */
export function rowPlace(names: readonly string[]) {
  return {
    field: "configuration",
    type: "nominal" as const,
    scale: { domain: [...names], paddingInner: 0, paddingOuter: 0 },
    axis: null,
  };
}

/** The names above the bars, at the left edge, and at the right edge what they come to. */
export function rowTexts(
  rows: readonly { configuration: string; name: string; figure: string }[],
  theme: Theme,
) {
  const text = { type: "text" as const, baseline: "middle" as const, yOffset: -UP, fontSize: 11.5 };
  return [
    {
      data: { values: [...rows] },
      mark: { ...text, align: "left" as const, color: theme.ink, limit: 215 },
      encoding: { x: { value: 0 }, text: { field: "name" } },
    },
    {
      data: { values: [...rows] },
      mark: {
        ...text,
        align: "right" as const,
        color: theme.ink,
        fontWeight: 600 as const,
        limit: ROW_WIDTH,
      },
      encoding: { x: { value: "width" as const }, text: { field: "figure" } },
    },
  ];
}

/** How a bar stands in its row. */
export const barMark = { type: "bar" as const, height: BAR_HEIGHT, yOffset: DOWN };

/** Intervals below the bars as far as they lie in the frame: a line, with ends where it is not cut off. */
export function intervalMarks(
  estimates: readonly (Estimate & { configuration: string })[],
  frame: readonly [number, number],
  theme: Theme,
) {
  const values = estimates.filter(({ low }) => low !== null);
  const end = (field: "low" | "high") => ({
    data: {
      values: values.filter((estimate) =>
        estimate[field]! >= frame[0] && estimate[field]! <= frame[1]
      ),
    },
    mark: {
      type: "tick" as const,
      yOffset: INTERVAL_DOWN,
      height: 7,
      thickness: 1.5,
      color: theme.ink,
    },
    encoding: { x: { field, type: "quantitative" as const } },
  });
  return [
    {
      data: { values: values.map((estimate) => cutTo(estimate, frame)) },
      mark: {
        type: "rule" as const,
        yOffset: INTERVAL_DOWN,
        strokeWidth: 1.5,
        color: theme.ink,
      },
      encoding: { x: { field: "low", type: "quantitative" as const }, x2: { field: "high" } },
    },
    end("low"),
    end("high"),
  ];
}
