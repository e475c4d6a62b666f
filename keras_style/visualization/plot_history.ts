/**
 * The values of a training over its epochs.
 * @module
 */
import {
  type ChartSpec,
  type Image,
  imagePaths,
  renderChart,
  themeColours,
  type ThemeName,
  writeImage,
} from "../../plotting/mod.ts";
import { readOptions } from "../options.ts";
import { present, PRESENT_DEFAULTS, type PresentOptions } from "./present.ts";

/** What is plotted: what `fit` returns, or its `history` alone. */
export type PlottableHistory =
  | { readonly epoch: readonly number[]; readonly history: HistoryLists }
  | HistoryLists;

/** One list a number, such as `loss` and `val_loss`, with one entry an epoch. */
export type HistoryLists = Readonly<Record<string, readonly number[]>>;

/** Options of {@linkcode plotHistory}. */
export interface PlotHistoryOptions extends PresentOptions {
  /** A line above the curves; none unless given. */
  readonly title?: string;
  /** `light` unless given. */
  readonly theme?: ThemeName;
}

/** An entry of a list. */
interface Point {
  readonly epoch: number;
  readonly value: number | null;
  readonly data: "training" | "validation";
}

/** The curves of one number, in training and in validation. */
interface Panel {
  readonly metric: string;
  readonly points: readonly Point[];
}

const VALIDATION = "val_";
const COLUMNS = 2;

/**
 * Draws the curves of a training, the loss and every metric with its validation, and writes them as PNG and as SVG; in
 * a notebook, and in a terminal that takes images, they are shown too. Epochs are counted from 1.
 *
 * @param path of either file; the other's differs in its ending. `history.png` unless given
 * @returns the image; its `files` holds both paths
 * @throws {TypeError} if the history has no lists of values, `path` names another kind of file, or an option is unknown
 * @throws {RangeError} if a list has not one entry an epoch
 * @throws {ImageFileError} if a file cannot be written
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const history = { loss: [1.5, 1.1, 0.9], val_loss: [1.4, 1.2, 1.1], accuracy: [0.4, 0.5, 0.6] };
 * const { files } = await keras.plotHistory(history, "curves.png");
 * console.log(files); // [ "curves.png", "curves.svg" ]
 * ```
 */
export async function plotHistory(
  history: PlottableHistory,
  path = "history.png",
  options: PlotHistoryOptions = {},
): Promise<Image> {
  const own = readOptions("plotHistory", options, {
    title: undefined,
    theme: "light" as const,
    ...PRESENT_DEFAULTS,
  });
  const { title, theme } = own;
  imagePaths(path, "plotHistory: path");
  const panels = panelsOf(history);
  const description = title ?? `Curves of ${panels.map(({ metric }) => metric).join(", ")}`;
  const svg = await renderChart(chartOf(panels, description, title, theme), { theme });
  const { png, files } = await writeImage(path, svg);
  const width = Math.round(Number(svg.match(/ width="([\d.]+)"/)![1]));
  return await present(png, { name: description, width, files }, own);
}

/** One panel a number, the loss first, the others as they come. */
function panelsOf(given: PlottableHistory): Panel[] {
  const [lists, epochs] = listsOf(given);
  const names = [...new Set(Object.keys(lists).map(withoutPrefix))];
  const first = names.filter((name) => name === "loss");
  return [...first, ...names.filter((name) => name !== "loss")].map((metric) => ({
    metric,
    points: [
      ...pointsOf(lists[metric], epochs, "training"),
      ...pointsOf(lists[VALIDATION + metric], epochs, "validation"),
    ],
  }));
}

function withoutPrefix(name: string): string {
  return name.startsWith(VALIDATION) ? name.slice(VALIDATION.length) : name;
}

function pointsOf(
  list: readonly number[] | undefined,
  epochs: readonly number[],
  data: Point["data"],
): Point[] {
  // What is not finite leaves a gap in the curve.
  return (list ?? []).map((value, i) => ({
    epoch: epochs[i] + 1,
    value: Number.isFinite(value) ? value : null,
    data,
  }));
}

/** The lists and the epochs of their entries, counted from 0. */
function listsOf(given: PlottableHistory): [HistoryLists, readonly number[]] {
  const isWhole = Array.isArray(given?.epoch) && typeof given.history === "object" &&
    !Array.isArray(given.history);
  const lists = (isWhole ? given.history : given) as HistoryLists;
  const entries = Object.entries(lists ?? {});
  if (entries.length === 0 || !entries.every(([, list]) => isNumbers(list))) {
    throw new TypeError(
      `plotHistory: history is ${
        JSON.stringify(given)?.slice(0, 100)
      }, expected what fit returns or lists ` +
        `of values such as { loss: [1.2, 0.9], val_loss: [1.3, 1.1] }`,
    );
  }
  const epochs = isWhole
    ? given.epoch as readonly number[]
    : Array.from({ length: entries[0][1].length }, (_, i) => i);
  for (const [name, { length }] of entries) {
    if (length === epochs.length && length > 0) continue;
    throw new RangeError(
      `plotHistory: history.${name} has ${length} values, expected ${
        epochs.length || "at least one"
      }, one an epoch`,
    );
  }
  return [lists, epochs];
}

function isNumbers(list: unknown): boolean {
  return Array.isArray(list) && list.every((value) => typeof value === "number");
}

function chartOf(
  panels: readonly Panel[],
  description: string,
  title: string | undefined,
  theme: ThemeName,
): ChartSpec {
  const { series: [training, validation] } = themeColours(theme);
  const range = [training, validation];
  const kinds = new Set(panels.flatMap(({ points }) => points.map(({ data }) => data)));
  const legend = kinds.size > 1 ? { title: null, orient: "top" } as const : null;
  return {
    description,
    ...(title ? { title } : {}),
    columns: COLUMNS,
    concat: panels.map(({ metric, points }) => ({
      width: 320,
      height: 220,
      data: { values: [...points] },
      mark: { type: "line", point: { filled: true, size: 40 } },
      encoding: {
        x: { field: "epoch", type: "quantitative", title: "Epoch", ...wholeEpochs(points) },
        y: { field: "value", type: "quantitative", title: metric, scale: { zero: false } },
        color: {
          field: "data",
          type: "nominal",
          legend,
          scale: { domain: ["training", "validation"], range },
        },
      },
    })),
  };
}

/** From the first epoch to the last, with ticks on whole ones only. */
function wholeEpochs(points: readonly Point[]) {
  const epochs = points.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const domain = first === last ? [first - 1, last + 1] : [first, last];
  return {
    scale: { domain, nice: false },
    axis: {
      tickMinStep: 1,
      format: "d",
      grid: false,
      ...(first === last ? { values: [first] } : {}),
    },
  } as const;
}
