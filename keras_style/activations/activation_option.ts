/**
 * What layers may be told as their activation, as TensorFlow.js takes it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { toCamelCase } from "../naming.ts";
import * as functions from "./functions.ts";
import type { ActivationFunction } from "./functions.ts";

/** The functions' names; Keras' own spelling, `hard_sigmoid`, is taken as well. */
export type ActivationName = Exclude<keyof typeof functions, "ActivationFunction">;

/** An activation by its name, as a function, or as a layer without weights. */
export type ActivationOption =
  | ActivationName
  | (string & Record<never, never>)
  | ActivationFunction
  | tf.layers.Layer
  | null;

/** TensorFlow.js' activations, whose class it does not export. */
interface Activation extends tf.serialization.Serializable {
  apply(x: tf.Tensor, axis?: number): tf.Tensor;
}

type ActivationConstructor = abstract new () => Activation;

const BaseActivation = Object.getPrototypeOf(
  (tf.layers.activation({ activation: "relu" }) as unknown as { activation: Activation })
    .activation.constructor,
) as ActivationConstructor;

/** TensorFlow.js' names of what it computes as Keras 3 does; it saves layers by them. */
const SHARED: Partial<Record<ActivationName, string>> = {
  elu: "elu",
  gelu: "gelu",
  linear: "linear",
  logSoftmax: "logSoftmax",
  mish: "mish",
  relu: "relu",
  relu6: "relu6",
  selu: "selu",
  sigmoid: "sigmoid",
  silu: "swish",
  softmax: "softmax",
  softplus: "softplus",
  softsign: "softsign",
  swish: "swish",
  tanh: "tanh",
};

/** Ours, under Keras' spelling: TensorFlow.js' `hardSigmoid` is that of Keras 2. */
const OWN: Partial<Record<ActivationName, string>> = {
  celu: "celu",
  exponential: "exponential",
  hardSigmoid: "hard_sigmoid",
  hardSilu: "hard_silu",
  hardSwish: "hard_silu",
  leakyRelu: "leaky_relu",
};

const REGISTERED: ReadonlyMap<string, string> = new Map(Object.entries({ ...SHARED, ...OWN }));

for (const [name, registered] of Object.entries(OWN)) {
  if (name !== "hardSwish") registerActivation(registered, functions[name as ActivationName]);
}

/** Layers that are nothing but an activation. */
const ACTIVATION_LAYERS = ["Activation", "ELU", "LeakyReLU", "ReLU", "Softmax", "ThresholdedReLU"];

/**
 * An activation as TensorFlow.js' layers take it.
 *
 * @param option the option's name, for errors
 * @throws {TypeError} if it is none, naming what was given
 */
export function activationFor(value: unknown, option: string): unknown {
  if (value === undefined || value === null || value instanceof BaseActivation) return value;
  if (typeof value === "string") return registeredName(value, option);
  if (value instanceof tf.layers.Layer) return layerActivation(value, option);
  if (typeof value === "function") return functionActivation(value as ActivationFunction, option);
  // How TensorFlow.js itself writes one.
  if (typeof value === "object" && "className" in value && "config" in value) return value;
  throw new TypeError(`${option} is ${describe(value)}, expected a name, a function or a layer`);
}

function registeredName(name: string, option: string): string {
  const registered = REGISTERED.get(toCamelCase(name));
  if (registered !== undefined) return registered;
  const classes = registeredClasses();
  const known = Object.hasOwn(classes, name)
    ? classes[name][0] as { prototype: unknown }
    : undefined;
  if (known?.prototype instanceof BaseActivation) return name;
  throw new TypeError(
    `${option} is "${name}", expected one of ${[...REGISTERED.keys()].sort().join(", ")}`,
  );
}

function layerActivation(layer: tf.layers.Layer, option: string): unknown {
  const className = layer.getClassName();
  if (!ACTIVATION_LAYERS.includes(className)) {
    throw new TypeError(
      `${option} is a layer ${className}, expected one of ${ACTIVATION_LAYERS.join(", ")}; ` +
        `put others after the layer`,
    );
  }
  const { activation, axis } = layer.getConfig();
  if (className === "Activation") return activation;
  // By its name the losses know that they may use the scores before it.
  if (className === "Softmax" && (axis ?? -1) === -1) return "softmax";
  return new LayerActivation(layer);
}

function functionActivation(run: ActivationFunction, option: string): unknown {
  const own = Object.entries(functions).find(([, known]) => known === run);
  if (own) return REGISTERED.get(own[0]);
  const { name } = run;
  // TensorFlow.js' own functions, `tf.relu`, are named `relu__op`.
  const core = name.replace(/__op$/, "");
  if ((tf as unknown as Record<string, unknown>)[core] === run && REGISTERED.has(core)) {
    return REGISTERED.get(core);
  }
  if (REGISTERED.has(toCamelCase(name)) || Object.hasOwn(registeredClasses(), name)) {
    throw new TypeError(
      `${option} is a function ${name}, expected another name: by this one a saved model would ` +
        `mean what is known under it already`,
    );
  }
  return new (activationClass(name, run))();
}

/** A class that computes by a function and is saved under its name. */
export function activationClass(name: string, run: ActivationFunction): new () => Activation {
  return class extends BaseActivation {
    static className = name;
    override apply(x: tf.Tensor): tf.Tensor {
      return tf.tidy(() => run(x));
    }
    override getConfig(): tf.serialization.ConfigDict {
      return {};
    }
    override getClassName(): string {
      return name;
    }
  };
}

function registerActivation(name: string, run: ActivationFunction): void {
  tf.serialization.registerClass(
    activationClass(name, run) as unknown as Parameters<typeof tf.serialization.registerClass>[0],
  );
}

/** A layer within a layer. */
class LayerActivation extends BaseActivation {
  static className = "LayerActivation";
  readonly #layer: tf.layers.Layer;

  constructor(layer: tf.layers.Layer) {
    super();
    this.#layer = layer;
  }

  override apply(x: tf.Tensor): tf.Tensor {
    return this.#layer.call(x, {}) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { layer: { className: this.#layer.getClassName(), config: this.#layer.getConfig() } };
  }

  /** TensorFlow.js saves what this returns and nothing else: so it is class and configuration in one. */
  override getClassName(): string {
    const saved = { className: LayerActivation.className, config: this.getConfig() };
    return saved as unknown as string;
  }

  static fromConfig(_: unknown, config: tf.serialization.ConfigDict): LayerActivation {
    const { className, config: own } = config.layer as { className: string; config: unknown };
    if (!ACTIVATION_LAYERS.includes(className)) {
      throw new TypeError(`activation is a layer ${className}, expected one without weights`);
    }
    const [cls, make] = registeredClasses()[className];
    return new LayerActivation((make as (...args: unknown[]) => tf.layers.Layer)(cls, own));
  }
}

tf.serialization.registerClass(
  LayerActivation as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);

function registeredClasses(): Record<string, [cls: unknown, fromConfig: unknown]> {
  return tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<
    string,
    [unknown, unknown]
  >;
}

function describe(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
