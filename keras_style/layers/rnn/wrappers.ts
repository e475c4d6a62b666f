/**
 * Layers around layers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, requireOption, show, takeOptions } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, isLayer, Layer, type LayerOptions } from "../layer.ts";
import { layerClassOf, layerFromSaved, savedLayer } from "../layer_registry.ts";

/** A layer, or one as it was saved. @throws {TypeError} for something else */
function readLayer(owner: string, option: string, value: unknown): Layer {
  const given = requireOption(owner, option, value, "a layer");
  const isSaved = typeof given === "object" && given !== null && "className" in given;
  const layer = isSaved ? layerFromSaved(given as never) : given;
  if (isLayer(layer)) return layer;
  throw new TypeError(`${owner}: ${option} is ${show(given)}, expected a layer`);
}

/** Options of {@linkcode Wrapper}. */
export interface WrapperOptions extends LayerOptions {
  /** The layer within. */
  readonly layer: Layer;
}

/** Base class of layers around a layer. Follows https://keras.io/api/layers/core_layers/ (Wrapper) */
export class Wrapper extends Layer {
  readonly layer: Layer;

  constructor(options: WrapperOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { layer: undefined });
    super(rest);
    this.layer = readLayer(owner, "layer", own.layer);
  }

  // deno-lint-ignore no-explicit-any
  override build(inputShape: any): void {
    this.layer.build(inputShape);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: savedLayer(this.layer) };
  }
}

/**
 * A layer applied to every step by itself: [n, steps, ...] to [n, steps, ...].
 * Follows https://keras.io/api/layers/recurrent_layers/time_distributed/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.TimeDistributed({ layer: new keras.layers.Dense({ units: 2 }) });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 10, 2 ]
 * ```
 */
export class TimeDistributed extends Wrapper {
  constructor(options: WrapperOptions) {
    super(options);
    this.supportsMasking = true;
    this.inputSpec = { minNdim: 3 };
  }

  override build(inputShape: Shape): void {
    super.build(withoutSteps(inputShape));
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const [count, ...rest] = this.layer.computeOutputShape(withoutSteps(inputShape)) as Shape;
    return [count, inputShape[1], ...rest];
  }

  override call(x: tf.Tensor, { training, mask }: CallOptions = {}): tf.Tensor {
    const masks = mask ? tf.unstack(mask as tf.Tensor, 1) : [];
    const steps = tf.unstack(x, 1).map((step, t) =>
      this.layer(step, { training, ...(masks[t] ? { mask: masks[t] } : {}) })
    );
    return tf.stack(steps, 1);
  }
}

function withoutSteps([count, , ...features]: Shape): Shape {
  return [count, ...features];
}

/** A recurrent layer, as far as {@linkcode Bidirectional} needs it. */
interface Recurrent extends Layer {
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  zeroOutputForMask: boolean;
  resetState(): void;
}

/** How the results of both directions become one; null: they stay two. */
export type MergeMode = "concat" | "sum" | "mul" | "ave" | null;

/** Options of {@linkcode Bidirectional}. */
export interface BidirectionalOptions extends LayerOptions {
  /** A recurrent layer; both directions get one made like it. */
  readonly layer: Layer;
  /** "concat" unless given. */
  readonly mergeMode?: MergeMode;
  /** The layer for the way back; one like `layer` unless given. */
  readonly backwardLayer?: Layer | null;
}

/**
 * A recurrent layer in both directions. Follows https://keras.io/api/layers/recurrent_layers/bidirectional/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Bidirectional({ layer: new keras.layers.LSTM({ units: 8 }) });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 16 ]
 * ```
 */
export class Bidirectional extends Layer {
  readonly forwardLayer: Recurrent;
  readonly backwardLayer: Recurrent;
  readonly mergeMode: MergeMode;

