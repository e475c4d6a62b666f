/**
 * What `compile` was told, as plain data and back.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import * as losses from "../losses/mod.ts";
import * as metrics from "../metrics/mod.ts";
import type { CompileOptions } from "../models/trained_model.ts";
import * as optimizers from "../optimizers/mod.ts";
import type { CustomObjects } from "./custom_objects.ts";

/** Options of `compile` as plain data. */
export type CompileConfig = Readonly<Record<string, unknown>>;

/** Something that says what it was made from. */
interface Configurable {
  getConfig(): Record<string, unknown>;
}

const FIELDS = ["optimizer", "loss", "lossWeights", "metrics", "weightedMetrics"] as const;

/** Classes that need not be given at loading; losses and metrics share names. */
const OWN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  optimizer: { ...optimizers },
  loss: { ...losses },
  metrics: { ...metrics },
  weightedMetrics: { ...metrics },
};

/** @throws {Error} for a function without a name: nothing could be told apart by it at loading */
export function compileConfig(options: CompileOptions): CompileConfig {
  return Object.fromEntries(
    FIELDS.filter((field) => options[field] !== undefined)
      .map((field) => [field, toPlain(field, options[field])]),
  );
}

function toPlain(field: string, value: unknown): unknown {
  if (isConfigurable(value)) {
    return { "@class": value.constructor.name, config: value.getConfig() };
  }
  if (typeof value === "function") {
    if (value.name) return { "@function": value.name };
    throw new Error(
      `save: ${field} has a function without a name, expected one with a name, under which it is given to ` +
        `loadModel as one of customObjects`,
    );
  }
  if (Array.isArray(value)) return value.map((entry) => toPlain(field, entry));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, toPlain(field, entry)]),
  );
}

function isConfigurable(value: unknown): value is Configurable {
  return value instanceof losses.Loss || value instanceof metrics.Metric ||
    value instanceof optimizers.Optimizer;
}

/** @throws {Error} for a class or function that is neither Keras' nor one of `custom` */
export function compileOptions(config: CompileConfig, custom: CustomObjects): CompileOptions {
  return Object.fromEntries(
    FIELDS.filter((field) => Object.hasOwn(config, field))
      .map((field) => [field, fromPlain(field, config[field], custom)]),
  );
}

function fromPlain(field: string, value: unknown, custom: CustomObjects): unknown {
  if (Array.isArray(value)) return value.map((entry) => fromPlain(field, entry, custom));
  if (typeof value !== "object" || value === null) return value;
  const named = value as Record<string, unknown>;
  if (typeof named["@class"] === "string") {
    const Class = find(field, "class", named["@class"], { ...OWN[field], ...custom });
    return new (Class as new (config: unknown) => unknown)(named.config);
  }
  if (typeof named["@function"] === "string") {
    return find(field, "function", named["@function"], custom);
  }
  return Object.fromEntries(
    Object.entries(named).map(([key, entry]) => [key, fromPlain(field, entry, custom)]),
  );
}

function find(
  field: string,
  kind: string,
  name: string,
  objects: Readonly<Record<string, unknown>>,
): unknown {
  const found = Object.hasOwn(objects, name) ? objects[name] : undefined;
  if (typeof found === "function") return found;
  throw new Error(
    `${field} of the saved model is a ${kind} ${
      shortText(name)
    } that is not known, expected it in ` +
      `customObjects (or compile: false)`,
  );
}
