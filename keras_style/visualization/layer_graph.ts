/**
 * A model's layers and what is connected to what.
 * @module
 */
import { InputLayer } from "../layers/core/input_layer.ts";
import type { Node, Operation, TensorOperation } from "../layers/keras_tensor.ts";
import { Layer } from "../layers/layer.ts";
import type { Model } from "../models/mod.ts";
import { nodesWithin, shapeText } from "../models/summary.ts";

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
 * @throws {Error} if the model is not built, or is a class with `call`
 */
export function layerGraph(model: Model): { boxes: LayerBox[]; edges: LayerEdge[] } {
  void model.inputs;
  const graph = model.graph!;
  const boxes = graph.operations.map((operation) =>
    boxOf(operation, nodesWithin(operation, graph))
  );
  const edges = graph.operations.flatMap((operation) =>
    nodesWithin(operation, graph).flatMap((node) =>
      node.inputs.map((from) => ({ from: from.operation.name, to: operation.name }))
    )
  );
  return { boxes, edges };
}

function boxOf(operation: Operation, nodes: readonly Node[]): LayerBox {
  const isInput = operation instanceof InputLayer;
  const activation = operation instanceof Layer ? activationOf(operation) : undefined;
  return {
    name: operation.name,
    className: operation instanceof Layer
      ? operation.getClassName()
      : (operation as TensorOperation).kind,
    ...(activation === undefined ? {} : { activation }),
    inputShapes: isInput ? [] : distinctCalls(nodes.map(({ inputs }) => inputs)),
    outputShapes: distinctCalls(nodes.map(({ outputs }) => outputs)),
    parameters: operation instanceof Layer ? operation.countParams() : 0,
    isInput,
  };
}

function activationOf(layer: Layer): string | undefined {
  // A model's configuration is large, and has none.
  if (!("activation" in layer)) return undefined;
  const { activation } = layer.getConfig();
  if (typeof activation === "string") return activation === "linear" ? undefined : activation;
  // A layer as the activation of another.
  return (activation as { className?: string } | null | undefined)?.className;
}

/** Calls of a layer with the same shapes are shown once. */
function distinctCalls(calls: readonly Node["inputs"][]): string[] {
  const shapes = calls.map((tensors) => tensors.map(({ shape }) => shapeText(shape)));
  const texts = shapes.map((list) => list.join(", "));
  return shapes.filter((_, i) => texts.indexOf(texts[i]) === i).flat();
}
