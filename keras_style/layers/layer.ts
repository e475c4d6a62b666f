/**
 * The base class of layers. Follows keras/src/layers/layer.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { inferResults, SpecLeaf } from "../tracing/mod.ts";
import { callContext, whileBuilding, withinCall } from "./call_context.ts";
import { castFloat, withFloatType } from "../engine/mod.ts";
import * as regularizers from "../regularizers/mod.ts";
import { checkInput, type InputSpecOptions } from "./input_spec.ts";
import { KerasTensor, Node, type Operation, withTensors } from "./keras_tensor.ts";
import { flattenLayers, type LayerOptions, LayerWeights, type OwnWeight } from "./layer_weights.ts";
import { withLogitsOf } from "../losses/softmax_logits.ts";
import { maskOf, setMask } from "./masks.ts";
import { isPlainObject, leavesOf, leavesOfKind, mapNested } from "./nested.ts";
import { inPrecision, type Precision } from "./precision.ts";
import { mapShapes, shapesOf } from "./shapes.ts";

export type { LayerOptions, OwnWeight };

/** What may be said at a call. */
export interface CallOptions {
  /** Whether the layer is being trained: dropout drops, batch normalization counts. */
  readonly training?: boolean;
  /** Which steps of the input count; taken from the input unless given. */
  // deno-lint-ignore no-explicit-any
  readonly mask?: any;
  /** What else a layer's `call` takes by name. */
  // deno-lint-ignore no-explicit-any
  readonly [name: string]: any;
}

/** Symbolic tensors as a layer takes them. */
export type SymbolicInputs =
  | KerasTensor
  | readonly KerasTensor[]
  | Readonly<Record<string, KerasTensor>>;

/** Tensors as a layer takes them. */
export type TensorInputs = tf.Tensor | readonly tf.Tensor[] | Readonly<Record<string, tf.Tensor>>;

export interface Layer {
  /** Becomes part of a model. */
  (inputs: SymbolicInputs, options?: CallOptions): KerasTensor;
  /** Computes at once. */
  (inputs: TensorInputs, options?: CallOptions): tf.Tensor;
  (...inputs: [...(KerasTensor | null)[], CallOptions | KerasTensor | null]): KerasTensor;
  (...inputs: [...(tf.Tensor | null)[], CallOptions | tf.Tensor | null]): tf.Tensor;
}

/** Layers whose users were warned that they lose a mask. */
const warned = new WeakSet<Layer>();

/**
 * Base class of layers: weights are made in {@linkcode Layer.build}, {@linkcode Layer.call} computes. Layers, variables and
 * metrics in fields (and in lists and objects there) belong to it. Called with symbolic tensors it becomes part of a
 * model; called with tensors it computes at once. Follows https://keras.io/api/layers/base_layer/
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { keras } from "@tandem/tandem";
 * class Scale extends keras.layers.Layer {
 *   factor!: tf.Variable;
 *   override build() {
 *     this.factor = this.addWeight({ name: "factor", initializer: "ones" });
 *   }
 *   override call(x: tf.Tensor) {
 *     return tf.mul(x, this.factor);
 *   }
 * }
 * console.log(new Scale()(keras.Input({ shape: [8] })).shape); // [ null, 8 ]
 * ```
 */
export class Layer extends LayerWeights implements Operation {
  /** Whether a mask of the input is one of the output too. */
  supportsMasking = false;
  /** Whether inputs are cast to what the layer computes in, and weights as they are read. */
  protected autocast = true;
  /** Whether it computes in float32 whatever its policy says, which its result is cast to: statistics overflow otherwise. */
  protected computesInFloat32 = false;
  /** What the first argument has to look like. */
  inputSpec: InputSpecOptions | readonly InputSpecOptions[] | undefined;
  readonly #nodes: Node[] = [];
  #losses: tf.Tensor[] = [];
  #buildInputShape: unknown;

