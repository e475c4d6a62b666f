/**
 * Charts: a Vega-Lite specification to SVG, without a browser. The libraries are loaded at the first chart.
 * @module
 */
import type { LoggerInterface } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { FONT_STACK } from "./font.ts";
import { textMeasure, type TextStyle } from "./rasterize.ts";
import { escapeXml } from "./svg.ts";
import { themeColours, type ThemeName } from "./theme.ts";

/** What a chart shows, in Vega-Lite's terms: https://vega.github.io/vega-lite/docs/spec.html */
export type ChartSpec = TopLevelSpec;

/** Options of {@linkcode renderChart}. */
export interface ChartOptions {
  /** Colours and lines; `light` unless given. What the specification itself sets stays. */
  readonly theme?: ThemeName;
  /** Whether the theme's ground is painted; true unless given. */
  readonly ground?: boolean;
  /** Put before the ids inside, so that several charts can stand in one page; nothing unless given. */
  readonly idPrefix?: string;
  /** Takes what Vega-Lite and Vega find odd; they are silent unless given. */
  readonly onWarning?: (message: string) => void;
}

type Libraries = { vega: typeof import("vega"); vegaLite: typeof import("vega-lite") };

let loading: Promise<Libraries> | undefined;
/** Vega values its ids across charts: one is drawn after the other. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Draws a chart as SVG. The same specification gives the same text on every machine; its data must be in it, nothing
 * is fetched. Its `description` becomes the image's accessible name.
 *
 * @throws {TypeError} if the specification is none of Vega-Lite's, or asks for data elsewhere
 *
 * @example
 * ```ts
 * import { renderChart } from "./mod.ts";
 * const svg = await renderChart({
 *   description: "Loss by epoch",
 *   data: { values: [{ epoch: 1, loss: 1.5 }, { epoch: 2, loss: 1.2 }] },
 *   mark: { type: "line", point: true },
 *   encoding: {
 *     x: { field: "epoch", type: "quantitative", axis: { tickMinStep: 1 } },
 *     y: { field: "loss", type: "quantitative" },
 *   },
 * }, { theme: "dark" });
 * await Deno.writeTextFile("loss.svg", svg);
 * ```
 */
export async function renderChart(spec: ChartSpec, options: ChartOptions = {}): Promise<string> {
  const { theme = "light", ground = true, idPrefix = "" } = options;
  themeColours(theme);
  if (!/^([A-Za-z][\w-]*)?$/.test(idPrefix)) {
    throw new TypeError(
      `idPrefix is ${JSON.stringify(idPrefix)}, expected letters, digits, - and _, a letter first`,
    );
  }
  const drawn = queue.then(() => draw(spec, theme, ground, options.onWarning));
  queue = drawn.catch(() => {});
  return prefixIds(named(await drawn, spec.description), idPrefix);
}

async function draw(
  spec: ChartSpec,
  theme: ThemeName,
  ground: boolean,
  onWarning?: (message: string) => void,
): Promise<string> {
  const { vega, vegaLite } = await (loading ??= load());
  const faults: string[] = [];
  const logger = collector(faults, onWarning);
  const config = chartConfig(theme, ground) as NonNullable<ChartSpec["config"]>;
  try {
    const compiled = vegaLite.compile(spec, { logger, config }).spec;
    vega.resetSVGDefIds();
    const load = (uri: string) => {
      faults.push(`it asks for "${uri}", expected its data inside`);
      return Promise.reject(new Error(uri));
    };
    const loader = { ...vega.loader(), load, http: load, file: load };
    const view = new vega.View(vega.parse(compiled), { renderer: "none", loader, logger });
    const svg = await view.toSVG();
    view.finalize();
    if (faults.length > 0) throw new Error(faults.join("; "));
    return svg;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`chart: the specification cannot be drawn: ${why.slice(0, 500)}`);
  }
}

async function load(): Promise<Libraries> {
  const [vega, vegaLite, widthOf] = await Promise.all([
    import("vega"),
    import("vega-lite"),
    textMeasure(),
  ]);
  // Without a canvas Vega guesses how wide text is and leaves too much room; this is its place for a better measure.
  const metrics = (vega as unknown as { textMetrics: TextMetrics }).textMetrics;
  metrics.width = (item, text) => {
    const width = widthOf(String(text ?? "").trim(), styleOf(item));
    return item.limit! > 0 ? Math.min(width, item.limit!) : width;
  };
  return { vega, vegaLite };
}

interface TextMetrics {
  width(item: TextItem, text: unknown): number;
}

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly limit?: number;
}

function styleOf({ fontSize = 11, fontWeight = 400 }: TextItem): TextStyle {
  const strong = fontWeight === "bold" || Number(fontWeight) >= 500;
  return { size: fontSize, weight: strong ? 600 : 400 };
}

function collector(faults: string[], onWarning: (message: string) => void = () => {}) {
  const text = (parts: readonly unknown[]) =>
    parts.map((part) => part instanceof Error ? part.message : String(part)).join(" ");
  const logger: LoggerInterface = {
    level: ((value?: number) => value === undefined ? 0 : logger) as LoggerInterface["level"],
    error: (...parts) => (faults.push(text(parts)), logger),
    warn: (...parts) => (onWarning(text(parts)), logger),
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** Vega-Lite's look in a theme's colours. */
function chartConfig(theme: ThemeName, ground: boolean) {
  const { ground: paper, ink, faint, line, series } = themeColours(theme);
  const text = { labelColor: faint, titleColor: ink, labelFontSize: 11, titleFontSize: 12 };
  return {
    font: FONT_STACK,
    background: ground ? paper : "transparent",
    padding: 12,
    view: { stroke: null, continuousWidth: 320, continuousHeight: 220 },
    range: { category: series },
    mark: { color: series[0] },
    rule: { color: faint },
    text: { color: ink },
    axis: {
      ...text,
      titleFontWeight: 400,
      domainColor: faint,
      tickColor: faint,
      gridColor: line,
      labelPadding: 4,
      titlePadding: 8,
    },
    legend: { ...text, titleFontWeight: 600, symbolStrokeWidth: 2 },
    axisX: { labelFlush: false },
    header: { ...text, titleFontWeight: 600 },
    title: {
      color: ink,
      subtitleColor: faint,
      fontSize: 14,
      fontWeight: 600,
      subtitleFontSize: 12,
      anchor: "start",
      offset: 12,
    },
    line: { strokeWidth: 2 },
  };
}

/** A reader of the screen hears what the chart shows, once, instead of every mark. */
function named(svg: string, description = "Chart"): string {
  // Groups of marks have roles but no names, which an element with such a role must have.
  return svg.replace(/ role="graphics-[\w-]+" aria-roledescription="[^"]* container"/g, "")
    // By a function: "$&" in a description is text.
    .replace(/^<svg /, () => `<svg role="img" aria-label="${escapeXml(description)}" `);
}

function prefixIds(svg: string, prefix: string): string {
  if (prefix === "") return svg;
  return svg.replace(/( id="|url\(#|href="#)(?=\w+["\)])/g, (before) => before + prefix);
}
