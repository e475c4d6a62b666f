/**
 * How far the losses of the two idioms are apart, step by step.
 * @module
 */
import type { Report } from "../../results/report.ts";
import { type Chart, PLOT_WIDTH } from "./chart.ts";
import { isNumber } from "./numbers.ts";

/** Zero has no place on a logarithmic axis: what is smaller is drawn here. */
const FLOOR = 1e-9;

/** The chart, of a report of parity mode. */
export function parityLosses({ parity }: Report): Chart[] {
  const steps = (Array.isArray(parity?.steps) ? parity.steps : [])
    .filter(({ step, difference }) => isNumber(step) && isNumber(difference))
    .map(({ step, difference }) => ({ step, difference: Math.abs(difference!) }));
  if (steps.length === 0) return [];
  const tolerance = isNumber(parity?.tolerance) && parity.tolerance > 0 ? parity.tolerance : null;
  const worst = steps.reduce((most, one) => one.difference > most.difference ? one : most);
  const allowed = tolerance === null ? "" : `; ${tolerance.toExponential(0)} is allowed`;
  const drawn = steps.map((one) => ({ ...one, difference: Math.max(one.difference, FLOOR) }));
  const top = Math.max(tolerance ?? 0, worst.difference, FLOOR * 10) * 3;
  return [{
    name: "parity",
    title: "Difference of the losses, step by step",
    description:
      `Line chart on a logarithmic scale. The losses of both idioms over ${steps.length} ` +
      `steps are furthest apart at step ${worst.step}: ${
        worst.difference.toExponential(1)
      }${allowed}.`,
    caption:
      "Absolute difference of the Keras and the PyTorch loss of each training step, on a logarithmic " +
      "scale; the broken line is the tolerance." +
      (steps.some((one) => one.difference < FLOOR)
        ? " What is below 1e-9, also none, is drawn at 1e-9."
        : ""),
    table: {
      head: ["step", "difference"],
      rows: steps.filter(({ step }, i) => i === 0 || i === steps.length - 1 || step % 10 === 0)
        .map(({ step, difference }) => [String(step), difference.toExponential(2)]),
    },
    spec: ({ series, faint }) => ({
      width: PLOT_WIDTH,
      height: 210,
      encoding: {
        y: {
          type: "quantitative",
          scale: {
            type: "log",
            domain: [Math.min(...drawn.map((one) => one.difference)) / 2, top],
          },
          axis: { title: "difference of the losses", format: ".0e", tickCount: 6 },
        },
      },
      layer: [
        {
          data: { values: drawn },
          mark: { type: "line", strokeWidth: 1.5, color: series[0] },
          encoding: {
            x: {
              field: "step",
              type: "quantitative",
              scale: { nice: false },
              axis: { title: "step", grid: false, tickMinStep: 1 },
            },
            y: { field: "difference", type: "quantitative" },
          },
        },
        ...(tolerance === null ? [] : [
          {
            data: { values: [{ tolerance }] },
            mark: { type: "rule" as const, strokeDash: [6, 4], strokeWidth: 1.5, color: series[1] },
            encoding: { y: { field: "tolerance", type: "quantitative" as const } },
          },
          {
            data: { values: [{ tolerance, text: "tolerance" }] },
            mark: { type: "text" as const, align: "left" as const, dy: -7, dx: 4, color: faint },
            encoding: {
              x: { value: 0 },
              y: { field: "tolerance", type: "quantitative" as const },
              text: { field: "text" },
            },
          },
        ]),
      ],
    }),
  }];
}
