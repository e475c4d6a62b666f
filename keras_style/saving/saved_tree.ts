/**
 * The tree that Keras' files keep weights in: a folder a layer, named by the field that holds it, and in a list by its
 * class (`layers/dense_1` is the second dense layer), so that models made anew by the same code take the weights.
 * Follows keras/src/saving/saving_lib.py of Keras 3.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { isLayer, type Layer } from "../layers/layer.ts";
import { isPlainObject } from "../layers/nested.ts";
import type { TrainedModel } from "../models/trained_model.ts";
import { toSnakeCase } from "../naming.ts";
import { LossScaleOptimizer } from "../optimizers/loss_scale_optimizer.ts";
import { MultiOptimizer } from "../optimizers/multi_optimizer.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { toKerasName } from "./keras_settings.ts";

/** Variables that lie in one folder, in order; null is a place that Keras keeps and this idiom does not need. */
export interface SavedFolder {
  /** Such as `layers/dense_1`; the model itself is "". */
  readonly path: string;
  /** The layer's name. */
  readonly name: string;
  readonly variables: readonly (tf.Variable | null)[];
}

/** The folders of a model's layers, the model's own first. */
export function savedTree(model: TrainedModel): SavedFolder[] {
  // A class with `call` may have layers whose weights are made when they are needed.
  void model.inputSpecs;
  const folders: SavedFolder[] = [];
  visitLayer(model as unknown as Layer, "", folders, new Set());
  return folders;
}

function visitLayer(
  layer: Layer,
  path: string,
  folders: SavedFolder[],
  seen: Set<Layer>,
): void {
  if (seen.has(layer)) return;
  seen.add(layer);
  folders.push({ path, name: layer.name, variables: layer.savedWeights() });
  for (const [name, value] of fieldsOf(layer)) {
    visit(value, path === "" ? name : `${path}/${name}`, folders, seen);
  }
}

/** What a field holds, as far as it is layers. */
function visit(value: unknown, path: string, folders: SavedFolder[], seen: Set<Layer>): void {
  if (isLayer(value)) return visitLayer(value, path, folders, seen);
  const entries = entriesOf(value);
  const used = new Map<string, number>();
  for (const entry of entries) {
    if (!isLayer(entry) && !isContainer(entry)) continue;
    const own = isLayer(entry) ? toSnakeCase(className(entry)) : "container";
    const count = used.get(own) ?? 0;
    used.set(own, count + 1);
    visit(entry, `${path}/${count === 0 ? own : `${own}_${count}`}`, folders, seen);
  }
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || isPlainObject(value);
}

function entriesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.values()];
  return isPlainObject(value) ? Object.values(value) : [];
}

/** The class' name in Python. */
function className(layer: Layer): string {
  const name = layer.getClassName();
  if (name === "GroupQueryAttention") return "GroupedQueryAttention";
  return name === "Model" ? "Functional" : name;
}

/** A layer's fields in Keras' order: a graph's layers, then by name, private ones last. */
function fieldsOf(layer: Layer): [name: string, value: unknown][] {
  const { layers } = layer as unknown as { readonly layers?: readonly Layer[] };
  const isModel = "graph" in layer && layers !== undefined;
  const isGraph = isModel && layer.graph !== undefined;
  const hidden = layer.getClassName() === "GroupQueryAttention" ? "_" : "";
  const fields = Object.entries(layer)
    .map(([name, value]): [string, unknown] => [`${hidden}${toKerasName(name)}`, value]);
  const key = (name: string) => name.startsWith("_") ? `~${name}` : name;
  const all: [string, unknown][] = isModel && !isGraph ? [...fields, ["layers", layers]] : fields;
  all.sort(([a], [b]) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
  return isGraph ? [["layers", layers], ...all] : all;
}

/** What optimizers keep for one weight after another, by class; the rest lies one kind after another. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  MomentsOptimizer: ["momentum", "velocity", "norm"],
  Adadelta: ["accumulated_grad", "accumulated_delta_var"],
  Adafactor: ["row_means", "column_means", "velocity"],
  Ftrl: ["accumulator", "linear"],
  Muon: ["momentum", "velocity"],
  ScheduleFreeAdamW: ["momentum", "velocity"],
};

/** The optimizer's variables in Keras' order. */
export function savedOptimizer(optimizer: Optimizer): SavedFolder {
  if (optimizer instanceof MultiOptimizer) return savedOptimizers(optimizer, optimizer.optimizers);
  if (optimizer instanceof LossScaleOptimizer) {
    return savedOptimizers(optimizer, [optimizer.innerOptimizer]);
  }
  const { slots, ownVariables } = optimizer;
  const [first, last] = [ownVariables, ownVariables].map((own, i) =>
    own.filter(({ name }) => (name === "momentum_product") === (i === 1))
  );
  const together = togetherOf(optimizer);
  const at = slots.findIndex(({ name }) => together.includes(name));
  const before = at < 0 ? slots : slots.slice(0, at);
  const after = at < 0 ? [] : slots.slice(at);
  const weights = [...new Set(after.map(({ variable }) => variable))];
  const grouped = weights.flatMap((weight) =>
    together.map((name) => after.find((slot) => slot.variable === weight && slot.name === name))
      .filter((slot, i) => slot || (isFactored(optimizer) && i < 2))
      .map((slot) => slot?.slot ?? null)
  );
  return {
    path: "optimizer",
    name: optimizer.name,
    variables: [
      ...first.map(({ variable }) => variable),
      ...before.map(({ slot }) => slot),
      ...grouped,
      ...after.filter(({ name }) => !together.includes(name)).map(({ slot }) => slot),
      ...last.map(({ variable }) => variable),
    ],
  };
}

/** The optimizer's folder, and beside it that of one within, as Keras writes it once more. */
export function optimizerFolders(optimizer: Optimizer): SavedFolder[] {
  const own = savedOptimizer(optimizer);
  if (!(optimizer instanceof LossScaleOptimizer)) return [own];
  const inner = savedOptimizer(optimizer.innerOptimizer);
  return [own, { ...inner, path: "optimizer/inner_optimizer" }];
}

/** Its own counters, then each of the optimizers by itself. */
function savedOptimizers(optimizer: Optimizer, parts: readonly Optimizer[]): SavedFolder {
  const own = optimizer.ownVariables.filter(({ name }) => !name.includes("/"));
  const inner = parts.flatMap((one) => savedOptimizer(one).variables);
  const variables = [...own.map(({ variable }) => variable), ...inner];
  return { path: "optimizer", name: optimizer.name, variables };
}

/** Keras keeps zeros where a vector has neither means of rows nor of columns. */
function isFactored(optimizer: Optimizer): boolean {
  return togetherOf(optimizer) === TOGETHER.Adafactor;
}

function togetherOf(optimizer: Optimizer): readonly string[] {
  for (let Class = optimizer.constructor; Class.name; Class = Object.getPrototypeOf(Class)) {
    if (Object.hasOwn(TOGETHER, Class.name)) return TOGETHER[Class.name];
  }
  return [];
}