  /** @throws {TypeError} for what is no recurrent layer */
  constructor(options: BidirectionalOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      layer: undefined,
      mergeMode: "concat",
      backwardLayer: null,
    });
    super(rest);
    const layer = readLayer(owner, "layer", own.layer) as Recurrent;
    if (typeof layer.returnSequences !== "boolean") {
      throw new TypeError(
        `${owner}: layer is a ${layer.getClassName()}, expected a recurrent layer`,
      );
    }
    this.mergeMode = own.mergeMode === null
      ? null
      : checkChoice(owner, "mergeMode", own.mergeMode, ["concat", "sum", "mul", "ave"] as const);
    this.forwardLayer = remade(layer, "forward", {});
    this.backwardLayer = own.backwardLayer === null
      ? remade(layer, "backward", { goBackwards: !layer.goBackwards })
      : readLayer(owner, "backwardLayer", own.backwardLayer) as Recurrent;
    if (this.forwardLayer.goBackwards === this.backwardLayer.goBackwards) {
      throw new TypeError(
        `${owner}: layer and backwardLayer go the same way, expected goBackwards of one of them`,
      );
    }
    for (const one of [this.forwardLayer, this.backwardLayer]) {
      one.zeroOutputForMask = one.returnSequences;
    }
    this.supportsMasking = true;
    this.inputSpec = { ndim: 3 };
  }

  /** Whether every step's result is given. */
  get returnSequences(): boolean {
    return this.forwardLayer.returnSequences;
  }

  /** Whether the last states are given as well. */
  get returnState(): boolean {
    return this.forwardLayer.returnState;
  }

  /** Lets the next batch begin with zeros. */
  resetState(): void {
    this.forwardLayer.resetState();
    this.backwardLayer.resetState();
  }

  override build(inputShape: Shape): void {
    for (const layer of [this.forwardLayer, this.backwardLayer]) layer.build(inputShape);
  }

  // deno-lint-ignore no-explicit-any
  override computeOutputShape(inputShape: any): any {
    const shape = this.forwardLayer.computeOutputShape(inputShape);
    const [output, ...states] = this.returnState ? shape : [shape];
    const size = (output as Shape).at(-1)!;
    const merged = this.mergeMode === "concat" ? [...output.slice(0, -1), 2 * size] : output;
    const outputs = this.mergeMode === null ? [output, output] : [merged];
    const all = [...outputs, ...states, ...states];
    return all.length === 1 ? all[0] : all;
  }

  // deno-lint-ignore no-explicit-any
  override call(x: tf.Tensor, options: CallOptions = {}): any {
    const { initialState, training, mask } = options;
    const half = initialState ? (initialState as unknown[]).length / 2 : 0;
    const run = (layer: Recurrent, states: unknown[] | undefined) => {
      const named = {
        training,
        ...(mask ? { mask } : {}),
        ...(states ? { initialState: states } : {}),
      };
      return [layer(x, named)].flat() as tf.Tensor[];
    };
    const given = initialState as unknown[] | undefined;
    const [forward, ...forwardStates] = run(this.forwardLayer, given?.slice(0, half));
    const [back, ...backStates] = run(this.backwardLayer, given?.slice(half));
    const backward = this.returnSequences ? tf.reverse(back, 1) : back;
    const all = [...this.#merged(forward, backward), ...forwardStates, ...backStates];
    return all.length === 1 ? all[0] : all;
  }

  #merged(a: tf.Tensor, b: tf.Tensor): tf.Tensor[] {
    if (this.mergeMode === "concat") return [tf.concat([a, b], -1)];
    if (this.mergeMode === "sum") return [tf.add(a, b)];
    if (this.mergeMode === "mul") return [tf.mul(a, b)];
    return this.mergeMode === "ave" ? [tf.div(tf.add(a, b), 2)] : [a, b];
  }

  override computeMask(_inputs: unknown, mask: unknown): unknown {
    const own = this.returnSequences ? [mask].flat()[0] : undefined;
    return this.mergeMode === null ? [own, own] : [own];
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      mergeMode: this.mergeMode,
      layer: savedLayer(this.forwardLayer),
      backwardLayer: savedLayer(this.backwardLayer),
    };
  }
}

/** A layer of the same settings, weights of its own and a name that tells the direction. */
function remade(
  layer: Recurrent,
  direction: "forward" | "backward",
  changes: Record<string, unknown>,
): Recurrent {
  const plain = layer.name.replace(/^(forward|backward)_/, "");
  const config = { ...layer.getConfig(), ...changes, name: `${direction}_${plain}` };
  const Class = layerClassOf(layer.getClassName()) ??
    layer.constructor as unknown as { fromConfig(config: unknown): unknown };
  return Class.fromConfig(config) as Recurrent;
}
