/**
 * What a traced function sees of dimensions that are not known: null, as in TensorFlow. TensorFlow.js' own code, which computes
 * with dimensions, sees their symbolic dimensions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { isReadByUser } from "./caller_line.ts";

/**
 * From now on, until disposed, every new tensor shows `null` for unknown dimensions to whoever reads its shape in code that is
 * neither TensorFlow.js' nor ours: to the function itself.
 */
export function hideUnknownDimensions(isUnknown: (dimension: number) => boolean): Disposable {
  const engine = tf.engine() as unknown as {
    trackTensor(tensor: tf.Tensor, backend: unknown): void;
  };
  const { trackTensor } = engine;
  let isOver = false;
  engine.trackTensor = function (tensor, backend) {
    trackTensor.call(this, tensor, backend);
    const known = tensor.shape;
    if (!known.some(isUnknown)) return;
    const shown = known.map((dimension) => isUnknown(dimension) ? null : dimension);
    Object.defineProperty(tensor, "shape", {
      get: () => !isOver && isReadByUser() ? shown : known,
      configurable: true,
      enumerable: true,
    });
  };
  return {
    [Symbol.dispose]() {
      isOver = true;
      // What is left is the method of the class again.
      delete (engine as { trackTensor?: unknown }).trackTensor;
    },
  };
}
