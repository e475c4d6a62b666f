/**
 * The layer in which every output sees every input.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { fusedName, KernelLayer, type KernelOptions } from "../kernel_layer.ts";

/** Options of {@linkcode Dense}. */
export interface DenseOptions extends KernelOptions {
  /** Size of the last axis of the result. */
  readonly units: number;
}

/**
 * activation(x kernel + bias) over the last axis: [..., n] to [..., units].
 * Follows https://keras.io/api/layers/core_layers/dense/
 *
 * @throws {RangeError} for units that are no integer of at least 1
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Dense({ units: 10, activation: "relu" });
 * console.log(layer(keras.Input({ shape: [20] })).shape); // [ null, 10 ]
 * ```
 */
export class Dense extends KernelLayer {
  readonly units: number;

  constructor(options: DenseOptions) {
    const owner = new.target.name;
    const [{ units }, rest] = takeOptions(owner, options, { units: undefined });
    super(rest);
    this.units = checkNumber(owner, "units", requireOption(owner, "units", units, "an integer"), {
      from: 1,
      integer: true,
    });
    this.supportsMasking = true;
    this.inputSpec = { minNdim: 2 };
  }

  override build(inputShape: Shape): void {
    const size = knownSize(this.name, inputShape, -1);
    this.addKernelAndBias([size, this.units], [this.units]);
    this.inputSpec = { minNdim: 2, axes: { [-1]: size } };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...inputShape.slice(0, -1), this.units];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    const fused = fusedName(this.activation);
    const rows = x.rank === 2 ? x : tf.reshape(x, [-1, x.shape.at(-1)!]);
    const product = tf.fused.matMul({
      a: rows as tf.Tensor2D,
      b: this.kernel as unknown as tf.Tensor2D,
      bias: this.bias ?? undefined,
      activation: fused ?? "linear",
    });
    const y = x.rank === 2 ? product : tf.reshape(product, [...x.shape.slice(0, -1), this.units]);
    return fused ? y : this.activated(y);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units };
  }
}

/** The size of an axis that weights depend on. @throws {RangeError} where it is unknown */
export function knownSize(layer: string, shape: Shape, axis: number): number {
  const size = shape.at(axis);
  if (typeof size === "number") return size;
  throw new RangeError(
    `layer "${layer}": axis ${axis} of the input [${shape.map(String).join(", ")}] is unknown, ` +
      `expected a size: the weights depend on it`,
  );
}
