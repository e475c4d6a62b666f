/**
 * Names that layers, models and metrics get when none is given, as Keras makes them: `conv2d`, `conv2d_1`.
 * Source: keras/src/utils/naming.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

const used = new Map<string, number>();

/** `MaxPooling2D` to `max_pooling2d`; letters are those of every script, as in Python. */
export function toSnakeCase(name: string): string {
  return name
    .replace(/[^\p{L}\p{N}_]+/gu, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** `sparse_categorical_crossentropy` to `sparseCategoricalCrossentropy`: both spellings are taken. */
export function toCamelCase(name: string): string {
  return name.replace(/_+([\p{Ll}0-9])/gu, (_, letter: string) => letter.toUpperCase());
}

/** The next free name for a class. */
export function autoName(className: string): string {
  const name = toSnakeCase(className);
  const count = used.get(name) ?? 0;
  used.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

/** The numbers that names of variables got last: however often a name returns, the search does not begin anew. */
const lastNumbers = new Map<string, number>();

/** The name for a variable, or the name with a number: TensorFlow.js refuses one that another variable has. */
export function freeVariableName(name: string): string {
  const { registeredVariables } = tf.engine();
  if (!registeredVariables[name]) return name;
  let number = (lastNumbers.get(name) ?? 0) + 1;
  while (registeredVariables[`${name}_${number}`]) number++;
  lastNumbers.set(name, number);
  return `${name}_${number}`;
}

/**
 * Begins to number names anew, as `keras.utils.clear_session` does.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * keras.clearSession();
 * console.log(new keras.layers.Flatten().name); // flatten
 * ```
 */
export function clearSession(): void {
  used.clear();
}
