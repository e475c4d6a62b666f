/**
 * What a traced function sees of extents that are not known: null, as in TensorFlow. TensorFlow.js' own code, which reckons
 * with extents, sees their stand-ins.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { isUnknown } from "./unknown_extents.ts";

/**
 * From now on, until disposed, every new tensor shows `null` for unknown extents to code that runs in the engine's scope of
 * this moment: the function itself. Ops run in scopes of their own, and so does what is within `tf.tidy`.
 */
export function hideUnknownExtents(): Disposable {
  const engine = tf.engine() as unknown as {
    trackTensor(tensor: tf.Tensor, backend: unknown): void;
    state: { activeScope: unknown };
  };
  const scope = engine.state.activeScope;
  const { trackTensor } = engine;
  let isOver = false;
  const isSeenByFunction = () => !isOver && engine.state.activeScope === scope;
  engine.trackTensor = function (tensor, backend) {
    trackTensor.call(this, tensor, backend);
    if (tensor.shape.some(isUnknown)) hide(tensor, isSeenByFunction);
  };
  return {
    [Symbol.dispose]() {
      isOver = true;
      // What is left is the method of the class again.
      delete (engine as { trackTensor?: unknown }).trackTensor;
    },
  };
}

function hide(tensor: tf.Tensor, isSeenByFunction: () => boolean): void {
  const known = tensor.shape;
  const shown = known.map((extent) => isUnknown(extent) ? null : extent);
  Object.defineProperty(tensor, "shape", {
    get: () => isSeenByFunction() ? shown : known,
    configurable: true,
    enumerable: true,
  });
}
