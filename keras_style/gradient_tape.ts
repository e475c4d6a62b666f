/**
 * Automatic differentiation as TensorFlow shows it to its users: a tape that records operations, and is
 * asked for gradients afterwards. It reads the tape that TensorFlow.js keeps, which all open tapes share.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { backpropagate, nodesBetween, type TapeNode } from "./tracing/backpropagation.ts";

/** Options of a {@linkcode GradientTape}. */
export interface GradientTapeOptions {
  /** Whether gradients can be asked for more than once. False unless given. */
  readonly persistent?: boolean;
  /** Whether trainable variables are watched without being named. True unless given. */
  readonly watchAccessedVariables?: boolean;
}

/** What gradients are asked for: one tensor, a list, or tensors by name. */
export type GradientSources =
  | tf.Tensor
  | readonly tf.Tensor[]
  | Readonly<Record<string, tf.Tensor>>;

/** A gradient for each source, null where the target does not depend on it. */
export type GradientsOf<S extends GradientSources> = S extends tf.Tensor ? tf.Tensor | null
  : S extends readonly tf.Tensor[] ? (tf.Tensor | null)[]
  : { [K in keyof S]: tf.Tensor | null };

/** Options of {@linkcode GradientTape.gradient}. */
export interface GradientOptions {
  /** What the target's gradient is multiplied with; ones unless given. One for each target. */
  readonly outputGradients?: tf.Tensor | readonly tf.Tensor[];
  /** What a source gets that the target does not depend on: null (`"none"`, unless given) or zeros. */
  readonly unconnectedGradients?: "none" | "zero";
}

/** How many tapes still need the nodes of a TensorFlow.js tape. */
const holders = new WeakMap<TapeNode[], number>();

/**
 * Records operations from when it is made until it is asked (or disposed), and differentiates them.
 *
 * Trainable variables are watched by themselves, other tensors after {@linkcode watch}. Tapes may be nested:
 * an outer one records what an inner one computes, so that it gives second derivatives. A tape works on every
 * engine, and inside `tfFunction`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { GradientTape } from "./gradient_tape.ts";
 *
 * const x = tf.variable(tf.scalar(3));
 * using tape = new GradientTape();
 * const y = tf.square(x);
 * const slope = tape.gradient(y, x); // 6
 * console.log(await slope!.data());
 * ```
 *
 * Follows https://www.tensorflow.org/api_docs/python/tf/GradientTape
 */
export class GradientTape implements Disposable {
  readonly #persistent: boolean;
  readonly #watchVariables: boolean;
  /** For each watched tensor, how long the tape was when it became so. */
  readonly #watched = new Map<number, number>();
  readonly #nodes: TapeNode[];
  readonly #begin: number;
  #end: number | undefined;
  #released = false;