  constructor(options: LayerOptions = {}) {
    super(options);
    // As in Keras, a class' build runs once, under the layer's name, whoever calls it.
    const { build } = this;
    Object.defineProperty(this, "build", {
      value: (inputShape: unknown) => this.#buildOnce(build, inputShape),
      configurable: true,
      writable: true,
    });
  }

  override sublayers(): Layer[] {
    return super.sublayers() as Layer[];
  }

  /**
   * Makes the weights, for an input of a shape (for shapes nested as the inputs are). To be overridden. It does its work
   * once: a further call, and one of a layer that has its weights, does nothing.
   *
   * @param _inputShape with the batch axis in front
   */
  // deno-lint-ignore no-explicit-any
  build(_inputShape: any): void {}

  // ---- Losses

  /**
   * Adds to the loss that the model is trained towards, within {@linkcode Layer.call}.
   *
   * @param loss a tensor, several, or a function that gives it; of one that is no scalar the sum counts
   */
  addLoss(loss: tf.Tensor | readonly tf.Tensor[] | (() => tf.Tensor)): void {
    const value = typeof loss === "function" && !(loss instanceof tf.Tensor)
      ? (loss as () => tf.Tensor)()
      : loss as tf.Tensor | readonly tf.Tensor[];
    for (const one of [value].flat() as tf.Tensor[]) {
      if (!(one instanceof tf.Tensor)) {
        throw new TypeError(
          `${this.getClassName()}.addLoss: loss is ${one}, expected a tensor, made in call`,
        );
      }
      const wide = castFloat(one, "float32");
      const total = wide.rank === 0 ? wide : tf.sum(wide);
      this.#losses.push(total);
      callContext()?.losses.push(total);
    }
  }

  /** What the last call added to the loss, and what the regularizers of the weights add: scalars. */
  get losses(): tf.Tensor[] {
    const added = flattenLayers<Layer>(this).flatMap((layer) => layer.#losses);
    const penalties = this.trainableWeights.flatMap((weight) =>
      weight.regularizer ? [weight.regularizer(weight)] : []
    );
    return [...added.filter((loss) => !loss.isDisposed), ...penalties];
  }

  // ---- Calls

  /** What the layer computes. To be overridden; beside the first input, `call` may take more, and options last. */
  // deno-lint-ignore no-explicit-any
  call(inputs: any, ..._more: any[]): any {
    void inputs;
    throw new Error(`layer "${this.name}" has no call, expected a class with call`);
  }

  /**
   * Shape of the result. Found by running {@linkcode Layer.call} without computing anything, unless overridden.
   *
   * @param inputShape with the batch axis in front
   */
  // deno-lint-ignore no-explicit-any
  computeOutputShape(inputShape: any): any {
    const inputs = mapShapes(inputShape, (shape) => new KerasTensor(shape, this.dtype));
    return mapNested(this.inferResult([inputs], {}), (leaf) => [...(leaf as SpecLeaf).shape]);
  }

  /** The mask of the result; where {@linkcode Layer.supportsMasking} is set, the input's own. */
  // deno-lint-ignore no-explicit-any
  computeMask(_inputs: any, mask: any): any {
    if (this.supportsMasking || !leavesOf(mask).some(Boolean)) return mask;
    if (!warned.has(this)) {
      warned.add(this);
      console.warn(
        `layer "${this.name}" (${this.getClassName()}) does not support masking: the mask of its input is lost`,
      );
    }
    return undefined;
  }

  /** Symbolic calls of the layer. */
  get inboundNodes(): Node[] {
    return this.#nodes;
  }

  /** The symbolic tensor, or tensors, that the layer was first called with. */
  get input(): KerasTensor | readonly KerasTensor[] {
    const { inputs } = this.#firstNode("input");
    return inputs.length === 1 ? inputs[0] : inputs;
  }

  /** The symbolic tensor, or tensors, that the layer's first call gave. */
  get output(): KerasTensor | readonly KerasTensor[] {
    const { outputs } = this.#firstNode("output");
    return outputs.length === 1 ? outputs[0] : outputs;
  }

  #firstNode(what: string): Node {
    const [node] = this.#nodes;
    if (node) return node;
    throw new Error(`layer "${this.name}" was never called with a symbolic tensor: no ${what}`);
  }

