/**
 * What a chart of a report is, before and after it is drawn.
 * @module
 */
import type { ChartSpec, Theme } from "../../../plotting/mod.ts";

/** The values behind a chart. */
export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A chart, not drawn yet. */
export interface Chart {
  /** Of its files; letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  /** What it shows, in words: its alternative text. */
  readonly description: string;
  /** How to read it; stands below it. */
  readonly caption: string;
  readonly table: ChartTable;
  /** The specification in a theme's colours; `renderChart` adds the description. */
  readonly spec: (theme: Theme) => ChartSpec;
}

/** A chart, drawn on light and on dark ground. */
export interface DrawnChart extends Omit<Chart, "spec"> {
  readonly light: string;
  readonly dark: string;
}

/** Width of plots with an axis at their left, so that a whole chart fits a phone almost without being made smaller. */
export const PLOT_WIDTH = 250;
