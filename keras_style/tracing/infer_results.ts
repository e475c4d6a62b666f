/**
 * What a function of tensors would give, without computing it: shapes and element types.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DType, placeholder } from "../../onnx/mod.ts";
import { activeBackend } from "../engine/mod.ts";
import { mapLeaves } from "./containers.ts";
import type { TensorSpec } from "./input_signature.ts";
import { Trace } from "./trace.ts";

/** Sizes that stand for unknown dimensions: the batch axis', and those of the other axes. */
type StandIns = readonly [batch: number, other: number];

/** Two runs tell which dimensions of a result follow from unknown ones: those that differ. */
const LAZY: readonly StandIns[] = [[83, 97], [89, 101]];
/** On engines that compute at once the batch is small. */
const EAGER: readonly StandIns[] = [[2, 97], [3, 101]];

/**
 * Shapes and element types of what a function gives for tensors of these, nested as the result is. Unknown dimensions
 * (null) may be in both. Variables that the function makes stay, changes of variables are undone.
 *
 * @throws {Error} whatever the function throws, or if it gives something else than tensors
 */
export function inferResults(
  run: (...tensors: tf.Tensor[]) => unknown,
  inputs: readonly TensorSpec[],
): unknown {
  const sizes = activeBackend() ? LAZY : EAGER;
  const isOpen = inputs.some(({ shape }) => shape.includes(null));
  const [first, second] = sizes.slice(0, isOpen ? 2 : 1).map((standIns) =>
    runOnce(run, inputs.map((spec) => ({ ...spec, shape: closed(spec.shape, standIns) })))
  );
  if (!second) return first.nested;
  if (second.specs.length !== first.specs.length) {
    throw new Error("the number of results depends on dimensions that are not known");
  }
  let at = 0;
  return mapLeaves(first.nested, (leaf) => {
    if (!(leaf instanceof SpecLeaf)) return leaf;
    const { shape, dtype } = first.specs[at];
    const other = second.specs[at++].shape;
    if (other.length !== shape.length) {
      throw new Error("the rank of a result depends on dimensions that are not known");
    }
    return new SpecLeaf(shape.map((size, axis) => size === other[axis] ? size : null), dtype);
  });
}

/** Shape and element type of a result. */
export class SpecLeaf implements TensorSpec {
  constructor(readonly shape: readonly (number | null)[], readonly dtype: tf.DataType) {}
}

function closed(shape: readonly (number | null)[], [batch, other]: StandIns): number[] {
  return shape.map((dimension, axis) => dimension ?? (axis === 0 ? batch : other));
}

interface Found {
  readonly nested: unknown;
  readonly specs: readonly SpecLeaf[];
}

function runOnce(
  run: (...tensors: tf.Tensor[]) => unknown,
  inputs: readonly { shape: number[]; dtype?: tf.DataType }[],
): Found {
  const specs: SpecLeaf[] = [];
  const look = (result: unknown) =>
    mapLeaves(result, (leaf) => {
      if (!(leaf instanceof tf.Tensor)) {
        if (leaf === null || leaf === undefined) return leaf;
        throw new TypeError(`call gave ${leaf}, expected tensors`);
      }
      const spec = new SpecLeaf([...leaf.shape], leaf.dtype);
      specs.push(spec);
      return spec;
    });
  let nested: unknown;
  const body = (...tensors: tf.Tensor[]) => void (nested = look(run(...tensors)));
  const backend = activeBackend();
  if (backend && !backend.trace && tf.engine().state.gradientDepth === 0) {
    const tensors = inputs.map(({ shape, dtype = "float32" }) =>
      tf.engine().makeTensorFromTensorInfo(
        backend.adopt(placeholder("a symbolic tensor", dtype as DType, shape)),
        backend,
      )
    );
    try {
      new Trace(backend).record(body as (...args: unknown[]) => unknown, tensors);
    } finally {
      tf.dispose(tensors);
    }
  } else {
    keepingVariables(() => {
      body(...inputs.map(({ shape, dtype }) => tf.zeros(shape, dtype)));
    });
  }
  return { nested, specs };
}

/** Runs something and gives all variables that were there before their values back. */
function keepingVariables(run: () => void): void {
  const before = Object.values(tf.engine().registeredVariables).map((variable) =>
    [variable, variable.dataId, tf.keep(tf.clone(variable))] as const
  );
  try {
    tf.tidy(run);
  } finally {
    for (const [variable, dataId, value] of before) {
      if (!variable.isDisposed && variable.dataId !== dataId) variable.assign(value);
      value.dispose();
    }
  }
}
