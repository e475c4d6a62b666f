/**
 * From Keras' JSON to saved objects.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import { isPlainObject } from "../layers/nested.ts";
import { KERAS_TENSOR } from "../models/graph_config.ts";
import { getRegisteredObject, type SavedObject } from "../registry.ts";
import { type KerasObject, kindOf, mapPlaces, shifted } from "./keras_json.ts";
import { operationFromKeras } from "./keras_operations.ts";
import { fromKerasName, isOnlyKeras, type Kind } from "./keras_settings.ts";

/** Element types that policies may have here; a policy of less precision is no float32. */
const DTYPES = [
  ...["float32", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"],
  ...["int32", "bool"],
];

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

/** One size, as the option has it, for a list of one. */
function singleSize(shape: unknown): unknown {
  return Array.isArray(shape) && shape.length === 1 ? shape[0] : shape;
}

function dtypeFromKeras(kind: Kind, className: string, value: unknown): unknown {
  const name = isPlainObject(value) ? (value.config as Record<string, unknown>)?.name : value;
  if (className === "InputLayer") return inputDtype(name);
  if (kind !== "layers" || value === null || DTYPES.includes(name as string)) return name;
  throw new Error(
    `${className}: dtype is ${shortText(name ?? value)}, expected one of ${DTYPES.join(", ")}: ` +
      `save the model with such a policy, or load the weights alone (loadWeights)`,
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
