/**
 * Activations by name, as functions and as layers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type ConfigurableLayer,
  isLayerObject,
  layerFromSaved,
  savedLayer,
} from "../layers/layer_registry.ts";
import { toCamelCase, toSnakeCase } from "../naming.ts";
import { listNames, show } from "../options.ts";
import { getRegisteredName, getRegisteredObject, type SavedObject } from "../registry.ts";
import * as functions from "./functions.ts";
import type { ActivationFunction } from "./functions.ts";

/** The functions' names; Keras' own spelling, `hard_sigmoid`, is taken as well. */
export type ActivationName = Exclude<keyof typeof functions, "ActivationFunction">;

/** An activation by its name, as a function, or as a layer without weights; null for none. */
export type ActivationOption =
  | ActivationName
  | (string & Record<never, never>)
  | ActivationFunction
  | ConfigurableLayer
  | SavedObject
  | null;

const KNOWN: ReadonlyMap<string, ActivationFunction> = new Map(Object.entries(functions));
/** Other names of the same function. */
const ALIASES: Readonly<Record<string, string>> = { hardSwish: "hardSilu", swish: "silu" };

/** Layers that are nothing but an activation. */
const ACTIVATION_LAYERS = ["Activation", "ELU", "LeakyReLU", "ReLU", "Softmax", "ThresholdedReLU"];

/**
 * The activation that is meant.
 *
 * @param option where it stands, for errors: "activation"
 * @throws {TypeError} if it is none, naming what was given
 */
export function get(
  value: ActivationOption | undefined,
  option: string = "activation",
): ActivationFunction {
  if (value === undefined || value === null) return functions.linear;
  if (typeof value === "string") return byName(value, option);
  if (isLayerObject(value)) return ofLayer(value, option);
  if (typeof value === "function") return ofFunction(value as ActivationFunction, option);
  if (typeof value === "object" && "className" in value && "config" in value) {
    return get(layerFromSaved(value), option);
  }
  throw new TypeError(`${option} is ${show(value)}, expected a name, a function or a layer`);
}

function byName(name: string, option: string): ActivationFunction {
  const known = KNOWN.get(toCamelCase(name));
  if (known) return known;
  const own = getRegisteredObject(name) ?? getRegisteredObject(`Custom>${name}`);
  if (typeof own === "function" && own.prototype === undefined || isPlainFunction(own)) {
    return own as ActivationFunction;
  }
  throw new TypeError(
    `${option} is ${show(name)}, expected one of ${listNames([...KNOWN.keys()].sort(), name)}`,
  );
}

function isPlainFunction(value: unknown): boolean {
  return typeof value === "function" &&
    !/^class\b/.test(Function.prototype.toString.call(value));
}

function ofLayer(layer: ConfigurableLayer, option: string): ActivationFunction {
  const className = layer.getClassName();
  if (!ACTIVATION_LAYERS.includes(className)) {
    throw new TypeError(
      `${option} is a layer ${className}, expected one of ${ACTIVATION_LAYERS.join(", ")}; ` +
        `put others after the layer`,
    );
  }
  const { activation, axis } = layer.getConfig();
  if (className === "Activation") return get(activation as ActivationOption, option);
  // By its name the losses know that they may use the logits before it.
  if (className === "Softmax" && (axis ?? -1) === -1) return functions.softmax;
  return layer as unknown as ActivationFunction;
}

function ofFunction(run: ActivationFunction, option: string): ActivationFunction {
  if ([...KNOWN.values()].includes(run)) return run;
  // TensorFlow.js' own functions, `tf.relu`, are named `relu__op`.
  const core = run.name.replace(/__op$/, "");
  const known = KNOWN.get(core);
  if (known && (tf as unknown as Record<string, unknown>)[core] === run) return known;
  if (KNOWN.has(toCamelCase(run.name))) {
    throw new TypeError(
      `${option} is a function ${run.name}, expected another name: by this one a saved model would ` +
        `mean what is known under it already`,
    );
  }
  return run;
}

/** What an activation is saved as: its name, or class and configuration of a layer. */
export function serialize(activation: ActivationFunction): string | SavedObject {
  for (const [name, known] of KNOWN) {
    if (known === activation) return toSnakeCase(ALIASES[name] ?? name);
  }
  if (isLayerObject(activation)) {
    return savedLayer(activation as unknown as ConfigurableLayer);
  }
  return getRegisteredName(activation);
}