  protected override invoke(...given: unknown[]): unknown {
    const last = given.at(-1);
    const named = given.length > 1 && isPlainObject(last);
    const options = named ? last as Record<string, unknown> : {};
    const args = named ? given.slice(0, -1) : given;
    const symbolic = leavesOfKind([args, options], KerasTensor);
    return symbolic.length > 0 ? this.#callSymbolically(args, options) : this.#callNow(
      args.map((arg, i) => i === 0 ? asTensors(arg, this) : arg),
      options,
    );
  }

  #callSymbolically(args: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown {
    checkInput(this, args[0]);
    this.ensureBuilt(args);
    const results = this.computeOutputSpec(args, options);
    return new Node(this, args, options, results).result;
  }

  /** Shapes and element types of the result of a symbolic call, nested as it is. */
  protected computeOutputSpec(
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ): unknown {
    const own = this.computeOutputShape !== Layer.prototype.computeOutputShape;
    // Layers within that have no weights yet get them by a run.
    if (!own || this.sublayers().some(({ built }) => !built)) {
      return this.inferResult(args, options);
    }
    const shape = this.computeOutputShape(args.length === 1 ? shapesOf(args[0]) : shapesOf(args));
    const dtype = this.outputDtype(args);
    return mapShapes(shape, (one) => new SpecLeaf(one, dtype));
  }

  /** Element type of what the layer takes, where it stands first in a `Sequential`. */
  get inputDtype(): tf.DataType {
    return "float32";
  }

  /** Element type of the result. */
  protected outputDtype(_args: readonly unknown[]): tf.DataType {
    return this.dtype;
  }

  /** What a call gives, without computing it: nested specifications. */
  protected inferResult(
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ): unknown {
    const inputs = leavesOfKind([args, options], KerasTensor);
    return inferResults((...tensors) => {
      const [values, named] = withTensors([args, options], tensors) as [
        unknown[],
        Record<string, unknown>,
      ];
      return this.#callNow(values, named);
    }, inputs);
  }

  /** What the layer was built for; undefined where it was built by something else. */
  get buildInputShape(): unknown {
    return this.#buildInputShape;
  }

  #buildOnce(build: Layer["build"], inputShape: unknown): void {
    this.#buildInputShape ??= inputShape;
    if (this.built) return;
    whileBuilding(
      this.name,
      () => withFloatType("float32", () => tf.tidy(() => build.call(this, inputShape))),
    );
    this.built = true;
  }

  /** Whether the layer is being trained where nobody says so. */
  protected get defaultTraining(): boolean {
    return false;
  }

  /** Makes the weights where they are not there yet. */
  protected ensureBuilt(args: readonly unknown[]): void {
    if (this.built && this.#buildInputShape !== undefined) return;
    this.build(args.length === 1 ? shapesOf(args[0]) : shapesOf(args));
  }

  #callNow(args: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown {
    checkInput(this, args[0]);
    this.ensureBuilt(args);
    const training = options.training as boolean | undefined;
    return withinCall(training, () => this.#forgetLosses(), (context) => {
      const [mark, inputs] = [context.losses.length, leavesOfKind([args, options], tf.Tensor)];
      const { outputs, masks } = tf.tidy(() => {
        const result = this.#compute(args, {
          ...options,
          training: context.training ?? this.defaultTraining,
          mask: options.mask ?? inputMask(args[0]),
        }, inputs);
        // What leaves the scope alive.
        return { ...result, losses: context.losses.slice(mark) } as unknown as tf.TensorContainer;
      }) as unknown as { outputs: unknown; masks: unknown[] };
      hangMasks(outputs, masks);
      return outputs;
    });
  }

  #compute(
    args: readonly unknown[],
    options: CallOptions,
    inputs: readonly tf.Tensor[],
  ): { outputs: unknown; masks: unknown[] } {
    const result = inPrecision(
      this.#precision,
      args,
      options,
      (own, named) => this.call(own[0], ...own.slice(1), named),
    );
    // A result that is the input itself is another tensor for whoever disposes it.
    const outputs = mapNested(result, (leaf) => {
      if (!(leaf instanceof tf.Tensor) || !inputs.includes(leaf)) return leaf;
      return withLogitsOf(leaf, tf.clone(leaf));
    });
    if (this.activityRegularizer) {
      for (const output of leavesOfKind(outputs, tf.Tensor)) {
        // As in Keras, a sample's share: the size of the batch does not matter.
        const penalty = this.activityRegularizer(output);
        this.addLoss(output.rank > 0 ? tf.div(penalty, Math.max(output.shape[0], 1)) : penalty);
      }
    }
    const found = [this.computeMask(args[0], options.mask)].flat();
    // A mask that a layer within hung on the result leaves this call alive, too.
    const masks = leavesOfKind(outputs, tf.Tensor).map((output, i) => found[i] ?? maskOf(output));
    return { outputs, masks };
  }

  get #precision(): Precision {
    const { computeDtype, autocast: autocasts, computesInFloat32: isFloat32Inside } = this;
    return { computeDtype, autocasts, isFloat32Inside };
  }

  #forgetLosses(): void {
    for (const layer of flattenLayers<Layer>(this)) {
      layer.#losses = [];
    }
  }

  // ---- Configuration

  /** The settings to make another such layer from. */
  getConfig(): Record<string, unknown> {
    const { name, trainable, dtypePolicy, declaredInputShape, activityRegularizer } = this;
    return {
      name,
      trainable,
      dtype: dtypePolicy.name,
      ...(declaredInputShape ? { inputShape: declaredInputShape } : {}),
      ...(activityRegularizer
        ? { activityRegularizer: regularizers.serialize(activityRegularizer) }
        : {}),
    };
  }

  /** A layer of the settings that {@linkcode Layer.getConfig} gave. */
  // deno-lint-ignore no-explicit-any
  static fromConfig(config: any): Layer {
    return new this(config);
  }

  override toString(): string {
    return `<${this.getClassName()} name=${this.name}, built=${this.built}>`;
  }
}

