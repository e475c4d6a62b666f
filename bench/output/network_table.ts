/**
 * The tables of several networks: which idiom is faster, by how much, which ends better, and whether the interval allows a
 * verdict.
 * @module
 */
import { markdownTable } from "markdown-table";
import { PEER_IMAGES } from "../peers/requests.ts";
import type { Comparison, ConfigurationFigures, Report, ReportDataset } from "../results/report.ts";
import { type Escape, markdownText } from "./escape.ts";

/** What is looked at of two idioms. */
type Figure = Comparison["figure"];

const formats: Readonly<Record<Figure, (value: number) => string>> = {
  stepMs: (ms) => `${ms.toFixed(1)} ms`,
  testAccuracy: (share) => share.toFixed(4),
};

/** A table of networks. */
export interface NetworkTable {
  readonly caption: string;
  /** Headers first, then a row a network (on each data set, by each recipe). */
  readonly rows: string[][];
}

/** The tables as GitHub's Markdown. */
export function formatNetworks(report: Report, escape: Escape = markdownText): string[] {
  return networkTables(report).map(({ rows }) => {
    const align = rows[0].map((_, i) => i === 0 ? "l" : "r");
    return markdownTable(rows.map((row) => row.map(escape)), { align });
  });
}

/**
 * Two tables: step times of all styles, the faster idiom and other frameworks' steps; accuracies of all styles and the more
 * accurate idiom. The Keras idiom is `keras`, or `keras-advanced` where that alone was trained.
 */
export function networkTables(report: Report): NetworkTable[] {
  const peers = [...new Set(report.peers?.map(({ title }) => title))];
  const seeds = Math.max(0, ...report.configurations.map((one) => one.seeds.length));
  const intervals = seeds > 1
    ? ` over ${seeds} seeds, with 95 % intervals`
    : "; one seed allows no verdict";
  return [
    {
      caption: `Network by network: ratios of step times${intervals}${
        peers.length === 0
          ? ""
          : "; behind other frameworks' steps, how many times as long the PyTorch idiom takes (else Keras')"
      }`,
      rows: rowsOf(report, "stepMs", { figure: "step", ahead: "faster", peers }),
    },
    {
      caption: `Network by network: differences of test accuracies${intervals}`,
      rows: rowsOf(report, "testAccuracy", {
        ...{ figure: "test accuracy", ahead: "more accurate", peers: [] },
      }),
    },
  ];
}

/** What a table's headers say. */
interface Headers {
  readonly figure: string;
  readonly ahead: string;
  /** Titles of other frameworks whose steps stand beside. */
  readonly peers: readonly string[];
}

function rowsOf(report: Report, figure: Figure, { peers, ...words }: Headers): string[][] {
  const styles = [...new Set(report.configurations.map(({ axes }) => axes.style))];
  const groups = Map.groupBy(report.configurations, ({ axes }) => groupName(report, axes));
  const rows = [...groups].map(([name, members]) => [
    name,
    ...styles.map((style) =>
      mean(members.find(({ axes }) => axes.style === style), figure, formats[figure])
    ),
    verdict(report, members, figure),
    ...peers.map((title) => peerCell(report, members, title)),
  ]);
  const titles = [...styles, words.ahead, ...peers].map((title) =>
    title === words.ahead ? title : `${words.figure}, ${title}`
  );
  return [["", ...titles], ...rows];
}

/** A network, with the data set and the recipe where they vary. */
function groupName({ configurations }: Report, axes: ConfigurationFigures["axes"]): string {
  const varied = (["dataset", "recipe"] as const).filter((axis) =>
    new Set(configurations.map((one) => one.axes[axis])).size > 1
  );
  return [axes.model, ...varied.map((axis) => axes[axis])].join(", ");
}

function mean(
  configuration: ConfigurationFigures | undefined,
  figure: Figure,
  format: (value: number) => string,
): string {
  const found = configuration?.figures[figure];
  return found ? format(found.mean) : "–";
}

