/**
 * What all layers share that make one result of several inputs.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { show } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** Base class of layers that make one result of a list. Source: keras/src/layers/merging/base_merge.py of Keras 3. */
export abstract class Merge extends Layer {
  constructor(options: LayerOptions = {}) {
    super(options);
    this.supportsMasking = true;
  }

  /** What becomes of the inputs. */
  protected abstract merge(inputs: readonly tf.Tensor[]): tf.Tensor;

  override build(inputShape: readonly Shape[]): void {
    const isList = Array.isArray(inputShape) && inputShape.length > 0 &&
      inputShape.every(Array.isArray);
    if (isList) return;
    throw new TypeError(
      `layer "${this.name}" (${this.getClassName()}): called with an input of shape ${
        show(inputShape)
      }, expected a list of inputs`,
    );
  }

  override call(inputs: readonly tf.Tensor[]): tf.Tensor {
    return this.merge(inputs);
  }
}
