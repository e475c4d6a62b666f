/**
 * A model's layers as plain data and back.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { callableLayer } from "../layers/layer_class.ts";
import { giveDropout } from "../layers/recurrent_dropout.ts";
import { Model } from "../models/model.ts";
import { Sequential, type SequentialPart } from "../models/sequential.ts";
import { type CustomObjects, knowing, registeredClasses } from "./custom_objects.ts";

/** A class and what its object is made from. */
export interface SavedObject {
  readonly className: string;
  readonly config: Record<string, unknown>;
}

/** Our own classes of models. */
const MODELS: Readonly<Record<string, unknown>> = { Model, Sequential };

/**
 * Makes a model from {@linkcode Model.getConfig} and the name of its class. Its weights are zeros.
 *
 * @param numbers how many numbers there are for all weights together: a model of more is refused before they are made
 * @throws {Error} for a class that is neither TensorFlow.js' nor one of `custom`, or a configuration that fits none
 */
export function modelFromConfig(saved: SavedObject, custom: CustomObjects, numbers: number): Model {
  checkClasses(saved, custom);
  return knowing(custom, () => withinBudget(numbers, () => makeModel(saved, custom)));
}

function makeModel(saved: SavedObject, custom: CustomObjects): Model {
  const { className, config } = saved;
  const Class = { ...MODELS, ...custom }[className] as typeof Model & typeof Sequential;
  if (Class.prototype instanceof Sequential || Class === Sequential) {
    return new Class(partsOf(config, custom), { name: config.name as string });
  }
  const fromConfig = tf.LayersModel.fromConfig as unknown as (
    cls: unknown,
    config: unknown,
  ) => tf.LayersModel;
  const network = fromConfig(tf.LayersModel, config);
  giveDropout(network);
  const { inputs, outputs } = network;
  return new Class({ inputs, outputs, name: config.name as string });
}

function partsOf(config: Record<string, unknown>, custom: CustomObjects): SequentialPart[] {
  const { batchInputShape, dtype, name } = config.input as Record<string, unknown>;
  const input = tf.input(
    { batchShape: batchInputShape, dtype, name } as Parameters<
      typeof tf.input
    >[0],
  );
  const parts = (config.layers as SavedObject[]).map((part) => {
    if (isModelClass(part.className, custom)) return makeModel(part, custom);
    const [cls, fromConfig] = registeredClasses()[part.className];
    const make = fromConfig as (cls: unknown, config: unknown) => tf.layers.Layer;
    return callableLayer(make(cls, part.config));
  });
  return [input, ...parts];
}

function isModelClass(name: string, custom: CustomObjects): boolean {
  if (Object.hasOwn(MODELS, name)) return true;
  return Object.hasOwn(custom, name) && custom[name]?.prototype instanceof Model;
}

/** Every class that is named somewhere must be known: nothing else in a file is called. */
function checkClasses(value: unknown, custom: CustomObjects): void {
  if (typeof value !== "object" || value === null) return;
  if (Object.hasOwn(value, "__proto__")) throw new Error("its layers have a field __proto__");
  const { className, config } = value as Partial<SavedObject>;
  if (className !== undefined && config !== undefined) {
    const isKnown = typeof className === "string" &&
      (isModelClass(className, custom) || Object.hasOwn(custom, className) ||
        Object.hasOwn(registeredClasses(), className));
    if (!isKnown) {
      throw new Error(
        `layer class ${JSON.stringify(className)} is not known, expected it in customObjects: ` +
          `{ ${className} }`,
      );
    }
  }
  for (const entry of Object.values(value)) checkClasses(entry, custom);
}

type AddWeight = (
  name: string,
  shape: tf.Shape,
  dtype: tf.DataType,
  initializer: unknown,
  ...others: unknown[]
) => unknown;

/** Weights made meanwhile are zeros, and never more than a file has numbers for. */
function withinBudget<T>(numbers: number, make: () => T): T {
  const prototype = tf.layers.Layer.prototype as unknown as { addWeight: AddWeight };
  const { addWeight } = prototype;
  let left = numbers;
  prototype.addWeight = function (name, shape, dtype, _, ...others) {
    left -= tf.util.sizeFromShape(shape as number[]);
    if (!(left >= 0)) {
      throw new Error(`its layers have more weights than the ${numbers} numbers in it`);
    }
    return addWeight.call(this, name, shape, dtype, tf.initializers.zeros(), ...others);
  };
  try {
    return make();
  } finally {
    prototype.addWeight = addWeight;
  }
}
