/**
 * The ratios as a chart: a panel a measure and batch, a row a model, a point a pair.
 * @module
 */
import { type ChartSpec, renderChart, themeColours, type ThemeName } from "../../plotting/mod.ts";
import { ratioText } from "./tables.ts";
import type { Comparison } from "./tables.ts";

/** Draws the comparisons; null where there are none. */
export async function ratioChart(
  comparisons: readonly Comparison[],
  theme: ThemeName,
): Promise<string | null> {
  if (comparisons.length === 0) return null;
  return await renderChart(specOf(comparisons, theme), { theme });
}

function specOf(comparisons: readonly Comparison[], theme: ThemeName): ChartSpec {
  const { ink } = themeColours(theme);
  const values = comparisons.map(({ model, measure, batch, ours, peer, ratio }) => ({
    model,
    panel: `${measure}, batch ${batch}`,
    pair: `${ours} / ${peer}`,
    ...ratio,
    low: ratio.low ?? ratio.value,
    high: ratio.high ?? ratio.value,
  }));
  const y = { field: "model", type: "nominal" as const, title: null };
  const yOffset = { field: "pair" };
  const color = {
    field: "pair",
    type: "nominal" as const,
    title: null,
    legend: { orient: "bottom" as const, columns: 2, labelLimit: 300 },
  };
  const x = {
    field: "value",
    type: "quantitative" as const,
    scale: { type: "log" as const, base: 2, nice: false, padding: 12 },
    title: "times as fast as the peer",
  };
  return {
    description: "How many times as fast as a peer: " +
      comparisons.map(({ model, measure, batch, ours, peer, ratio }) =>
        `${model}, ${measure}, batch ${batch}, ${ours} against ${peer} ${ratioText(ratio)}`
      ).join("; "),
    data: { values },
    columns: 2,
    facet: { field: "panel", type: "nominal", title: null },
    spec: {
      width: 260,
      height: { step: 9 },
      layer: [
        {
          data: { values: [{ one: 1 }] },
          mark: { type: "rule", color: ink, strokeDash: [3, 3] },
          encoding: { x: { field: "one", type: "quantitative" } },
        },
        {
          mark: { type: "rule", strokeWidth: 1.5 },
          encoding: {
            y,
            yOffset,
            color,
            x: { ...x, field: "low" },
            x2: { field: "high" },
          },
        },
        {
          mark: { type: "point", filled: true, size: 30 },
          encoding: { y, yOffset, color, x },
        },
      ],
    },
    config: { aria: false },
  };
}
