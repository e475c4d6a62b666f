/**
 * Functions of tensors that are recorded once and then run as one call into ONNX Runtime: what
 * `tf.function` is in TensorFlow.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { activeBackend } from "../engine/mod.ts";
import type { OnnxRuntimeBackend } from "../engine/mod.ts";
import { signatureOf } from "./containers.ts";
import {
  checkArguments,
  checkInputSignature,
  recordingShapes,
  type TensorSpec,
} from "./input_signature.ts";
import type { Recording } from "./recording.ts";
import { replay } from "./replay.ts";
import { specialize } from "./specialize.ts";
import { Trace } from "./trace.ts";

/** Options of {@linkcode tfFunction}. */
export interface TfFunctionOptions {
  /**
   * Values beside the arguments that the function depends on and that may change: it is recorded once for
   * each of them. A learning rate kept as a number, for instance: `() => optimizer.learningRate`.
   */
  readonly dependsOn?: () => unknown;
  /**
   * Element types and shapes of the arguments, which are all tensors then. Extents may be `null`: the function is recorded
   * once for all of them, and sees `null` where it reads a shape.
   */
  readonly inputSignature?: readonly TensorSpec[];
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
 * With an `inputSignature` that leaves extents open, the function is recorded once; new extents cost one more program,
 * but no run of the function. `tensor.shape` has `null` for them; `shape(tensor)` gives them as a tensor, and
 * `zeros([h, w])`, `ones`, `fill` and `drawUniform` take extents worked out from it. Arguments whose first extents were
 * equal when it was recorded are taken to have as many rows always; where they have not, it is recorded once more.
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
  const { inputSignature, dependsOn } = options;
  if (inputSignature) checkInputSignature(inputSignature);
  const isOpen = inputSignature?.some(({ shape }) => shape.includes(null)) ?? false;
  const recorder = new Recorder(
    fn as (...args: unknown[]) => unknown,
    isOpen ? inputSignature : undefined,
  );
  const call = (...args: A): R => {
    if (inputSignature) checkArguments(inputSignature, args);
    const backend = activeBackend();
    if (!backend) sayOnceThatFunctionsAreNotTraced();
    if (!backend || backend.trace || tf.engine().state.gradientDepth > 0) return runNow(fn, args);
    const tensors: tf.Tensor[] = [];
    const signature = signatureOf([args, dependsOn?.()], tensors);
    refuseDisposed(tensors);
    const recording = recorder.recordingFor(backend, signature, dependsOn?.(), args, tensors);
    return replay(backend, recording, tensors) as R;
  };
  return Object.defineProperty(call, "signatures", {
    get: () => recorder.count,
  }) as TracedFunction<A, R>;
}

/** Recordings of one function. */
class Recorder {
  /** One for each signature with all extents known: what is called. */
  readonly #ready = new Map<string, Recording>();
  /** One for each signature with unknown extents: what the others are made from. */
  readonly #open = new Map<string, Recording>();

  constructor(
    readonly fn: (...args: unknown[]) => unknown,
    /** The signature of a function with unknown extents. */
    readonly signature: readonly TensorSpec[] | undefined,
  ) {}

  /** How often the function was recorded. */
  get count(): number {
    return this.signature ? this.#open.size : this.#ready.size;
  }

  recordingFor(
    backend: OnnxRuntimeBackend,
    signature: string,
    dependency: unknown,
    args: readonly unknown[],
    tensors: readonly tf.Tensor[],
  ): Recording {
    let recording = this.#ready.get(signature);
    if (recording) return recording;
    // What is pending now is computed once, not again at every call.
    if (backend.hasPending) backend.flush().catch(() => {});
    recording = this.signature
      ? this.#specialized(backend, this.signature, dependency, tensors)
      : new Trace(backend).record(this.fn, args);
    this.#ready.set(signature, recording);
    return recording;
  }

  #specialized(
    backend: OnnxRuntimeBackend,
    signature: readonly TensorSpec[],
    dependency: unknown,
    tensors: readonly tf.Tensor[],
  ): Recording {
    const shapes = recordingShapes(signature, tensors);
    const key = signatureOf([shapes, dependency], []);
    let open = this.#open.get(key);
    if (!open) this.#open.set(key, open = new Trace(backend, shapes).record(this.fn, tensors));
    return specialize(open, shapes, tensors);
  }
}

function describe(fn: unknown): string {
  return typeof fn === "function" ? "an async function" : `${fn}`;
}

let said = false;

/** On the other engines every call runs the function op by op. */
function sayOnceThatFunctionsAreNotTraced(): void {
  if (said) return;
  said = true;
  console.warn(
    `tfFunction: the engine ${tf.getBackend()} runs traced functions op by op at every call; only onnxruntime compiles them`,
  );
}

function runNow<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  return tf.tidy(() => fn(...args) as tf.TensorContainer) as R;
}

function refuseDisposed(tensors: readonly tf.Tensor[]): void {
  const at = tensors.findIndex((tensor) => tensor.isDisposed);
  if (at >= 0) throw new Error(`tfFunction: tensor argument ${at} is disposed`);
}