/** Whether something is a layer (a model is one). */
export function isLayer(value: unknown): value is Layer {
  return value instanceof Layer;
}

/** Nested values and typed arrays become tensors; lists and objects of tensors stay. */
function asTensors(inputs: unknown, { inputDtype }: Layer): unknown {
  const values = [inputs].flat(Infinity);
  const isNumbers = /^(number|boolean)$/.test(typeof values[0]) || ArrayBuffer.isView(values[0]);
  if (!isNumbers) return inputs;
  // Float32 would round large integers.
  const areWhole = inputDtype !== "float32" && values.every((one) => one === Number(one) >> 0);
  return tf.tensor(inputs as tf.TensorLike, undefined, areWhole ? "int32" : undefined);
}

/** The masks of the first argument, nested as it is; undefined where there is none. */
function inputMask(input: unknown): unknown {
  const masks = mapNested(input, (leaf) => leaf instanceof tf.Tensor ? maskOf(leaf) : undefined);
  return leavesOf(masks).some((mask) => mask !== undefined) ? masks : undefined;
}

function hangMasks(outputs: unknown, masks: readonly unknown[]): void {
  leavesOfKind(outputs, tf.Tensor).forEach((output, i) => {
    const mask = masks[i];
    if (mask instanceof tf.Tensor && !maskOf(output)) setMask(output, mask);
  });
}
