/**
 * Losses and metrics that `compile` was given by name or as a function of Keras' own, as Keras' files have them.
 * @module
 */
import * as losses from "../losses/mod.ts";
import * as metrics from "../metrics/mod.ts";
import { toCamelCase, toSnakeCase } from "../naming.ts";
import { getRegisteredObject } from "../registry.ts";
import { toKeras } from "./to_keras.ts";

/** What has names of its own there. */
export type NamedKind = "losses" | "metrics";

const MODULES: Readonly<Record<NamedKind, object>> = { losses, metrics };

/** Those that fit the labels are chosen when the model is built. */
const FITTING = ["acc", "accuracy", "ce", "crossentropy"];

/** Short names, in small or capital letters. */
const SHORT: Readonly<Record<NamedKind, readonly string[]>> = {
  losses: ["bce", "kld", "mae", "mape", "mse", "msle"],
  metrics: ["bce", "mae", "mape", "mse", "msle"],
};

/** Classes that Python's Keras does not find by name. */
const NAMELESS = ["CategoricalGeneralizedCrossEntropy"];

/** Whether Python's Keras knows a name. */
function isNameThere(kind: NamedKind, name: string): boolean {
  const isOneCase = name === name.toLowerCase() || name === name.toUpperCase();
  if (SHORT[kind].includes(name.toLowerCase()) && isOneCase) return true;
  return Object.keys(MODULES[kind]).some((member) =>
    /^[A-Z]/.test(member) && !NAMELESS.includes(member) &&
    (name === member || name === toSnakeCase(member))
  );
}

/**
 * A name as Keras reads it: itself, or the object that is meant where Keras knows no such name. A metric keeps the name
 * that it was asked for by: `cosineSimilarity` would come back as `cosine_similarity`.
 */
export function nameToKeras(kind: NamedKind, name: string): unknown {
  const isCustom = getRegisteredObject(name) ?? getRegisteredObject(`Custom>${name}`);
  if (isCustom || FITTING.includes(name) || isNameThere(kind, name)) return name;
  const saved = kind === "metrics"
    ? metrics.serialize(metrics.get(name as metrics.MetricName))
    : losses.serialize(losses.get(name as losses.LossName));
  return toKeras(saved, kind);
}

/** Functions of these modules that compute nothing. */
const TOOLS = ["deserialize", "get", "serialize"];

/** The name of a function of `keras.losses` or `keras.metrics`; undefined for a user's own. */
export function ownFunctionName(run: unknown): string | undefined {
  const own = [...Object.entries(losses), ...Object.entries(metrics)];
  return own.find(([name, member]) => member === run && !TOOLS.includes(name))?.[0];
}

/** Such a function by its name, in either spelling; undefined where there is none. */
export function ownFunction(kind: NamedKind, name: string): unknown {
  const known: Record<string, unknown> = kind === "losses"
    ? { ...metrics, ...losses }
    : { ...losses, ...metrics };
  const camel = toCamelCase(name);
  const isFunction = /^[a-z]/.test(camel) && !TOOLS.includes(camel) && Object.hasOwn(known, camel);
  return isFunction ? known[camel] : undefined;
}

/** A function of Keras' own as Keras writes it. */
export function ownFunctionToKeras(name: string): Record<string, unknown> {
  const config = toSnakeCase(name);
  return { module: "builtins", class_name: "function", config, registered_name: "function" };
}
