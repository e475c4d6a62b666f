/**
 * Where the features of a Keras tensor stand in its PyTorch counterpart.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { Flattening } from "../models/model_pair.ts";
import { product, type Rearrangement, reordered, unchanged } from "./rearrangement.ts";

/**
 * `same`: in the same order. `channelsLast`: the last axis is the second one in PyTorch. `flattened`: one axis made of
 * [height, width, channels], in PyTorch of [channels, height, width].
 */
export type FeatureLayout =
  | { readonly kind: "same" }
  | { readonly kind: "channelsLast" }
  | {
    readonly kind: "flattened";
    readonly from: readonly number[];
    /** In which order PyTorch flattens these axes; the last one first unless given. */
    readonly order?: readonly number[];
  };

/** In the same order. */
export const sameLayout: FeatureLayout = { kind: "same" };
/** Channels last here, first there. */
export const channelsLast: FeatureLayout = { kind: "channelsLast" };

/** The rearrangement that makes an activation PyTorch's. */
export function activationRearrangement(
  shape: readonly number[],
  layout: FeatureLayout,
): Rearrangement {
  if (layout.kind === "channelsLast" && shape.length >= 3) {
    return reordered(shape, channelsFirstOrder(shape.length));
  }
  const [batch, features] = shape;
  if (layout.kind === "flattened" && shape.length === 2 && product(layout.from) === features) {
    const view = [batch, ...layout.from];
    const order = layout.order ? [0, ...layout.order.map((axis) => axis + 1)] : undefined;
    return reordered(view, order ?? channelsFirstOrder(view.length), shape);
  }
  return unchanged(shape);
}

/** [0, last, 1, 2, ...]. */
function channelsFirstOrder(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

const overSteps =
  /^((Depthwise|Separable)?Conv1D(Transpose)?|(Global)?(Max|Average)Pooling1D|(ZeroPadding|UpSampling|Cropping|SpatialDropout)1D)$/;
const notReordering = new Set(["Embedding", "Permute", "LSTM", "GRU", "SimpleRNN"]);

/** How a model's input is laid out: images are channels last, rows of features are the same on both sides. */
export function inputLayout(
  rank: number,
  firstLayer: Layer | undefined,
): FeatureLayout {
  if (rank >= 4) return channelsLast;
  return firstLayer && overSteps.test(firstLayer.getClassName()) ? channelsLast : sameLayout;
}

/**
 * How a layer's result is laid out.
 *
 * @param flattening in which order the PyTorch model flattens
 */
export function outputLayout(
  layer: Layer,
  input: FeatureLayout,
  inputShape: readonly number[],
  outputShape: readonly number[],
  flattening: Flattening,
): FeatureLayout {
  const name = layer.getClassName();
  if (notReordering.has(name)) return sameLayout;
  if (name === "Flatten" || (name === "Reshape" && outputShape.length === 2)) {
    if (flattening === "channelsLast") return sameLayout;
    return input.kind === "channelsLast" && inputShape.length >= 3
      ? { kind: "flattened", from: inputShape.slice(1) }
      : input;
  }
  if (overSteps.test(name) && outputShape.length === 3) return channelsLast;
  if (name === "Dense") return inputShape.length >= 3 ? input : sameLayout;
  if (outputShape.length === inputShape.length) return input;
  return outputShape.length >= 4 ? channelsLast : sameLayout;
}
