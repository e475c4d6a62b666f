/**
 * What `compile` was given, as plain data and back.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import * as losses from "../losses/mod.ts";
import * as metrics from "../metrics/mod.ts";
import type { CompileOptions } from "../models/trained_model.ts";
import * as optimizers from "../optimizers/mod.ts";
import { toCamelCase } from "../naming.ts";
import { getCustomObjects, getRegisteredName } from "../registry.ts";
import type { CustomObjects } from "./custom_objects.ts";
import { fromKeras, functionFromKeras } from "./from_keras.ts";
import {
  nameToKeras,
  ownFunction,
  ownFunctionName,
  ownFunctionToKeras,
} from "./keras_identifiers.ts";
import { functionToKeras, toKeras } from "./to_keras.ts";
import { type Kind, toKerasName } from "./keras_settings.ts";

/** Options of `compile` as plain data. */
export type CompileConfig = Readonly<Record<string, unknown>>;

/** Something that says what it was made from. */
interface Configurable {
  getConfig(): Record<string, unknown>;
}

const FIELDS = [
  "optimizer",
  "loss",
  "lossWeights",
  "metrics",
  "weightedMetrics",
  "stepsPerExecution",
] as const;

/** Classes that need not be given at loading; losses and metrics share names. */
const OWN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  optimizer: { ...optimizers },
  loss: { ...losses },
  metrics: { ...metrics },
  weightedMetrics: { ...metrics },
};

/** @throws {Error} for a function without a name: it could not be found again at loading */
export function compileConfig(options: CompileOptions): CompileConfig {
  return Object.fromEntries(
    FIELDS.filter((field) => options[field] !== undefined)
      .map((field) => [field, toPlain(field, options[field])]),
  );
}

function toPlain(field: string, value: unknown): unknown {
  if (isConfigurable(value)) {
    return { "@class": getRegisteredName(value.constructor), config: value.getConfig() };
  }
  if (typeof value === "function") {
    const own = ownFunctionName(value);
    if (own) return { "@ownFunction": own };
    if (value.name) return { "@function": getRegisteredName(value) };
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
    const Class = find(field, "class", named["@class"], {
      ...OWN[field],
      ...getCustomObjects(),
      ...custom,
    });
    return new (Class as new (config: unknown) => unknown)(named.config);
  }
  if (typeof named["@ownFunction"] === "string") {
    const kind = KINDS[field as keyof typeof KINDS] === "metrics" ? "metrics" : "losses";
    const own = ownFunction(kind, named["@ownFunction"]);
    return find(field, "function", named["@ownFunction"], { [named["@ownFunction"]]: own });
  }
  if (typeof named["@function"] === "string") {
    return find(field, "function", named["@function"], { ...getCustomObjects(), ...custom });
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

/** What the fields hold, as Keras calls it. */
const KINDS: Readonly<Record<typeof FIELDS[number], Kind>> = {
  optimizer: "optimizers",
  loss: "losses",
  lossWeights: "losses",
  metrics: "metrics",
  weightedMetrics: "metrics",
  stepsPerExecution: "losses",
};

/** Options of `compile` in Keras' JSON. */
export function compileToKeras(
  options: CompileOptions,
  optimizer: optimizers.Optimizer,
): Record<string, unknown> {
  // The optimizer that there is, with the learning rate that it has now; Keras puts its own scaling around it again.
  const isOwnScale = !(options.optimizer instanceof optimizers.LossScaleOptimizer);
  const inner = optimizer instanceof optimizers.LossScaleOptimizer && isOwnScale
    ? optimizer.innerOptimizer
    : optimizer;
  const config = compileConfig({ ...options, optimizer: inner });
  const fields = FIELDS.map((field) => [
    toKerasName(field),
    partToKeras(KINDS[field], config[field] ?? null),
  ]);
  return {
    ...Object.fromEntries(fields),
    run_eagerly: false,
    steps_per_execution: options.stepsPerExecution ?? 1,
    jit_compile: "auto",
  };
}

function partToKeras(kind: Kind, value: unknown): unknown {
  if (typeof value === "string") {
    return kind === "losses" || kind === "metrics" ? nameToKeras(kind, value) : value;
  }
  if (Array.isArray(value)) return value.map((entry) => partToKeras(kind, entry));
  if (typeof value !== "object" || value === null) return value;
  const named = value as Record<string, unknown>;
  if (typeof named["@class"] === "string") {
    const config = named.config as Record<string, unknown>;
    return toKeras({ className: named["@class"], config }, kind);
  }
  if (typeof named["@ownFunction"] === "string") return ownFunctionToKeras(named["@ownFunction"]);
  if (typeof named["@function"] === "string") return functionToKeras(named["@function"]);
  return Object.fromEntries(
    Object.entries(named).map(([name, entry]) => [name, partToKeras(kind, entry)]),
  );
}

/** Options of `compile` from Keras' JSON, as {@linkcode compileOptions} takes them; undefined for a model that was not compiled. */
export function compileFromKeras(saved: unknown): CompileConfig | undefined {
  if (typeof saved !== "object" || saved === null || !Object.hasOwn(saved, "optimizer")) {
    return undefined;
  }
  const config = saved as Record<string, unknown>;
  const fields = FIELDS
    .filter((field) => (config[toKerasName(field)] ?? null) !== null)
    .map((field) => [field, partFromKeras(KINDS[field], config[toKerasName(field)])]);
  return Object.fromEntries(fields);
}

function partFromKeras(kind: Kind, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => partFromKeras(kind, entry));
  if (typeof value !== "object" || value === null) return value;
  const named = value as Record<string, unknown>;
  if (named.class_name === "function") {
    const name = functionFromKeras(named);
    if (!/^(keras|builtins)\b/.test(String(named.module))) return { "@function": name };
    const isKnown = (kind === "losses" || kind === "metrics") && ownFunction(kind, name);
    return isKnown ? { "@ownFunction": toCamelCase(name) } : name;
  }
  if (typeof named.class_name === "string") {
    const { className, config } = fromKeras(value, kind);
    return { "@class": className, config };
  }
  return Object.fromEntries(
    Object.entries(named).map(([name, entry]) => [name, partFromKeras(kind, entry)]),
  );
}
