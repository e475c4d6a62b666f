/**
 * `keras.backend`: what Keras 3 kept of it. Follows keras/api/backend of Keras 3.
 * @module
 */
import { KerasTensor } from "./layers/keras_tensor.ts";

export { epsilon, floatx, imageDataFormat, setImageDataFormat } from "./config.ts";
export { clearSession } from "./naming.ts";

/** Whether something is a symbolic tensor: what {@linkcode Input} and layers called with one give. */
export function isKerasTensor(value: unknown): value is KerasTensor {
  return value instanceof KerasTensor;
}
