/**
 * A model's layers and what is connected to what.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Model } from "../models/mod.ts";
import { type LayerNode, nodesWithin } from "../models/summary.ts";

/** A layer, in words. */
export interface LayerBox {
  /** Unique in the model. */
  readonly name: string;
  readonly className: string;
  /** The activation's name, where the layer has one that is not linear. */
  readonly activation?: string;
  /** Shapes as Keras writes them, `(None, 32)`; those of several tensors, and of several calls, are listed. */
  readonly inputShapes: readonly string[];
  readonly outputShapes: readonly string[];
  readonly parameters: number;
  readonly isInput: boolean;
}

/** A tensor that one layer hands to another. */
export interface LayerEdge {
  readonly from: string;
  readonly to: string;
}

/**
 * The layers in the order of computation. A layer that is called more than once is there once.
 *
 * @throws {Error} if the model is not built
 */
export function layerGraph(model: Model): { boxes: LayerBox[]; edges: LayerEdge[] } {
  const { network } = model;
  const boxes = network.layers.map((layer) => boxOf(layer, nodesWithin(layer, network)));
  const edges = network.layers.flatMap((layer) =>
    nodesWithin(layer, network).flatMap((node) =>
      node.inboundLayers.map((from) => ({ from: from.name, to: layer.name }))
    )
  );
  return { boxes, edges };
}

function boxOf(layer: tf.layers.Layer, nodes: readonly LayerNode[]): LayerBox {
  const isInput = layer.getClassName() === "InputLayer";
  const activation = activationOf(layer);
  return {
    name: layer.name,
    className: layer.getClassName(),
    ...(activation === undefined ? {} : { activation }),
    inputShapes: isInput ? [] : distinctCalls(nodes.map((node) => shapesOf(node.inputShapes))),
    outputShapes: distinctCalls(nodes.map((node) => shapesOf(node.outputShapes))),
    parameters: layer.countParams(),
    isInput,
  };
}

function activationOf(layer: tf.layers.Layer): string | undefined {
  const { activation } = layer.getConfig();
  if (typeof activation === "string") return activation === "linear" ? undefined : activation;
  // A layer as the activation of another.
  const { layer: inner } = (activation as { config?: { layer?: { className: string } } } | null)
    ?.config ?? {};
  return inner?.className;
}

/** TensorFlow.js keeps one shape, or a list of them. */
function shapesOf(shapes: tf.Shape | tf.Shape[]): string[] {
  const list = Array.isArray(shapes[0]) ? shapes as tf.Shape[] : [shapes as tf.Shape];
  return list.map((shape) => `(${shape.map((dimension) => dimension ?? "None").join(", ")})`);
}

/** Calls of a layer with the same shapes are told once. */
function distinctCalls(calls: readonly string[][]): string[] {
  const texts = calls.map((shapes) => shapes.join(", "));
  return calls.filter((_, i) => texts.indexOf(texts[i]) === i).flat();
}
