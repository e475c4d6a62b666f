/**
 * Where a model begins.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type PositionalArguments, readArguments } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { checkChoice, readOptions, show } from "../../options.ts";
import { SpecLeaf } from "../../tracing/mod.ts";
import { type KerasTensor, Node, type Shape } from "../keras_tensor.ts";
import { Layer } from "../layer.ts";
import { isDimension } from "../shapes.ts";

/** Options of {@linkcode Input} and {@linkcode InputLayer}. */
export interface InputOptions {
  /** Dimensions without the batch axis; null is unknown. */
  readonly shape?: Shape | null;
  /** The batch size, where it is fixed. */
  readonly batchSize?: number | null;
  /** Dimensions with the batch axis, instead of `shape` and `batchSize`. */
  readonly batchShape?: Shape | null;
  /** float32 unless given. */
  readonly dtype?: tf.DataType | null;
  readonly name?: string | null;
}

/** The layer behind an {@linkcode Input}. */
export class InputLayer extends Layer {
  /** Dimensions with the batch axis. */
  readonly batchShape: Shape;
  readonly #dtype: tf.DataType;

  /** @throws {RangeError} for a dimension that is neither null nor an integer of at least 1 */
  constructor(options: InputOptions) {
    const own = readOptions("Input", options, {
      shape: null,
      batchSize: null,
      batchShape: null,
      dtype: null,
      name: null,
    }) as InputOptions;
    super({ name: own.name });
    this.#dtype = checkChoice("Input", "dtype", own.dtype ?? "float32", DTYPES);
    this.batchShape = own.batchShape
      ? checkShape("batchShape", own.batchShape)
      : [own.batchSize ?? null, ...checkShape("shape", own.shape)];
    this.built = true;
    void new Node(this, [], {}, new SpecLeaf(this.batchShape, this.#dtype));
  }

  /** The symbolic tensor that the model begins with. */
  get tensor(): KerasTensor {
    return this.inboundNodes[0].outputs[0];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return inputs;
  }

  override getConfig(): Record<string, unknown> {
    return { batchShape: this.batchShape, dtype: this.#dtype, name: this.name };
  }
}

/** What tensors can hold. */
const DTYPES = ["float32", "int32", "bool", "complex64", "string"] as const;
/** Most axes of a tensor. */
const MOST_AXES = 64;

function checkShape(option: string, shape: unknown): Shape {
  if (Array.isArray(shape) && shape.length <= MOST_AXES && shape.every(isDimension)) return shape;
  const without = option === "shape"
    ? "without the batch axis, such as [32, 32, 3]"
    : "batch axis first";
  throw new RangeError(
    `Input: ${option} is ${show(shape)}, expected integers of at least 1 or null, ${without}`,
  );
}

/**
 * A symbolic tensor to begin a model with. Follows https://keras.io/api/layers/core_layers/input/
 *
 * @throws {RangeError} for a dimension that is neither null nor an integer of at least 1
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * console.log(keras.Input({ shape: [32, 32, 3] }).shape); // [ null, 32, 32, 3 ]
 * console.log(keras.Input([8], { batchSize: 4 }).shape); // [ 4, 8 ]
 * ```
 */
export function Input(
  ...args: PositionalArguments<InputOptions, typeof LAYERS.InputLayer>
): KerasTensor {
  const [options] = readArguments("Input", LAYERS.InputLayer, args);
  return new InputLayer(options as InputOptions).tensor;
}
