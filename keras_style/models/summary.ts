/**
 * The table of a model's layers. Look and figures are those of keras/src/utils/summary_utils.py.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Node, Operation, Shape } from "../layers/keras_tensor.ts";
import { Layer } from "../layers/layer.ts";
import { mapShapes } from "../layers/shapes.ts";
import { leavesOf } from "../layers/nested.ts";
import { fixedText } from "../number_text.ts";
import { type Column, formatTable } from "./text_table.ts";
import type { FunctionGraph } from "./function_graph.ts";
import type { TrainedModel } from "./trained_model.ts";

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

/** A model as its summary needs it. */
interface SummarizedModel extends TrainedModel {
  readonly graph: FunctionGraph | undefined;
}

/** Prints the summary of a model. */
export function printSummary(model: SummarizedModel, options: SummaryOptions = {}): void {
  (options.printFn ?? console.log)(formatSummary(model, options.lineLength));
}

function formatSummary(model: SummarizedModel, lineLength?: number): string {
  const { graph } = model;
  const inARow = !graph || isInARow(graph);
  const { length, positions } = inARow ? IN_A_ROW : BRANCHED;
  const columns = columnsFor(positions, lineLength ?? Math.min(length, terminalColumns() - 4));
  const operations = graph && !inARow ? graph.operations : model.layers;
  const rows = operations.map((operation) => {
    const fields = [
      `${operation.name} (${kindOf(operation)})`,
      outputShape(operation),
      params(operation),
    ];
    return inARow ? fields : [...fields, connections(operation, graph!)];
  });
  return [`Model: "${model.name}"`, formatTable(columns, rows), ...totals(model), ""].join("\n");
}

function kindOf(operation: Operation): string {
  return operation instanceof Layer
    ? operation.getClassName()
    : (operation as unknown as { kind: string }).kind;
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

function isInARow(graph: FunctionGraph): boolean {
  const called = new Map<Operation, number>();
  for (const { operation } of graph.nodes) called.set(operation, (called.get(operation) ?? 0) + 1);
  return graph.nodes.every(({ inputs }) => inputs.length <= 1) &&
    [...called.values()].every((count) => count === 1) && graph.inputTensors.length === 1 &&
    graph.outputTensors.length === 1 && !forks(graph);
}

/** Whether a result goes to more than one layer. */
function forks(graph: FunctionGraph): boolean {
  const read = new Set<unknown>();
  return graph.nodes.some(({ inputs }) =>
    inputs.some((tensor) => read.has(tensor) || !read.add(tensor))
  );
}

/** The calls of a layer that belong to a graph. */
export function nodesWithin(operation: Operation, graph: FunctionGraph): Node[] {
  return graph.nodes.filter((node) => node.operation === operation);
}

/** Shapes as Keras writes them. */
export function shapeText(shape: Shape): string {
  return `(${shape.map((n) => n ?? "None").join(", ")})`;
}

function outputShape(operation: Operation): string {
  const node = operation.inboundNodes.at(-1);
  const texts = node
    ? node.outputs.map(({ shape }) => shapeText(shape))
    : operation instanceof Layer
    ? builtShapes(operation)
    : [];
  if (texts.length === 0) return "?";
  return texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
}

/** What a layer of a class with `call` gives for the input that it was built for. */
function builtShapes(layer: Layer): string[] {
  if (layer.buildInputShape === undefined) return [];
  try {
    const shapes = layer.computeOutputShape(layer.buildInputShape);
    return leavesOf(mapShapes(shapes, shapeText)) as string[];
  } catch {
    // A layer that takes more than its first input tells nothing.
    return [];
  }
}

function params(operation: Operation): string {
  if (!(operation instanceof Layer)) return "0";
  return operation.built ? operation.countParams().toLocaleString("en-US") : "0 (unbuilt)";
}

function connections(operation: Operation, graph: FunctionGraph): string {
  const names = nodesWithin(operation, graph).flatMap((node) =>
    node.inputs.map((from) => {
      const index = nodesWithin(from.operation, graph).indexOf(from.node);
      return `${from.operation.name}[${index}][${from.index}]`;
    })
  );
  return names.length > 0 ? names.join(", ") : "-";
}

function totals(model: SummarizedModel): string[] {
  const weights = model.built ? model.trainableVariables : [];
  const trained = new Set<unknown>(weights);
  const others = model.built ? model.weights.filter((weight) => !trained.has(weight)) : [];
  const trainable = count(weights.map(({ shape }) => shape));
  const fixed = count(others.map(({ shape }) => shape));
  const optimizer = model.isCompiled && model.optimizer.built
    ? count(model.optimizer.variables.map(({ shape }) => shape))
    : 0;
  const line = (name: string, values: number) =>
    ` ${name}: ${values.toLocaleString("en-US")} (${memory(values * BYTES)})`;
  return [
    line("Total params", trainable + fixed + optimizer),
    line("Trainable params", trainable),
    line("Non-trainable params", fixed),
    ...(optimizer > 0 ? [line("Optimizer params", optimizer)] : []),
  ];
}

function count(shapes: readonly Shape[]): number {
  return shapes.reduce((sum, shape) => sum + tf.util.sizeFromShape([...shape] as number[]), 0);
}

function memory(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${fixedText(bytes, 2)} ${units[unit]}`;
}
