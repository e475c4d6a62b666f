/**
 * Functions of tensors that are recorded once and then run as one call into ONNX Runtime: what
 * `tf.function` is in TensorFlow.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { activeBackend } from "../engine/mod.ts";
import { signatureOf } from "./containers.ts";
import type { Recording } from "./recording.ts";
import { replay } from "./replay.ts";
import { Trace } from "./trace.ts";

/** Options of {@linkcode tfFunction}. */
export interface TfFunctionOptions {
  /**
   * Values beside the arguments that the function depends on and that may change: it is recorded once for
   * each of them. A learning rate kept as a number, for instance: `() => optimizer.learningRate`.
   */
  readonly dependsOn?: () => unknown;
}

/** A function made by {@linkcode tfFunction}. */
export interface TracedFunction<A extends unknown[], R> {
  (...args: A): R;
  /** How many signatures were recorded so far. */
  readonly signatures: number;
}

/**
 * Turns a function of tensors into one that runs as a whole.
 *
 * The function is recorded once for each signature: element types and shapes of its tensor arguments, values of
 * all others. From then on a call is one run of ONNX Runtime, on the variables' current values, and returns at
 * once; `await result.data()` waits for the numbers. Variables that the function assigns (by an optimizer, say)
 * are changed by each call, random numbers of {@linkcode drawUniform} are drawn afresh at each call. Numbers that
 * the function itself works out in JavaScript are those of the recording.
 *
 * On engines other than `onnxruntime`, inside another traced function and under a gradient tape the function is
 * simply run.
 *
 * @param fn a synchronous function; its arguments and result are tensors, or arrays and plain objects of them
 * @throws {TypeError} if `fn` is no function or is asynchronous
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { tfFunction } from "./tf_function.ts";
 *
 * const double = tfFunction((x: tf.Tensor) => tf.mul(x, 2));
 * const y = double(tf.tensor([1, 2]));
 * console.log(await y.data()); // 2, 4
 * ```
 *
 * Follows https://www.tensorflow.org/guide/function
 */
export function tfFunction<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: TfFunctionOptions = {},
): TracedFunction<A, R> {
  if (typeof fn !== "function" || fn.constructor.name === "AsyncFunction") {
    throw new TypeError(
      `tfFunction: fn is ${describe(fn)}, expected a synchronous function of tensors`,
    );
  }
  const recordings = new Map<string, Recording>();
  const call = (...args: A): R => {
    const backend = activeBackend();
    if (!backend || backend.trace || tf.engine().state.gradientDepth > 0) return runNow(fn, args);
    const tensors: tf.Tensor[] = [];
    const signature = signatureOf([args, options.dependsOn?.()], tensors);
    refuseDisposed(tensors);
    let recording = recordings.get(signature);
    if (!recording) {
      // What is pending now is computed once, not again at every call.
      if (backend.hasPending) backend.flush().catch(() => {});
      recording = new Trace(backend).record(fn as (...args: unknown[]) => unknown, args);
      recordings.set(signature, recording);
    }
    return replay(backend, recording, tensors) as R;
  };
  return Object.defineProperty(call, "signatures", {
    get: () => recordings.size,
  }) as TracedFunction<A, R>;
}

function describe(fn: unknown): string {
  return typeof fn === "function" ? "an async function" : `${fn}`;
}

function runNow<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  return tf.tidy(() => fn(...args) as tf.TensorContainer) as R;
}

function refuseDisposed(tensors: readonly tf.Tensor[]): void {
  const at = tensors.findIndex((tensor) => tensor.isDisposed);
  if (at >= 0) throw new Error(`tfFunction: tensor argument ${at} is disposed`);
}
