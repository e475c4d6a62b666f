/**
 * The table of a model's layers. Look and figures are those of keras/src/utils/summary_utils.py.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Column, formatTable } from "./text_table.ts";
import type { Model } from "./model.ts";

/** Options of `summary`. */
export interface SummaryOptions {
  /** Characters a line; 76 for layers in a row unless given, at most 88, as wide as the terminal. */
  readonly lineLength?: number;
  /** Takes the text; console.log unless given. */
  readonly printFn?: (text: string) => void;
}

const IN_A_ROW = { length: 88, positions: [0.45, 0.8, 1] };
const BRANCHED = { length: 108, positions: [0.3, 0.56, 0.74, 1] };
const BYTES = 4;

/** Prints the summary of a model. */
export function printSummary(model: Model, options: SummaryOptions = {}): void {
  (options.printFn ?? console.log)(formatSummary(model, options.lineLength));
}

function formatSummary(model: Model, lineLength?: number): string {
  const inARow = !model.built || isInARow(model.network, model.layers);
  const { length, positions } = inARow ? IN_A_ROW : BRANCHED;
  const columns = columnsFor(positions, lineLength ?? Math.min(length, terminalColumns() - 4));
  const rows = model.layers.map((layer) => {
    const fields = [`${layer.name} (${layer.getClassName()})`, outputShape(layer), params(layer)];
    return inARow ? fields : [...fields, connections(layer, model.network)];
  });
  return [`Model: "${model.name}"`, formatTable(columns, rows), ...totals(model), ""].join("\n");
}

/** Keras counts with 80 columns where there is no terminal. */
function terminalColumns(): number {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 80;
}

function columnsFor(positions: readonly number[], lineLength: number): Column[] {
  const titles = ["Layer (type)", "Output Shape", "Param #", "Connected to"];
  let begin = 0;
  const widths = positions.map((position) => {
    const width = Math.trunc(position * lineLength) - begin;
    begin += width;
    return width;
  });
  if (widths.some((width) => width < 4)) {
    throw new RangeError(`summary: lineLength is ${lineLength}, expected room for the columns`);
  }
  return shrink(widths, lineLength).map((width, i) => ({
    title: titles[i],
    width,
    align: i === 2 ? "right" : "left",
  }));
}

/** Borders and blanks come off the columns evenly, as rich's ratio_reduce does. */
function shrink(widths: readonly number[], lineLength: number): number[] {
  const inside = lineLength - widths.length - 1;
  let excess = widths.reduce((sum, width) => sum + width + 2, 0) - inside;
  return widths.map((width, i) => {
    const share = roundHalfEven(excess / (widths.length - i));
    excess -= share;
    return width - share;
  });
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

function isInARow(network: tf.LayersModel, layers: readonly tf.layers.Layer[]): boolean {
  return layers.every((layer) => {
    const nodes = nodesWithin(layer, network);
    return nodes.length <= 1 && nodes.every((node) => node.inboundLayers.length <= 1);
  }) && network.inputs.length === 1 && network.outputs.length === 1 && !forks(network);
}

/** Whether a result goes to more than one layer. */
function forks(network: tf.LayersModel): boolean {
  const read = new Set<string>();
  return network.layers.some((layer) =>
    nodesWithin(layer, network).some((node) =>
      node.inboundLayers.some((from, i) => {
        const key = `${from.name} ${node.nodeIndices[i]} ${node.tensorIndices[i]}`;
        return read.has(key) || !read.add(key);
      })
    )
  );
}

/** How TensorFlow.js records that a layer was called. */
export type LayerNode = tf.layers.Layer["inboundNodes"][number];

/** The calls of a layer that belong to a model. */
export function nodesWithin(layer: tf.layers.Layer, network: tf.LayersModel): LayerNode[] {
  const own = (network as unknown as { containerNodes: Set<string> }).containerNodes;
  return layer.inboundNodes.filter((_, i) => own.has(`${layer.name}_ib-${i}`));
}

function outputShape(layer: tf.layers.Layer): string {
  if (layer.inboundNodes.length === 0) return "?";
  const shapes = layer.inboundNodes.at(-1)!.outputShapes;
  const list = Array.isArray(shapes[0]) ? shapes as tf.Shape[] : [shapes as tf.Shape];
  const texts = list.map((shape) => `(${shape.map((n) => n ?? "None").join(", ")})`);
  return texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
}

function params(layer: tf.layers.Layer): string {
  return layer.built ? layer.countParams().toLocaleString("en-US") : "0 (unbuilt)";
}

function connections(layer: tf.layers.Layer, network: tf.LayersModel): string {
  const names = nodesWithin(layer, network).flatMap((node) =>
    node.inboundLayers.map((from, i) =>
      `${from.name}[${node.nodeIndices[i]}][${node.tensorIndices[i]}]`
    )
  );
  return names.length > 0 ? names.join(", ") : "-";
}

function totals(model: Model): string[] {
  const weights = model.built ? model.network.trainableWeights : [];
  const others = model.built ? model.network.nonTrainableWeights : [];
  const trainable = count(weights.map(({ shape }) => shape));
  const fixed = count(others.map(({ shape }) => shape));
  const optimizer = model.isCompiled && model.optimizer.built
    ? count(model.optimizer.variables.map(({ shape }) => shape))
    : 0;
  const line = (name: string, numbers: number) =>
    ` ${name}: ${numbers.toLocaleString("en-US")} (${memory(numbers * BYTES)})`;
  return [
    line("Total params", trainable + fixed + optimizer),
    line("Trainable params", trainable),
    line("Non-trainable params", fixed),
    ...(optimizer > 0 ? [line("Optimizer params", optimizer)] : []),
  ];
}

function count(shapes: readonly tf.Shape[]): number {
  return shapes.reduce((sum, shape) => sum + tf.util.sizeFromShape(shape as number[]), 0);
}

function memory(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${bytes.toFixed(2)} ${units[unit]}`;
}
