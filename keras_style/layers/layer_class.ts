/**
 * TensorFlow.js' layers as Keras' classes: called like functions, named as Keras names them, with Keras' defaults.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { activationFor } from "../activations/activation_option.ts";
import { makeCallable } from "../callable.ts";
import { autoName } from "../naming.ts";
import { seeded } from "./initializers.ts";
import { isDimension } from "./input.ts";
import { giveDropout } from "./recurrent_dropout.ts";

/** What may be said at a call. */
export interface CallOptions {
  /** Whether the layer is being trained: dropout drops, batch normalization counts. */
  readonly training?: boolean;
}

/**
 * A layer. Called with symbolic tensors it becomes part of a model; called with tensors it computes at once.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = keras.Input({ shape: [8] });
 * const outputs = new keras.layers.Dense({ units: 2 })(inputs);
 * console.log(outputs.shape); // [ null, 2 ]
 * ```
 */
export interface Layer extends tf.layers.Layer {
  (inputs: tf.SymbolicTensor | tf.SymbolicTensor[], options?: CallOptions): tf.SymbolicTensor;
  (inputs: tf.Tensor | tf.Tensor[], options?: CallOptions): tf.Tensor;
}

/** A class of layers; `new` may be left out. */
export interface LayerClass<Args, Optional extends boolean = false> {
  new (...args: Optional extends true ? [args?: Args] : [args: Args]): Layer;
  (...args: Optional extends true ? [args?: Args] : [args: Args]): Layer;
}

/** Arguments that Keras sets where the user does not. */
export type Defaults = Readonly<Record<string, unknown>>;

/**
 * Makes a class of TensorFlow.js' function that makes such layers.
 *
 * @param defaults Keras' defaults where TensorFlow.js has others
 */
export function layerClass<Args, Optional extends boolean = false>(
  make: (args: Args) => tf.layers.Layer,
  defaults: Defaults = {},
): LayerClass<Args, Optional> {
  function create(args?: Args): Layer {
    return finishLayer(make(prepareArgs({ ...defaults, ...args }) as Args), args);
  }
  return create as unknown as LayerClass<Args, Optional>;
}

/** Gives a new layer Keras' name and makes it callable. */
export function finishLayer(layer: tf.layers.Layer, args: unknown): Layer {
  layer.name = (args as { name?: string } | undefined)?.name ?? autoName(layer.getClassName());
  return callableLayer(layer);
}

/** A layer of TensorFlow.js that is called like a function, under the name it has. */
export function callableLayer(layer: tf.layers.Layer): Layer {
  giveDropout(layer);
  return makeCallable(layer, (self, inputs, options) => {
    return self.apply(inputs as tf.Tensor, options as Record<string, unknown>);
  }) as Layer;
}

/** What the user may say, as TensorFlow.js takes it. */
function prepareArgs(args: Record<string, unknown>): Record<string, unknown> {
  checkInputShape(args.inputShape);
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      if (key.endsWith("Initializer")) return [key, seeded(value)];
      if (ACTIVATIONS.includes(key)) return [key, activationFor(value, key)];
      return [key, value];
    }),
  );
}

const ACTIVATIONS = ["activation", "recurrentActivation"];

function checkInputShape(shape: unknown): void {
  if (shape === undefined || shape === null) return;
  if (!Array.isArray(shape) || !shape.every(isDimension)) {
    throw new RangeError(
      `inputShape is ${JSON.stringify(shape)}, expected integers of at least 1 or null, ` +
        `without the batch axis, such as [32, 32, 3]`,
    );
  }
}