  constructor(options: GradientTapeOptions = {}) {
    this.#persistent = options.persistent ?? false;
    this.#watchVariables = options.watchAccessedVariables ?? true;
    const { state } = tf.engine();
    if (state.gradientDepth === 0) state.activeTape = [];
    state.gradientDepth++;
    this.#nodes = state.activeTape;
    this.#begin = this.#nodes.length;
    holders.set(this.#nodes, (holders.get(this.#nodes) ?? 0) + 1);
  }

  /**
   * Makes a tensor one that can be differentiated for, from here on.
   *
   * @throws {TypeError} if it holds no float32 values
   */
  watch(tensors: tf.Tensor | readonly tf.Tensor[]): void {
    for (const tensor of listOf(tensors)) {
      if (!(tensor instanceof tf.Tensor) || tensor.dtype !== "float32") {
        const found = tensor instanceof tf.Tensor ? `a tensor of dtype ${tensor.dtype}` : tensor;
        throw new TypeError(`GradientTape.watch: ${found} has no gradient, expected float32`);
      }
      if (!this.#watched.has(tensor.id)) this.#watched.set(tensor.id, this.#nodes.length);
    }
  }

  /** Ends the recording; gradients can still be asked for. */
  stopRecording(): void {
    if (this.#end !== undefined) return;
    this.#end = this.#nodes.length;
    const { state } = tf.engine();
    // A traced function that failed may have closed it already.
    if (state.activeTape !== this.#nodes || state.gradientDepth === 0) return;
    state.gradientDepth--;
    if (state.gradientDepth === 0) state.activeTape = null!;
  }

  /**
   * Derivatives of the target (of the sum of its elements, and of all targets) for each source.
   *
   * @returns in the nesting of `sources`, each in its source's shape; null where there is no connection, or
   *   where the source was neither watched nor computed from what was
   * @throws {Error} if the tape was disposed, or is not persistent and was asked before
   * @throws {TypeError} if a target holds no float32 values
   */
  gradient<S extends GradientSources>(
    target: tf.Tensor | readonly tf.Tensor[],
    sources: S,
    options: GradientOptions = {},
  ): GradientsOf<S> {
    if (this.#released) {
      throw new Error(
        this.#persistent
          ? "GradientTape.gradient: the tape was disposed"
          : "GradientTape.gradient: a tape that is not persistent can be asked for gradients once, before " +
            "it is disposed; make it with { persistent: true }",
      );
    }
    const targets = listOf(target);
    const seeds = options.outputGradients && listOf(options.outputGradients);
    checkTargets(targets, seeds);
    const list = sources instanceof tf.Tensor ? [sources] : Object.values(sources) as tf.Tensor[];
    if (!this.#persistent) this.stopRecording();
    try {
      const gradients = tf.tidy(() =>
        this.#compute(targets, seeds, list, options) as tf.TensorContainer
      );
      return nestAs(sources, gradients as (tf.Tensor | null)[]);
    } finally {
      if (!this.#persistent) this.#release();
    }
  }

  #compute(
    targets: readonly tf.Tensor[],
    seeds: readonly tf.Tensor[] | undefined,
    sources: readonly tf.Tensor[],
    { unconnectedGradients }: GradientOptions,
  ): (tf.Tensor | null)[] {
    const nodes = this.#nodes.slice(this.#begin, this.#end);
    const from = new Map<number, number>();
    for (const source of sources) {
      const since = this.#watchedSince(source);
      const at = since === undefined ? this.#computedAt(source, nodes) : since - this.#begin;
      if (at !== undefined) from.set(source.id, at);
    }
    const gradients = new Map<number, tf.Tensor>();
    targets.forEach((target, i) => {
      const seed = seeds?.[i] ?? tf.onesLike(target);
      const known = gradients.get(target.id);
      gradients.set(target.id, known ? tf.add(known, seed) : seed);
    });
    backpropagate(nodesBetween(nodes, from, targets), gradients);
    return sources.map((source) => {
      const found = from.has(source.id) ? gradients.get(source.id) : undefined;
      if (found) return tf.clone(found);
      return unconnectedGradients === "zero" ? tf.zerosLike(source) : null;
    });
  }

  /** Where on the tape a tensor was computed from watched ones: it can be differentiated for, too. */
  #computedAt(source: tf.Tensor, nodes: readonly TapeNode[]): number | undefined {
    const known = new Set<number>();
    for (const [at, { inputs, outputs }] of nodes.entries()) {
      const follows = Object.values(inputs).some((input) =>
        input &&
        (known.has(input.id) || (this.#watchedSince(input) ?? Infinity) - this.#begin <= at)
      );
      if (!follows) continue;
      for (const output of outputs) known.add(output.id);
      if (known.has(source.id)) return at + 1;
    }
    return undefined;
  }

  #watchedSince(source: tf.Tensor): number | undefined {
    const since = this.#watched.get(source.id);
    if (since !== undefined) return since;
    const variable = source instanceof tf.Variable && source.trainable;
    return variable && this.#watchVariables ? this.#begin : undefined;
  }

  /** Frees what the tape kept. */
  #release(): void {
    if (this.#released) return;
    this.#released = true;
    const left = holders.get(this.#nodes)! - 1;
    holders.set(this.#nodes, left);
    // An engine's own gradient function that is going on frees them at its end.
    if (left > 0 || tf.engine().state.activeTape === this.#nodes) return;
    for (const node of this.#nodes) node.saved?.forEach((tensor) => tensor.dispose());
    this.#nodes.length = 0;
  }

  /** Ends the recording and frees what the tape kept. */
  [Symbol.dispose](): void {
    this.stopRecording();
    this.#release();
  }
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function checkTargets(
  targets: readonly tf.Tensor[],
  seeds: readonly tf.Tensor[] | undefined,
): void {
  targets.forEach((target, i) => {
    if (!(target instanceof tf.Tensor) || target.dtype !== "float32") {
      const found = target instanceof tf.Tensor ? `dtype ${target.dtype}` : `${target}`;
      throw new TypeError(`GradientTape.gradient: target ${i} is ${found}, expected float32`);
    }
    const seed = seeds?.[i];
    if (seeds && (!seed || !tf.util.arraysEqual(seed.shape, target.shape))) {
      throw new TypeError(
        `GradientTape.gradient: output gradient ${i} has shape [${seed?.shape}], expected [${target.shape}]`,
      );
    }
  });
}

function nestAs<S extends GradientSources>(
  sources: S,
  gradients: readonly (tf.Tensor | null)[],
): GradientsOf<S> {
  if (sources instanceof tf.Tensor) return gradients[0] as GradientsOf<S>;
  if (Array.isArray(sources)) return gradients as unknown as GradientsOf<S>;
  return Object.fromEntries(
    Object.keys(sources).map((name, i) => [name, gradients[i]]),
  ) as GradientsOf<S>;
}
