/**
 * What each single change costs, step by step.
 * @module
 */
import { type Step, stepsOf } from "../../results/steps.ts";
import type { Report } from "../../results/report.ts";
import type { Chart } from "./chart.ts";
import { type Estimate, frameOf, isCut } from "./frame.ts";
import { interval, none, percent, points } from "./numbers.ts";
import {
  barMark,
  DOWN,
  INTERVAL_DOWN,
  intervalMarks,
  ROW_HEIGHT,
  ROW_WIDTH,
  rowPlace,
  rowTexts,
} from "./rows.ts";

/** A step as it is drawn. */
interface Row extends Estimate {
  readonly configuration: string;
  readonly name: string;
  readonly figure: string;
  /** The accuracy of the step before; null for the first. */
  readonly before: number | null;
  readonly way: "gain" | "loss" | null;
}

/** The waterfall, of a report in steps that has results. */
export function stepWaterfall(report: Report): Chart[] {
  if (report.experiment.table !== "steps") return [];
  const steps = stepsOf(report);
  if (steps.length === 0) return [];
  const rows = steps.map((step) => rowOf(step));
  const frame = frameOf(rows, [0, 1]);
  const hasIntervals = rows.some(({ low }) => low !== null);
  return [{
    name: "steps",
    title: "What each difference costs",
    description: `Waterfall chart. Test accuracy ${
      steps.map((step, i) => `${titleOf(step)}: ${rows[i].figure}`).join("; ")
    }.`,
    caption:
      "From above downwards: each row keeps the changes of those above and makes one more. " +
      "Bars: the change of test accuracy in percentage points; diamonds: the accuracy" +
      (hasIntervals
        ? " with its 95 % interval" + (isCut(rows, frame) ? ", cut off at the frame." : ".")
        : "."),
    table: {
      head: ["changed", "accuracy, %", "95 % interval", "change, points", "95 % interval"],
      rows: steps.map(({ title, accuracy, change }) => [
        title,
        plain(accuracy.mean),
        interval(accuracy, plain),
        change === null ? none : points(change.value),
        change === null ? none : interval(change, points),
      ]),
    },
    spec: (theme) => ({
      width: ROW_WIDTH,
      height: ROW_HEIGHT * rows.length,
      encoding: {
        y: rowPlace(rows.map(({ configuration }) => configuration)),
        x: {
          type: "quantitative",
          scale: { domain: frame, nice: false, zero: false },
          axis: { title: "test accuracy", format: ".0%", tickCount: 6, grid: true },
        },
      },
      layer: [
        {
          // From the bar above down to the own.
          data: { values: rows.filter(({ before }) => before !== null) },
          mark: {
            type: "tick",
            height: ROW_HEIGHT,
            yOffset: DOWN - ROW_HEIGHT / 2,
            thickness: 1,
            color: theme.faint,
            opacity: 0.6,
          },
          encoding: { x: { field: "before", type: "quantitative" } },
        },
        {
          data: { values: rows.filter(({ before }) => before !== null) },
          mark: barMark,
          encoding: {
            x: { field: "before", type: "quantitative" },
            x2: { field: "value" },
            color: {
              field: "way",
              type: "nominal",
              scale: { domain: ["gain", "loss"], range: [theme.series[0], theme.series[1]] },
              legend: { orient: "bottom", title: null, symbolType: "square" },
            },
          },
        },
        ...intervalMarks(rows, frame, theme),
        {
          data: { values: rows },
          mark: {
            type: "point",
            shape: "diamond",
            filled: true,
            size: 60,
            opacity: 1,
            yOffset: hasIntervals ? INTERVAL_DOWN : DOWN,
            color: theme.ink,
          },
          encoding: { x: { field: "value", type: "quantitative" } },
        },
        ...rowTexts(rows, theme),
      ],
    }),
  }];
}

/** In percent, as the head of its column says. */
function plain(share: number): string {
  return `${share < 0 ? "−" : ""}${Math.abs(share * 100).toFixed(1)}`;
}

/** Characters of a title that fit a row of a phone's width. */
const MOST_CHARACTERS = 30;

/** The title up to its first explanation, short enough for a row. */
function titleOf({ title }: Step): string {
  const [short] = title.split(/[:;(]|, (?:not|which)\b/);
  return short.length <= MOST_CHARACTERS ? short.trim() : `${short.slice(0, MOST_CHARACTERS - 1)}…`;
}

function rowOf(step: Step): Row {
  const { mean: value, low, high } = step.accuracy;
  const change = step.change?.value ?? null;
  return {
    configuration: step.name,
    name: titleOf(step),
    figure: percent(value) + (change === null ? "" : ` (${points(change)})`),
    value,
    low,
    high,
    before: change === null ? null : value - change,
    way: change === null ? null : change < 0 ? "loss" : "gain",
  };
}
