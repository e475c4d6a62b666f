/**
 * From saved objects to Keras' JSON.
 * @module
 */
import * as functions from "../activations/mod.ts";
import * as constraints from "../constraints/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { isOwnLayer } from "../layers/layer_registry.ts";
import { isPlainObject } from "../layers/nested.ts";
import * as losses from "../losses/mod.ts";
import * as metrics from "../metrics/mod.ts";
import { KERAS_TENSOR, TENSOR_OPERATION } from "../models/graph_config.ts";
import { toCamelCase } from "../naming.ts";
import * as optimizers from "../optimizers/mod.ts";
import * as random from "../random/mod.ts";
import type { SavedObject } from "../registry.ts";
import * as regularizers from "../regularizers/mod.ts";
import { type KerasObject, kindOf, mapPlaces, shifted } from "./keras_json.ts";
import { operationToKeras } from "./keras_operations.ts";
import {
  fromKerasName,
  isChoice,
  isKnownToKeras,
  kerasSettings,
  type Kind,
  toKerasName,
} from "./keras_settings.ts";

/** Where Keras keeps its classes. */
const MODULES: Readonly<Record<Exclude<Kind, "layers">, readonly [string, object]>> = {
  optimizers: ["keras.optimizers", optimizers],
  schedules: ["keras.optimizers.schedules", optimizers.schedules],
  losses: ["keras.losses", losses],
  metrics: ["keras.metrics", metrics],
  initializers: ["keras.initializers", initializers],
  regularizers: ["keras.regularizers", regularizers],
  constraints: ["keras.constraints", constraints],
  random: ["keras.random", random],
};

const FUNCTIONAL = { module: "keras.src.models.functional", registered_name: "Functional" };
const POLICY = { module: "keras", class_name: "DTypePolicy", registered_name: null };

/** Layers that say their element type without a policy. */
const PLAIN_DTYPE = ["InputLayer", "Discretization"];

/** Keras' module of a class; undefined for a user's own. */
function moduleOf(kind: Kind, className: string): string | undefined {
  if (kind === "layers") {
    if (!isOwnLayer(className)) return undefined;
    return className === "Sequential" || className === "Model" ? "keras" : "keras.layers";
  }
  const [module, members] = MODULES[kind];
  return Object.hasOwn(members, className) && /^[A-Z]/.test(className) ? module : undefined;
}

/**
 * @param kind what the object is
 * @throws {Error} for settings of a user's class that would have another name once they are read again
 */
export function toKeras(saved: SavedObject, kind: Kind = "layers"): KerasObject {
  const { className, config, buildShape, sharedObjectId: id } = saved;
  const own = id === undefined ? {} : { shared_object_id: id };
  if (className === TENSOR_OPERATION) throw new Error("an operation stands outside of a graph");
  const build = buildShape === undefined
    ? {}
    : { build_config: buildConfig(className, buildShape) };
  if (isGraph(saved)) {
    const module = className === "Functional" || className === "Model"
      ? { ...FUNCTIONAL, class_name: "Functional" }
      : custom(className);
    const graph = { ...module, config: graphToKeras(config), build_config: { input_shape: null } };
    return { ...graph, ...own } as unknown as KerasObject;
  }
  const module = moduleOf(kind, className);
  if (module === undefined) {
    return { ...custom(className), config: customConfig(className, config), ...build, ...own };
  }
  const settings = configToKeras(kind, className, config);
  return {
    module,
    class_name: className,
    config: settings,
    registered_name: null,
    ...build,
    ...own,
  };
}

function isGraph({ config }: SavedObject): boolean {
  return Object.hasOwn(config, "inputLayers") && Object.hasOwn(config, "outputLayers");
}

function custom(
  registered: string,
): Pick<KerasObject, "module" | "class_name" | "registered_name"> {
  return { module: null, class_name: registered.split(">").at(-1)!, registered_name: registered };
}

/** What a layer was built for, by the names of its `build`. */
function buildConfig(className: string, shape: unknown): Record<string, unknown> {
  if (!/^(MultiHead|GroupQuery)Attention$/.test(className)) return { input_shape: shape };
  const [query_shape, value_shape] = shape as unknown[];
  return { shapes_dict: { query_shape, value_shape } };
}

