/**
 * Saved objects as Keras 3 writes them: names in snake case, each class with its module.
 * Follows keras/src/saving/serialization_lib.py of Keras 3.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
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
import { getRegisteredObject, type SavedObject } from "../registry.ts";
import * as regularizers from "../regularizers/mod.ts";
import { operationFromKeras, operationToKeras } from "./keras_operations.ts";
import {
  fromKerasName,
  isChoice,
  isKnownToKeras,
  isOnlyKeras,
  kerasSettings,
  type Kind,
  toKerasName,
} from "./keras_settings.ts";

/** A saved object in Keras' JSON. */
export interface KerasObject {
  readonly module: string | null;
  readonly class_name: string;
  readonly config: unknown;
  readonly registered_name: string | null;
  readonly [further: string]: unknown;
}

/** Where Keras keeps its classes. */
const MODULES: Readonly<Record<Exclude<Kind, "layers">, readonly [string, object]>> = {
  optimizers: ["keras.optimizers", optimizers],
  schedules: ["keras.optimizers.schedules", optimizers.schedules],
  losses: ["keras.losses", losses],
  metrics: ["keras.metrics", metrics],
  initializers: ["keras.initializers", initializers],
  regularizers: ["keras.regularizers", regularizers],
  constraints: ["keras.constraints", constraints],
};

const FUNCTIONAL = { module: "keras.src.models.functional", registered_name: "Functional" };
const POLICY = { module: "keras", class_name: "DTypePolicy", registered_name: null };

/** Layers that say their element type without a policy. */
const PLAIN_DTYPE = ["InputLayer", "Discretization"];

/** Element types that policies may have here; a policy of less precision is no float32. */
const DTYPES = ["float32", "int32", "bool"];

/** What a nested object is, by the setting that it stands in. */
function kindOf(name: string): Kind {
  if (name.endsWith("nitializer")) return "initializers";
  if (name.endsWith("egularizer")) return "regularizers";
  if (name.endsWith("onstraint")) return "constraints";
  return name === "learningRate" || name === "learning_rate" ? "schedules" : "layers";
}

/** Keras' module of a class; undefined for a user's own. */
function moduleOf(kind: Kind, className: string): string | undefined {
  if (kind === "layers") {
    if (!isOwnLayer(className)) return undefined;
    return className === "Sequential" || className === "Model" ? "keras" : "keras.layers";
  }
  const [module, members] = MODULES[kind];
  return Object.hasOwn(members, className) && /^[A-Z]/.test(className) ? module : undefined;
}

// ---- To Keras

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
    return toKeras(value as unknown as SavedObject, kindOf(name));
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

/** In Keras, what a graph within gives at the end counts its calls from 1: the graph itself is call 0. */
function shifted(
  [name, node, tensor]: readonly unknown[],
  layers: readonly unknown[],
  by: number,
): unknown[] {
  const layer = (layers as Record<string, unknown>[]).find((one) => one?.name === name);
  const config = layer?.config as Record<string, unknown> | undefined;
  const isGraph = config && Object.hasOwn(config, "output_layers");
  return [name, isGraph ? Number(node) + by : node, tensor];
}

function mapPlaces(places: unknown, change: (place: readonly unknown[]) => unknown): unknown {
  if (Array.isArray(places) && typeof places[0] === "string") return change(places);
  if (Array.isArray(places)) return places.map((one) => mapPlaces(one, change));
  if (!isPlainObject(places)) return places;
  return Object.fromEntries(
    Object.entries(places).map(([key, one]) => [key, mapPlaces(one, change)]),
  );
}

// ---- From Keras

/**
 * @param kind what the object is
 * @throws {Error} for what is no saved object, and for settings that this idiom does not have
 */
export function fromKeras(value: unknown, kind: Kind = "layers"): SavedObject {
  const object = value as Partial<KerasObject>;
  const isObject = isPlainObject(value) && typeof object.class_name === "string" &&
    isPlainObject(object.config ?? {});
  if (!isObject) {
    throw new TypeError(`${shortText(value)} is no saved object of Keras`);
  }
  const { class_name: name, module, build_config: build } = object as KerasObject;
  const config = (object.config ?? {}) as Record<string, unknown>;
  const className = classNameOf(object as KerasObject);
  const buildShape = isPlainObject(build)
    ? build.input_shape ??
      (isPlainObject(build.shapes_dict) ? Object.values(build.shapes_dict) : undefined)
    : undefined;
  const id = (object as KerasObject).shared_object_id;
  const rest = {
    ...buildShape === undefined || buildShape === null ? {} : { buildShape },
    ...kind === "layers" && typeof id === "number" ? { sharedObjectId: id } : {},
  };
  if (Array.isArray(config.layers) && Object.hasOwn(config, "input_layers")) {
    return { className, config: graphFromKeras(config), ...rest };
  }
  const isOwn = typeof module === "string" && /^(keras|builtins)\b/.test(module);
  return { className, config: configFromKeras(isOwn, kind, name, config), ...rest };
}

