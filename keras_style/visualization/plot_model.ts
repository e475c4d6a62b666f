/**
 * A model's layers as boxes with arrows between them.
 * @module
 */
import type { EdgeLabel, GraphLabel, NodeLabel, Point } from "@dagrejs/dagre";
import {
  element,
  escapeXml,
  FONT_STACK,
  type FontWeight,
  type Image,
  imagePaths,
  svgDocument,
  textMeasure,
  type Theme,
  themeColours,
  type ThemeName,
  writeImage,
} from "../../plotting/mod.ts";
import type { Model } from "../models/mod.ts";
import { readOptions } from "../options.ts";
import { type LayerBox, type LayerEdge, layerGraph } from "./layer_graph.ts";
import { present, PRESENT_DEFAULTS, type PresentOptions } from "./present.ts";

/** Options of {@linkcode plotModel}. */
export interface PlotModelOptions extends PresentOptions {
  /** Whether shapes are written; true unless given. */
  readonly showShapes?: boolean;
  /** Whether the layers' names are written; true unless given. */
  readonly showLayerNames?: boolean;
  /** Whether activations are written; true unless given. */
  readonly showLayerActivations?: boolean;
  /** Whether the layers follow one another downwards (`TB`) or to the right (`LR`); `TB` unless given. */
  readonly rankdir?: "TB" | "LR";
  /** `light` unless given. */
  readonly theme?: ThemeName;
}

/** What is written into boxes. */
type TextOptions = Required<
  Pick<PlotModelOptions, "showShapes" | "showLayerNames" | "showLayerActivations">
>;

/** A line of text in a box. */
interface Line {
  readonly text: string;
  readonly size: number;
  readonly weight: FontWeight;
  readonly colour: string;
}

const MARGIN = 16;
const PADDING = { x: 14, y: 10 };
const LINE_HEIGHT = 18;

/**
 * Draws a model's layers, with branches and joins, and writes the drawing as PNG and as SVG; in a notebook, and in a
 * terminal that takes images, it is shown too. Follows https://keras.io/api/utils/model_plotting_utils/
 *
 * @param path of either file; the other's differs in its ending. `model.png` unless given
 * @returns the image; its `files` holds both paths
 * @throws {Error} if the model is not built
 * @throws {TypeError} if `path` names another kind of file or an option is unknown
 * @throws {ImageFileError} if a file cannot be written
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = new keras.Sequential([new keras.layers.Dense({ units: 10, inputShape: [784] })]);
 * const { files } = await keras.plotModel(model, "network.png");
 * console.log(files); // [ "network.png", "network.svg" ]
 * ```
 */
export async function plotModel(
  model: Model,
  path = "model.png",
  options: PlotModelOptions = {},
): Promise<Image> {
  const own = readOptions("plotModel", options, {
    showShapes: true,
    showLayerNames: true,
    showLayerActivations: true,
    rankdir: "TB" as const,
    theme: "light" as const,
    ...PRESENT_DEFAULTS,
  });
  const { rankdir, theme } = own;
  imagePaths(path, "plotModel: path");
  if (rankdir !== "TB" && rankdir !== "LR") {
    throw new TypeError(`plotModel: rankdir is ${JSON.stringify(rankdir)}, expected "TB" or "LR"`);
  }
  const { svg, width } = await drawModel(model, rankdir, themeColours(theme), own);
  const { png, files } = await writeImage(path, svg);
  return await present(png, { name: `the model ${model.name}`, width, files }, own);
}

async function drawModel(
  model: Model,
  rankdir: "TB" | "LR",
  colours: Theme,
  options: TextOptions,
): Promise<{ svg: string; width: number }> {
  const { boxes, edges } = layerGraph(model);
  const lines = new Map(boxes.map((box) => [box.name, linesOf(box, colours, options)]));
  const graph = await layOut(lines, edges, rankdir);
  const size = graph.graph() ?? {};
  const [width, height] = [Math.ceil(size.width ?? 0), Math.ceil(size.height ?? 0)];
  const content = [
    element("defs", {}, arrowHead(colours)),
    element("rect", { width, height, fill: colours.ground }),
    ...graph.edges().map((edge) => drawEdge(graph.edge(edge)!.points ?? [], colours)),
    ...boxes.map((box) => drawBox(box, graph.node(box.name)!, lines.get(box.name)!, colours)),
  ];
  const name = `The model ${model.name}: ${boxes.length} layers, ` +
    `${model.countParams().toLocaleString("en-US")} parameters`;
  return { svg: svgDocument({ width, height, name }, content), width };
}

