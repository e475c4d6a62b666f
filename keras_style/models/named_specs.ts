/**
 * What a model's inputs and outputs are called.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { KerasTensor } from "../layers/keras_tensor.ts";
import { isPlainObject, leavesOf, leavesOfKind, mapNested } from "../layers/nested.ts";
import { SpecLeaf } from "../tracing/mod.ts";
import type { NamedSpec } from "./trained_model.ts";

/** Symbolic tensors of a graph: by the keys of their object, or as the layers they come from. */
export function namedTensors(nested: unknown): NamedSpec[] {
  const tensors = leavesOfKind(nested, KerasTensor);
  const isByKey = isPlainObject(nested) &&
    Object.values(nested).every((value) => value instanceof KerasTensor);
  const names = isByKey ? Object.keys(nested) : tensors.map(({ operation }) => operation.name);
  const used = new Set<string>();
  return tensors.map(({ shape, dtype }, i) => {
    let name = names[i];
    for (let n = 1; used.has(name); n++) name = `${names[i]}_${n}`;
    used.add(name);
    return { name, shape, dtype };
  });
}

/** What a class with `call` takes or gives: by the keys of an object, or numbered as Keras does. */
export function namedLeaves(nested: unknown, base: string): NamedSpec[] {
  const specs = leavesOf(nested).filter((leaf): leaf is SpecLeaf | KerasTensor =>
    leaf instanceof SpecLeaf || leaf instanceof KerasTensor
  );
  const keys = isPlainObject(nested) ? Object.keys(nested) : [];
  return specs.map(({ shape, dtype }, i) => ({
    name: keys[i] ?? (specs.length === 1 ? base : `${base}_${i + 1}`),
    shape,
    dtype,
  }));
}

/** Tensors in the indices of a nesting's leaves; a single one, or a list, where there is none. */
export function packed(nested: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (nested === undefined) return tensors.length === 1 ? tensors[0] : [...tensors];
  let at = 0;
  return mapNested(nested, () => tensors[at++]);
}
