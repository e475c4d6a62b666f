/**
 * Layers one after the other, as a layer; and layers as plain data.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { requireOption, show, takeOptions } from "../../options.ts";
import type { SavedObject } from "../../registry.ts";
import { type CallOptions, isLayer, Layer, type LayerOptions } from "../layer.ts";
import { layerFromSaved, savedLayer } from "../layer_registry.ts";

/** Options of {@linkcode Pipeline}. */
export interface PipelineOptions extends LayerOptions {
  /** The layers, in order. */
  readonly layers: readonly Layer[];
}

/** Layers that prepare data, one after the other. Follows https://keras.io/api/layers/preprocessing_layers/ (Pipeline) */
export class Pipeline extends Layer {
  readonly layers: readonly Layer[];

  /** @throws {TypeError} for what is no layer */
  constructor(options: PipelineOptions) {
    const [own, rest] = takeOptions("Pipeline", options, { layers: undefined });
    super(rest);
    const given = requireOption<unknown>("Pipeline", "layers", own.layers, "a list of layers");
    this.layers = [given].flat().map((one) => {
      const isSaved = typeof one === "object" && one !== null && "className" in one;
      const layer = isSaved ? layerFromSaved(one as never) : one;
      if (isLayer(layer)) return layer;
      throw new TypeError(`Pipeline: layers has ${show(one)}, expected layers`);
    });
    this.supportsMasking = true;
  }

  override call(x: tf.Tensor, { training }: CallOptions = {}): tf.Tensor {
    return this.layers.reduce((y, layer) => layer(y, { training }), x);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layers: this.layers.map(serialize) };
  }
}

/** Class and configuration of a layer. */
export function serialize(layer: Layer): SavedObject {
  return savedLayer(layer);
}

/** A layer as it was saved, without its weights. */
export function deserialize(saved: SavedObject): Layer {
  return layerFromSaved(saved as never) as Layer;
}
