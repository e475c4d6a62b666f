/**
 * How samples become a batch. Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @module
 */
import { describe, isPlainObject, kind, signature } from "../arguments.ts";
import { ops, type TypedArray } from "../../onnx/mod.ts";
import { isTypedArray, tensor } from "../creation.ts";
import { Tensor } from "../tensor.ts";

/**
 * What samples of a type are as a batch: tensors, typed arrays and numbers stacked, strings listed, lists and plain objects
 * entry by entry.
 */
export type Collated<S> = S extends Tensor | TypedArray | number | boolean ? Tensor
  : S extends string ? string[]
  : S extends readonly unknown[] | object ? { [Key in keyof S]: Collated<S[Key]> }
  : never;

const DEFAULT_COLLATE = signature("defaultCollate", [
  "samples",
  kind<readonly unknown[]>("a list of samples", Array.isArray),
]);

/** Samples as a batch; all have the first one's structure. @throws {Error} for what cannot be put together */
export function defaultCollate<S>(...given: [samples: readonly S[]]): Collated<S> {
  return collate(DEFAULT_COLLATE.read(given).samples) as Collated<S>;
}

function collate(samples: readonly unknown[]): unknown {
  const [first] = samples;
  if (first instanceof Tensor) return stacked(samples as readonly Tensor[]);
  if (isTypedArray(first)) return stacked((samples as TypedArray[]).map((data) => tensor(data)));
  if (typeof first === "string") return [...samples];
  if (typeof first === "number" || typeof first === "boolean") {
    const values = samples as number[];
    const isWhole = typeof first === "boolean" || values.every(Number.isInteger);
    return tensor(values, isWhole ? {} : { dtype: "float32" });
  }
  if (Array.isArray(first)) {
    const rows = samples as readonly (readonly unknown[])[];
    if (rows.some((row) => row.length !== first.length)) {
      throw new Error("each element in list of batch should be of equal size");
    }
    return first.map((_, i) => collate(rows.map((row) => row[i])));
  }
  if (isPlainObject(first)) {
    const entries = samples as readonly Record<string, unknown>[];
    return Object.fromEntries(
      Object.keys(first).map((key) => [key, collate(entries.map((entry) => entry[key]))]),
    );
  }
  throw new TypeError(
    `a sample holds ${
      describe(first)
    }, expected tensors, typed arrays, numbers, booleans, strings, and lists or plain objects of them`,
  );
}

function stacked(parts: readonly Tensor[]): Tensor {
  const rows = parts.map(({ array, shape }) => ops.reshape(array, [1, ...shape]));
  return new Tensor(ops.concat(rows, 0));
}
