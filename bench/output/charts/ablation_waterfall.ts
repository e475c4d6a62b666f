/**
 * The ladder: what each difference between the published variants costs.
 * @module
 */
import { type LadderStep, ladderSteps } from "../../results/ablation_steps.ts";
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
  readonly group: string;
  readonly name: string;
  readonly figure: string;
  /** The accuracy of the step before; null for the first. */
  readonly before: number | null;
  readonly way: "gain" | "loss" | null;
}

/** The waterfall, of a ladder that has results. */
export function ladderWaterfall(report: Report): Chart[] {
  if (report.command !== "ladder") return [];
  const steps = ladderSteps(report);
  if (steps.length === 0) return [];
  const rows = steps.map((step, i) => rowOf(step, i === 0 ? null : steps[i - 1]));
  const frame = frameOf(rows, [0, 1]);
  const hasIntervals = rows.some(({ low }) => low !== null);
  return [{
    name: "ladder",
    title: "What each difference costs",
    description: `Waterfall chart. Test accuracy ${
      steps.map((step, i) => `${titleOf(step)}: ${rows[i].figure}`).join("; ")
    }.`,
    caption:
      "From the published PyTorch variant down to the Keras variant: each row takes one more " +
      "difference away. Bars: the change of test accuracy in percentage points; diamonds: the accuracy" +
      (hasIntervals
        ? " with its 95 % interval" + (isCut(rows, frame) ? ", cut off at the frame." : ".")
        : "."),
    table: {
      head: ["taken away", "accuracy, %", "95 % interval", "change, points", "95 % interval"],
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
        y: rowPlace(rows.map(({ group }) => group)),
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

/** Short enough for a row of a phone's width. */
const shortTitles: Readonly<Record<string, string>> = {
  "published": "PyTorch as published",
  "one-softmax": "no softmax before the loss",
  "dropout-in-training-only": "dropout in training only",
  "keras-rmsprop": "RMSprop with Keras' constants",
  "keras-initialization": "Keras' initialization",
  "keras-input-range": "images in [0, 1]",
  "keras": "the Keras variant itself",
};

/** In percent, as the head of its column says. */
function plain(share: number): string {
  return `${share < 0 ? "−" : ""}${Math.abs(share * 100).toFixed(1)}`;
}

function titleOf({ name, title }: LadderStep): string {
  return shortTitles[name.replace("torch/", "")] ?? title;
}

function rowOf(step: LadderStep, before: LadderStep | null): Row {
  const { mean: value, low, high } = step.accuracy;
  const change = before === null ? null : value - before.accuracy.mean;
  return {
    group: step.name,
    name: titleOf(step),
    figure: percent(value) + (change === null ? "" : ` (${points(change)})`),
    value,
    low,
    high,
    before: before?.accuracy.mean ?? null,
    way: change === null ? null : change < 0 ? "loss" : "gain",
  };
}
