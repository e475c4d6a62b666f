/**
 * What belongs to a layer: weights, layers and metrics in its fields.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { Metric } from "../metrics/metric.ts";
import { autoName } from "../naming.ts";
import { readOptions, show } from "../options.ts";
import * as regularizers from "../regularizers/mod.ts";
import { buildPath } from "./call_context.ts";
import {
  asTensorType,
  type DTypePolicy,
  type ElementType,
  get as getPolicy,
  type PolicyIdentifier,
} from "../dtype_policies/dtype_policy.ts";
import type { Shape } from "./keras_tensor.ts";
import { checkInputShape } from "./shapes.ts";
import { trackedFields } from "./tracked_fields.ts";
import { makeWeight, type Weight, type WeightOptions } from "./weight.ts";

/** Options that all layers take. */
export interface LayerOptions {
  /** The class' name in snake case, with a number where it is taken, unless given. */
  readonly name?: string | null;
  /** Whether training changes the weights; true unless given. */
  readonly trainable?: boolean;
  /** What is computed in and what weights are of: a policy or its name; the global one unless given. */
  readonly dtype?: PolicyIdentifier | null;
  /** Dimensions of the input without the batch axis, for the first layer of a `Sequential`. */
  readonly inputShape?: Shape | null;
  /** What the results add to the loss. */
  readonly activityRegularizer?: regularizers.RegularizerIdentifier;
}

/** A weight with the name it has within its layer. */
export interface OwnWeight {
  readonly name: string;
  readonly variable: Weight;
}

/** Base class of layers, as far as it is about what they hold. */
export abstract class LayerWeights extends Callable {
  readonly name: string;
  /** What is computed in, and what weights are of. */
  readonly dtypePolicy: DTypePolicy;
  /** Dimensions of the input without the batch axis, where they were given. */
  readonly declaredInputShape: Shape | undefined;
  /** What the results add to the loss. */
  readonly activityRegularizer: regularizers.Regularizer | null;
  #built = false;
  #trainable: boolean;
  readonly #own: (OwnWeight & { readonly trained: boolean })[] = [];

  constructor(options: LayerOptions = {}) {
    super();
    const owner = new.target.name;
    const own = readOptions(owner, options as Record<string, unknown>, {
      name: null,
      trainable: true,
      dtype: null,
      inputShape: null,
      activityRegularizer: null,
    }) as Required<LayerOptions>;
    this.name = checkName(owner, own.name ?? autoName(owner));
    this.dtypePolicy = getPolicy(own.dtype);
    this.declaredInputShape = own.inputShape === null ? undefined : checkInputShape(own.inputShape);
    this.activityRegularizer = regularizers.get(
      own.activityRegularizer,
      `${owner}: activityRegularizer`,
    );
    this.#trainable = own.trainable;
  }

  /** The dtype of weights as TensorFlow.js knows it: float32 for all that have fractions. */
  get dtype(): tf.DataType {
    return asTensorType(this.dtypePolicy.variableDtype);
  }

  /** What the layer computes in. */
  get computeDtype(): ElementType {
    return this.dtypePolicy.computeDtype;
  }

  /** What its weights are of. */
  get variableDtype(): ElementType {
    return this.dtypePolicy.variableDtype;
  }

  /** The name of the class, under which it is saved. */
  getClassName(): string {
    return this.constructor.name;
  }

  /** Whether the weights are there. */
  get built(): boolean {
    return this.#built;
  }

  set built(value: boolean) {
    this.#built = value;
  }

  /** Makes a weight of the layer's own. Follows https://keras.io/api/layers/base_layer/#addweight-method */
  addWeight(options: WeightOptions): Weight {
    const known = readOptions(`${this.getClassName()}.addWeight`, options, {
      name: undefined,
      shape: undefined,
      dtype: undefined,
      initializer: undefined,
      trainable: true,
      regularizer: undefined,
      constraint: undefined,
    }) as WeightOptions;
    const trained = known.trainable ?? true;
    const dtype = known.dtype ?? this.variableDtype;
    const trainable = trained && this.trainable;
    const variable = makeWeight(buildPath() || this.name, { ...known, dtype, trainable });
    this.#own.push({ name: known.name ?? "variable", variable, trained });
    return variable;
  }

