/**
 * Indices of Python's, which graphs in Keras' files have: `x[:, -1, ::2]`.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { registerOperation } from "../layers/keras_tensor.ts";

/** One part of an index: a number, a range, a new axis (null) or all axes between ("__ellipsis__"). */
type IndexPart = number | null | {
  readonly className: string;
  readonly config: {
    readonly start?: number | null;
    readonly stop?: number | null;
    readonly step?: number | null;
  };
};

/** x[key] as Python has it. */
function getItem(x: tf.Tensor, key: IndexPart | readonly IndexPart[]): tf.Tensor {
  const parts = (Array.isArray(key) ? key : [key]) as IndexPart[];
  const isEllipsis = (part: IndexPart) =>
    typeof part === "object" && part?.className === "__ellipsis__";
  const taken = parts.filter((part) => part !== null && !isEllipsis(part)).length;
  const all: IndexPart = { className: "__slice__", config: {} };
  const rest = Array.from({ length: x.rank - taken }, () => all);
  const at = parts.findIndex(isEllipsis);
  const full = at < 0
    ? [...parts, ...rest]
    : [...parts.slice(0, at), ...rest, ...parts.slice(at + 1)];
  const [begin, end, strides, shape, turned]: number[][] = [[], [], [], [], []];
  for (const part of full) {
    if (part === null) {
      shape.push(1);
      continue;
    }
    const size = x.shape[begin.length];
    const bound = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
    if (typeof part === "number") {
      const index = part < 0 ? part + size : part;
      if (!(index >= 0 && index < size)) throw new RangeError(`index ${part} is not below ${size}`);
      begin.push(index);
      end.push(index + 1);
      strides.push(1);
      continue;
    }
    const { start, stop } = part.config;
    const step = part.config.step ?? 1;
    if (step < 0) {
      // Counted from the end, where the axis begins once it is turned.
      turned.push(begin.length);
      const mirrored = (value: number) =>
        Math.min(size - 1 - (value < 0 ? value + size : value), size);
      begin.push(Math.max(mirrored(start ?? size - 1), 0));
      end.push(Math.max(stop === null || stop === undefined ? size : mirrored(stop), 0));
    } else {
      begin.push(bound(start ?? 0));
      end.push(bound(stop ?? size));
    }
    strides.push(Math.abs(step));
    shape.push(Math.max(0, Math.ceil((end.at(-1)! - begin.at(-1)!) / strides.at(-1)!)));
  }
  const from = turned.length > 0 ? tf.reverse(x, turned) : x;
  return tf.reshape(tf.stridedSlice(from, begin, end, strides), shape);
}

registerOperation("keras.getItem", getItem as (...args: unknown[]) => unknown);