/** Another framework's step with the same batch and images, and how many times as long the PyTorch idiom's (else Keras') takes. */
function peerCell(
  { peers = [], recipes, datasets, options }: Report,
  members: readonly ConfigurationFigures[],
  title: string,
): string {
  const [{ axes: { model, recipe, dataset } }] = members;
  // A file of a user's may be called as a network of the bench.
  const isOfBench = options.model.some((name) => name === model || name === "all");
  const hasImages = hasPeerImages(datasets.find(({ asked }) => asked === dataset));
  if (!isOfBench || !hasImages) return "–";
  const batch = recipes.find(({ name }) => name === recipe)?.batchSize;
  const peer = peers.find((one) =>
    one.model === model && one.title === title && one.batch === batch
  );
  if (!peer) return "–";
  const own = members.find(({ axes }) => axes.style === "torch") ?? members[0];
  const ms = own.figures.stepMs?.mean;
  const ratio = ms === undefined ? "" : ` (${(ms / peer.stepMs).toFixed(2)})`;
  return `${peer.stepMs.toFixed(1)} ms${ratio}`;
}

/** Whether a data set has the images with which the other frameworks were timed. */
function hasPeerImages(dataset: ReportDataset | undefined): boolean {
  const { imageShape, classes } = PEER_IMAGES;
  return dataset?.imageShape?.join() === imageShape.join() && dataset.classNames.length === classes;
}

/** Which of the idioms is ahead, by how much; `no verdict` where the interval holds "no difference". */
function verdict(
  { comparisons }: Report,
  members: readonly ConfigurationFigures[],
  figure: Figure,
): string {
  const named = (style: string) => members.find(({ axes }) => axes.style === style)?.name;
  const keras = named("keras") ?? named("keras-advanced");
  const torch = named("torch");
  const found = comparisons.find((one) =>
    one.figure === figure && [one.first, one.second].includes(keras ?? "") &&
    [one.first, one.second].includes(torch ?? "")
  );
  if (!found) return "–";
  const { value, low, high } = towards(found, keras!);
  const words = figure === "stepMs" ? ratioWords : differenceWords;
  const measured = words(value, low, high);
  if (low === null || high === null) return `${measured} (one seed)`;
  return found.verdict === null ? `no verdict: ${measured}` : measured;
}

/** The comparison of the Keras idiom with the PyTorch idiom, in that order. */
function towards({ first, kind, value, low, high }: Comparison, keras: string) {
  if (first === keras) return { value, low, high };
  const turned = (x: number) => kind === "ratio" ? 1 / x : -x;
  return {
    value: turned(value),
    low: high === null ? null : turned(high),
    high: low === null ? null : turned(low),
  };
}

/** @param value of the Keras idiom's time by the PyTorch idiom's */
function ratioWords(value: number, low: number | null, high: number | null): string {
  const isTorch = value > 1;
  const [a, b] = isTorch ? [low, high] : [high, low];
  const times = (x: number) => (isTorch ? x : 1 / x).toFixed(2);
  const interval = a === null || b === null ? "" : ` [${times(a)}, ${times(b)}]`;
  return `${isTorch ? "torch" : "keras"} ${times(value)} times${interval}`;
}

/** @param value of the Keras idiom's accuracy less the PyTorch idiom's */
function differenceWords(value: number, low: number | null, high: number | null): string {
  // Means of equal accuracies may differ in their last bit.
  const isEqual = Math.abs(value) < 5e-5;
  const isKeras = value > 0 || isEqual;
  const [a, b] = isKeras ? [low, high] : [high, low];
  const points = (x: number) => {
    const ahead = (isKeras ? x : -x) * 100;
    return `${ahead < 0 ? "−" : "+"}${Math.abs(ahead).toFixed(2)}`;
  };
  const interval = a === null || b === null ? "" : ` [${points(a)}, ${points(b)}]`;
  if (isEqual) return `equal${interval === "" ? "" : `, points${interval}`}`;
  return `${isKeras ? "keras" : "torch"} ${points(value)} points${interval}`;
}