/** What stands in a box. */
function linesOf(
  box: LayerBox,
  colours: Theme,
  { showShapes, showLayerNames, showLayerActivations }: TextOptions,
): Line[] {
  const kind = [
    box.className,
    ...(showLayerActivations && box.activation ? [box.activation] : []),
    ...(box.parameters > 0 ? [`${box.parameters.toLocaleString("en-US")} parameters`] : []),
  ].join(" · ");
  const plain = { size: 12, weight: 400, colour: colours.faint } as const;
  const strong = { size: 13, weight: 600, colour: colours.ink } as const;
  return [
    { text: showLayerNames ? box.name : kind, ...strong },
    ...(showLayerNames ? [{ text: kind, ...plain }] : []),
    ...(showShapes ? [{ text: shapeText(box), ...plain, colour: colours.ink }] : []),
  ];
}

function shapeText({ inputShapes, outputShapes }: LayerBox): string {
  const list = (shapes: readonly string[]) =>
    shapes.length === 1 ? shapes[0] : `[${shapes.join(", ")}]`;
  return inputShapes.length === 0
    ? list(outputShapes)
    : `${list(inputShapes)} → ${list(outputShapes)}`;
}

/** Finds a place for every box and a way for every arrow. Layers are told apart by their names. */
async function layOut(
  lines: ReadonlyMap<string, readonly Line[]>,
  edges: readonly LayerEdge[],
  rankdir: "TB" | "LR",
) {
  const [{ Graph, layout }, widthOf] = await Promise.all([
    import("@dagrejs/dagre"),
    textMeasure(),
  ]);
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>({ multigraph: true });
  graph.setGraph({ rankdir, nodesep: 28, ranksep: 32, marginx: MARGIN, marginy: MARGIN });
  for (const [name, list] of lines) {
    const width = Math.max(...list.map(({ text, ...style }) => widthOf(text, style)));
    const height = list.length * LINE_HEIGHT + 2 * PADDING.y;
    graph.setNode(name, { width: width + 2 * PADDING.x, height });
  }
  edges.forEach(({ from, to }, i) => graph.setEdge(from, to, {}, String(i)));
  layout(graph);
  return graph;
}

function drawBox(
  { isInput, parameters }: LayerBox,
  { x = 0, y = 0, width, height }: NodeLabel,
  lines: readonly Line[],
  { ground, faint, series }: Theme,
): string {
  const [left, top] = [x - width / 2, y - height / 2];
  // Where data comes in, where weights are learned, and what only computes.
  const edge = isInput ? series[2] : parameters > 0 ? series[0] : faint;
  const box = { x: left, y: top, width, height, rx: 6, fill: ground, stroke: edge };
  const texts = lines.map(({ text, size, weight, colour }, i) => {
    const place = { x, y: top + PADDING.y + i * LINE_HEIGHT + 13, "text-anchor": "middle" };
    const look = { "font-family": FONT_STACK, "font-size": size, "font-weight": weight };
    return element("text", { ...place, ...look, fill: colour }, escapeXml(text));
  });
  return element("g", {}, [element("rect", { ...box, "stroke-width": 1.5 }), ...texts]);
}

const ARROW = "arrow-head";

function arrowHead({ faint }: Theme): string {
  const size = { viewBox: "0 0 8 8", markerWidth: 8, markerHeight: 8, refX: 7, refY: 4 };
  const marker = { id: ARROW, orient: "auto", markerUnits: "userSpaceOnUse", ...size };
  return element("marker", marker, element("path", { d: "M0,0L8,4L0,8Z", fill: faint }));
}

/** A line from box to box, rounded at its bends. */
function drawEdge(points: readonly Point[], { faint }: Theme): string {
  const at = ({ x, y }: Point) => `${x.toFixed(1)},${y.toFixed(1)}`;
  const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const bends = points.slice(1, -1).map((bend, i) => {
    const next = points[i + 2];
    return `Q${at(bend)} ${at(i + 2 === points.length - 1 ? next : middle(bend, next))}`;
  });
  const d = bends.length > 0
    ? `M${at(points[0])}${bends.join("")}`
    : `M${at(points[0])}L${at(points[points.length - 1])}`;
  return element("path", {
    d,
    fill: "none",
    stroke: faint,
    "stroke-width": 1.5,
    "marker-end": `url(#${ARROW})`,
  });
}
