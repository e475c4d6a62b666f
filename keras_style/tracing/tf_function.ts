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
  isRecordedFor,
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
   * Element types and shapes of the arguments, which are all tensors then. Dimensions may be `null`: the function is recorded
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
 * once; `await result.data()` waits for the values. Variables that the function assigns (by an optimizer, say)
 * are changed by each call, random numbers of {@linkcode randomUniform} are drawn afresh at each call. Values that
 * the function itself works out in JavaScript are those of the recording.
 *
 * With an `inputSignature` that leaves dimensions open, the function is recorded once; new dimensions cost one more program,
 * but no run of the function. `tensor.shape` has `null` for them; `shape(tensor)` gives them as a tensor, and
 * `zeros([h, w])`, `ones`, `fill` and `randomUniform` take dimensions worked out from it. Dimensions of different arguments that
 * were equal when it was recorded are taken to be so always; where they are not, it is recorded once more. Where an op
 * cannot follow open dimensions (resizing, "same" padding with strides), it is recorded for each shape, which is said once.
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
 *
 * const center = tfFunction((x: tf.Tensor) => {
 *   console.log("recorded for", x.shape); // once: [ null, 2 ]
 *   return tf.sub(x, tf.mean(x, 0));
 * }, { inputSignature: [{ shape: [null, 2] }] });
 * center(tf.ones([3, 2]));
 * center(tf.ones([5, 2]));
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

/** A recording with unknown dimensions. */
interface OpenRecording {
  /** What the function depended on beside its arguments. */
  readonly key: string;
  readonly shapes: readonly (readonly number[])[];
  /** Or why there is none. */
  readonly recording: Recording | Error;
}

/** Recordings of one function. */
class Recorder {
  /** One for each signature with all dimensions known: what is called. */
  readonly #ready = new Map<string, Recording>();
  /** Those with unknown dimensions, which others are made from. */
  readonly #open: OpenRecording[] = [];
  /** How often it was recorded with all dimensions known. */
  #closed = 0;
  #said = false;

  constructor(
    readonly fn: (...args: unknown[]) => unknown,
    /** The signature of a function with unknown dimensions. */
    readonly signature: readonly TensorSpec[] | undefined,
  ) {}

  /** How often the function was recorded. */
  get count(): number {
    const open = this.#open.filter(({ recording }) => !(recording instanceof Error));
    return open.length + this.#closed;
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
      ? this.#fromOpen(backend, this.signature, dependency, tensors)
      : this.#record(backend, args);
    this.#ready.set(signature, recording);
    return recording;
  }

  #record(backend: OnnxRuntimeBackend, args: readonly unknown[]): Recording {
    const recording = new Trace(backend).record(this.fn, args);
    this.#closed++;
    return recording;
  }

  /** Where open dimensions do not do, the function is recorded for those of the call. */
  #fromOpen(
    backend: OnnxRuntimeBackend,
    signature: readonly TensorSpec[],
    dependency: unknown,
    tensors: readonly tf.Tensor[],
  ): Recording {
    try {
      return this.#specialized(backend, signature, dependency, tensors);
    } catch (error) {
      // What the function itself has done with null.
      if (error instanceof TypeError) throw error;
      const recording = this.#record(backend, tensors);
      this.#sayOnce(error as Error);
      return recording;
    }
  }

  #recordOpen(
    backend: OnnxRuntimeBackend,
    shapes: readonly (readonly number[])[],
    tensors: readonly tf.Tensor[],
  ): Recording | Error {
    try {
      return new Trace(backend, shapes).record(this.fn, tensors);
    } catch (error) {
      if (error instanceof TypeError || !(error instanceof Error)) throw error;
      return error;
    }
  }

  #sayOnce({ message }: Error): void {
    if (this.#said) return;
    this.#said = true;
    console.warn(
      `tfFunction: ${
        this.fn.name || "the function"
      } is recorded for each shape of its arguments, since dimensions left open by inputSignature ` +
        `do not do here (${message})`,
    );
  }

  #specialized(
    backend: OnnxRuntimeBackend,
    signature: readonly TensorSpec[],
    dependency: unknown,
    tensors: readonly tf.Tensor[],
  ): Recording {
    const key = signatureOf(dependency, []);
    let open = this.#open.find((known) =>
      known.key === key && isRecordedFor(known.shapes, tensors, signature)
    );
    if (!open) {
      const shapes = recordingShapes(signature, tensors);
      open = { key, shapes, recording: this.#recordOpen(backend, shapes, tensors) };
      this.#open.push(open);
    }
    if (open.recording instanceof Error) throw open.recording;
    return specialize(open.recording, open.shapes, tensors);
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