  /** The weights of the layer itself: those that can be trained first. Variables in fields are among them. */
  ownWeights(): OwnWeight[] {
    for (const { name, value } of trackedFields(this, isWeight)) {
      if (this.#own.some(({ variable }) => variable === value)) continue;
      this.#own.push({ name, variable: value, trained: value.trainable });
    }
    const [trained, fixed] = [true, false].map((kind) =>
      this.#own.filter((entry) => entry.trained === kind)
    );
    return [...trained, ...fixed];
  }

  /** The weights that files keep in the layer's own folder, in order. */
  savedWeights(): Weight[] {
    return this.ownWeights().map(({ variable }) => variable);
  }

  /** The layers in its fields, in order. */
  sublayers(): LayerWeights[] {
    return trackedFields(this, holdsWeights).map(({ value }) => value);
  }

  /** All weights, layer by layer, each once. */
  get weights(): Weight[] {
    const found = new Set<Weight>();
    for (const layer of flattenLayers(this)) {
      for (const { variable } of layer.ownWeights()) found.add(variable);
    }
    return [...found];
  }

  /** The weights that training changes. */
  get trainableWeights(): Weight[] {
    return this.trainable ? this.weights.filter(({ trainable }) => trainable) : [];
  }

  /** The weights that training leaves as they are. */
  get nonTrainableWeights(): Weight[] {
    return this.trainable ? this.weights.filter(({ trainable }) => !trainable) : this.weights;
  }

  /** All weights, and the state of metrics in fields. */
  get variables(): tf.Variable[] {
    const metrics = flattenLayers(this).flatMap((layer) => layer.ownMetrics());
    return [...new Set([...this.weights, ...metrics.flatMap((metric) => [...metric.variables])])];
  }

  /** The weights that training changes. */
  get trainableVariables(): Weight[] {
    return this.trainableWeights;
  }

  /** Everything that training leaves as it is. */
  get nonTrainableVariables(): tf.Variable[] {
    const trained = new Set<tf.Variable>(this.trainableVariables);
    return this.variables.filter((variable) => !trained.has(variable));
  }

  /** The metrics in the layer's own fields. */
  ownMetrics(): Metric[] {
    return trackedFields(this, isMetric).map(({ value }) => value);
  }

  /** Whether training changes the weights, for the layers within as well. */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    this.#trainable = Boolean(value);
    void this.ownWeights();
    for (const { variable, trained } of this.#own) variable.trainable = trained && value;
    for (const layer of this.sublayers()) layer.trainable = value;
  }

  /** How many values all weights have. @throws {Error} if the layer is not built */
  countParams(): number {
    if (!this.built) {
      throw new Error(
        `countParams: layer "${this.name}" is not built: its input shape is unknown; call it, or build(...)`,
      );
    }
    return this.weights.reduce((sum, { size }) => sum + size, 0);
  }

  /** The values of all weights, as they are now. The tensors are the caller's. */
  getWeights(): tf.Tensor[] {
    return this.weights.map((weight) => tf.clone(weight));
  }

  /** Takes over values for all weights, in the order of {@linkcode Layer.getWeights}. */
  setWeights(weights: readonly (tf.Tensor | tf.TensorLike)[]): void {
    const own = this.weights;
    tf.tidy(() => {
      const values = weights.map((value) =>
        value instanceof tf.Tensor ? value : tf.tensor(value as tf.TensorLike)
      );
      const fault = own.findIndex((v, i) => String(v.shape) !== String(values[i]?.shape));
      if (values.length !== own.length || fault >= 0) {
        const at = fault < 0 ? own.length : fault;
        const found = values[at] ? `of shape [${values[at].shape}]` : "missing";
        throw new Error(
          `setWeights: weights[${at}] is ${found}, expected ${
            own[at] ? `shape [${own[at].shape}]` : `${own.length} weights`
          }`,
        );
      }
      own.forEach((variable, i) => variable.assign(tf.cast(values[i], variable.dtype)));
    });
  }
}

function isWeight(value: unknown): value is Weight {
  return value instanceof tf.Variable;
}

function holdsWeights(value: unknown): value is LayerWeights {
  return value instanceof LayerWeights;
}

function isMetric(value: unknown): value is Metric {
  return value instanceof Metric;
}

/** A layer and all layers within it, outermost first, each once. */
export function flattenLayers<L extends LayerWeights>(layer: L, found = new Set<L>()): L[] {
  if (found.has(layer)) return [...found];
  found.add(layer);
  for (const inner of layer.sublayers()) flattenLayers(inner as L, found);
  return [...found];
}

/** @throws {TypeError} for what cannot be one part of a weight's path in a file */
function checkName(owner: string, name: unknown): string {
  if (typeof name === "string" && !name.includes("/")) return name;
  throw new TypeError(`${owner}: name is ${show(name)}, expected a text without "/"`);
}