/** The name under which the class is known here. */
function classNameOf({ class_name: name, registered_name: registered }: KerasObject): string {
  if (typeof registered === "string" && getRegisteredObject(registered) !== undefined) {
    return registered;
  }
  return name;
}

function configFromKeras(
  isOwn: boolean,
  kind: Kind,
  className: string,
  config: Record<string, unknown>,
): Record<string, unknown> {
  const entries = Object.entries(config)
    .filter(([name, value]) => !(isOwn && isOnlyKeras(kind, className, name, value)))
    .map(([name, value]) => {
      if (name === "dtype") return [name, dtypeFromKeras(kind, className, value)];
      if (className === "MultiHeadAttention" && name === "output_shape") {
        return ["outputShape", singleSize(value)];
      }
      return [fromKerasName(name), valueFromKeras(name, value)];
    });
  return Object.fromEntries(entries);
}

function singleSize(shape: unknown): unknown {
  if (!Array.isArray(shape)) return shape;
  if (shape.length === 1) return shape[0];
  throw new Error(`MultiHeadAttention: output_shape is [${shape}], expected one size`);
}

function dtypeFromKeras(kind: Kind, className: string, value: unknown): unknown {
  const name = isPlainObject(value) ? (value.config as Record<string, unknown>)?.name : value;
  if (className === "InputLayer") return inputDtype(name);
  if (kind !== "layers" || value === null || DTYPES.includes(name as string)) return name;
  throw new Error(
    `${className}: dtype is ${
      shortText(name ?? value)
    }, expected "float32": this idiom computes in ` +
      `single precision; save the model with the policy float32, or load the weights alone (loadWeights)`,
  );
}

/** Element types that tensors have here: integers are int32, all other values float32. */
function inputDtype(name: unknown): unknown {
  if (typeof name !== "string") return name;
  if (/^u?int(8|16|32|64)$/.test(name)) return "int32";
  return /^b?float(16|32|64)$/.test(name) ? "float32" : name;
}

function valueFromKeras(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => valueFromKeras(name, entry));
  if (!isPlainObject(value)) return value;
  const { class_name: className, config } = value;
  if (className === KERAS_TENSOR && isPlainObject(config)) {
    const { shape, dtype, keras_history: kerasHistory } = config;
    return { className: KERAS_TENSOR, config: { shape, dtype, kerasHistory } };
  }
  if (className === "function" && typeof config === "string") return functionFromKeras(value);
  if (className === "__numpy__" || className === "__tensor__") {
    return (config as Record<string, unknown>)?.value;
  }
  if (className === "__lambda__") {
    throw new Error(
      "it holds the code of a Python lambda, which is not run; expected named functions",
    );
  }
  if (typeof className === "string" && Object.hasOwn(value, "config")) {
    return fromKeras(value, kindOf(name));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, valueFromKeras(key, entry)]),
  );
}

/** The name that a function is known under here. */
export function functionFromKeras(object: Record<string, unknown>): string {
  const { config, registered_name: registered } = object;
  const isKnown = typeof registered === "string" && getRegisteredObject(registered) !== undefined;
  return isKnown ? registered : String(config);
}

function graphFromKeras(config: Record<string, unknown>): Record<string, unknown> {
  const { name, trainable, input_layers: inputLayers } = config;
  const shift = (place: readonly unknown[]) => shifted(place, config.layers as unknown[], -1);
  const outputLayers = mapPlaces(config.output_layers, shift);
  const layers = (config.layers as Record<string, unknown>[]).map((layer) => {
    const calls = (Array.isArray(layer?.inbound_nodes) ? layer.inbound_nodes : []).map(
      nodeFromKeras,
    );
    if (/^keras\.src\.ops\./.test(String(layer?.module))) {
      return { ...operationFromKeras(layer, calls[0]), name: layer.name };
    }
    return { ...fromKeras(layer), name: layer.name, inboundNodes: calls };
  });
  return { name, trainable, layers, inputLayers, outputLayers };
}

function nodeFromKeras(node: unknown): { args: unknown[]; kwargs: Record<string, unknown> } {
  if (!isPlainObject(node) || !Array.isArray(node.args)) {
    throw new Error("a call of a layer is in the form of Keras 2, expected a model of Keras 3");
  }
  const named = Object.entries((node.kwargs ?? {}) as Record<string, unknown>);
  const kwargs = Object.fromEntries(
    named.map(([key, value]) => [fromKerasName(key), valueFromKeras(key, value)]),
  );
  const args = valueFromKeras("", node.args) as unknown[];
  // Called by name: layer(inputs=x).
  if (args.length > 0 || !Object.hasOwn(kwargs, "inputs")) return { args, kwargs };
  const { inputs, ...rest } = kwargs;
  return { args: [inputs], kwargs: rest };
}