function customConfig(className: string, config: SavedObject["config"]): Record<string, unknown> {
  const entries = Object.entries(config).map(([name, value]) => {
    const saved = toKerasName(name);
    if (fromKerasName(saved) !== name) {
      throw new Error(
        `getConfig of ${className} has "${name}", expected names in camelCase, which Keras has as ` +
          `"${toKerasName(toCamelCase(name))}"`,
      );
    }
    return [saved, name === "dtype" ? policy(value) : valueToKeras(name, value)];
  });
  return Object.fromEntries(entries);
}

function configToKeras(
  kind: Kind,
  className: string,
  config: SavedObject["config"],
): Record<string, unknown> {
  const entries = Object.entries(config)
    .filter(([name]) => isKnownToKeras(kind, className, name))
    .map(([name, value]) => {
      if (name === "dtype" && kind === "layers") {
        return [name, PLAIN_DTYPE.includes(className) ? value : policy(value)];
      }
      if (
        className === "MultiHeadAttention" && name === "outputShape" && typeof value === "number"
      ) {
        return ["output_shape", [value]];
      }
      // One pair of edges there, a list of one pair here.
      const isPair = className === "ZeroPadding1D" || className === "Cropping1D";
      if (isPair && Array.isArray(value)) return [name, value.flat()];
      return [toKerasName(name), valueToKeras(name, value)];
    });
  return { ...kerasSettings(kind, className), ...Object.fromEntries(entries) };
}

function policy(dtype: unknown): unknown {
  return { ...POLICY, config: { name: dtype } };
}

function valueToKeras(name: string, value: unknown): unknown {
  if (typeof value === "string") {
    if (name === "activation" || name === "recurrentActivation") return activationToKeras(value);
    return isChoice(name) ? toKerasName(value) : value;
  }
  if (Array.isArray(value)) return value.map((entry) => valueToKeras(name, entry));
  if (!isPlainObject(value)) return value;
  if (value.className === KERAS_TENSOR) {
    const { shape, dtype, kerasHistory } = value.config as Record<string, unknown>;
    return { class_name: KERAS_TENSOR, config: { shape, dtype, keras_history: kerasHistory } };
  }
  // Python's own: ranges, an ellipsis.
  if (typeof value.className === "string" && value.className.startsWith("__")) {
    return { class_name: value.className, config: value.config };
  }
  if (typeof value.className === "string" && isPlainObject(value.config)) {
    // Those of a map stand under names of variables.
    const isOptimizer = moduleOf("optimizers", value.className) !== undefined;
    return toKeras(value as unknown as SavedObject, isOptimizer ? "optimizers" : kindOf(name));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, valueToKeras(key, entry)]),
  );
}

/** A function of the user's as Keras writes it. */
export function functionToKeras(registered: string): KerasObject {
  return {
    module: null,
    class_name: "function",
    config: registered,
    registered_name: registered,
  };
}

function activationToKeras(name: string): unknown {
  return Object.hasOwn(functions, toCamelCase(name)) ? name : functionToKeras(name);
}

function graphToKeras(config: SavedObject["config"]): Record<string, unknown> {
  const { name, trainable, layers, inputLayers, outputLayers } = config;
  const saved = (layers as Record<string, unknown>[]).map((layer) => {
    const calls = layer.inboundNodes as { args: unknown[]; kwargs: Record<string, unknown> }[];
    const isOperation = layer.className === TENSOR_OPERATION;
    const operation = isOperation
      ? operationToKeras(
        String((layer.config as Record<string, unknown>).operation),
        layer,
        calls[0],
      )
      : undefined;
    return {
      ...operation?.object ?? toKeras(layer as unknown as SavedObject),
      name: layer.name,
      inbound_nodes: (operation ? [operation.call] : calls).map(({ args, kwargs }) => ({
        args: valueToKeras("", args),
        kwargs: Object.fromEntries(
          Object.entries(kwargs).map(([key, value]) => [toKerasName(key), valueToKeras("", value)]),
        ),
      })),
    };
  });
  const shift = (place: readonly unknown[]) => shifted(place, saved, 1);
  return {
    name,
    trainable,
    layers: saved,
    input_layers: inputLayers,
    output_layers: mapPlaces(outputLayers, shift),
  };
}
