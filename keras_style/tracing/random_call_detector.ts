/**
 * Notices values that chance made in JavaScript while a function was recorded: TensorFlow.js draws its random
 * tensors on the host, so that every call of the traced function would find the same ones.
 * @module
 */
import { type LazyArray, placeholder } from "../../onnx/mod.ts";

/** Follows `Math.random`, which TensorFlow.js seeds its generators with where no seed is given. */
export class RandomCallDetector {
  #called = false;
  readonly #values = new Map<LazyArray, LazyArray>();

  /** Watches until it is disposed. */
  watch(): Disposable {
    const before = Math.random;
    Math.random = () => {
      this.#called = true;
      return before();
    };
    return { [Symbol.dispose]: () => void (Math.random = before) };
  }

  /** What stands for new values in the graph: themselves, unless chance had a part in them. */
  standInFor(array: LazyArray): LazyArray {
    if (!this.#called) return array;
    this.#called = false;
    const standIn = placeholder("random numbers of a tfFunction", array.dtype, array.shape);
    this.#values.set(standIn, array);
    return standIn;
  }

  /** The values behind a symbolic dimension. */
  valuesOf(array: LazyArray): LazyArray | undefined {
    return this.#values.get(array);
  }

  /** @throws {Error} if the array stands for random numbers */
  refuse(array: LazyArray): void {
    if (!this.#values.has(array)) return;
    throw new Error(
      `random numbers ${array} were drawn in JavaScript inside a tfFunction (tf.randomUniform, tf.dropout, ` +
        `Math.random) and would be the same at every call; use random.uniform, or give a seed if that is wanted`,
    );
  }
}
