/**
 * Kernels that move elements without computing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type LazyArray, normalizeAxis, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";

defineKernel<tf.TransposeAttrs>(tf.Transpose, ({ x }, { perm }) => ops.transpose(x, perm));

defineKernel<tf.TileAttrs>(tf.Tile, ({ x }, { reps }) => {
  if (reps.every((n) => n === 1)) return x;
  return throughBytes(x, (bytes) => ops.tile(bytes, reps));
});

/** Some operators of ONNX Runtime take bytes, not bools. */
function throughBytes(x: LazyArray, move: (x: LazyArray) => LazyArray): LazyArray {
  return x.dtype === "bool" ? ops.cast(move(ops.cast(x, "uint8")), "bool") : move(x);
}

/** So many elements from an index on. */
function block(x: LazyArray, begin: readonly number[], size: readonly number[]): LazyArray {
  return ops.slice(x, begin, begin.map((b, i) => b + size[i]));
}

defineKernel<tf.SliceAttrs>(tf.Slice, ({ x }, attrs) => {
  const tensor = { shape: [...x.shape], rank: x.shape.length } as tf.Tensor;
  const [begin, size] = tf.slice_util.parseSliceParams(
    tensor,
    attrs.begin,
    attrs.size,
  );
  tf.slice_util.assertParamsValid(tensor, begin, size);
  return block(x, begin, size);
});

/** The entries at constant indices of one axis. */
function pick(x: LazyArray, axis: number, indices: readonly number[]): LazyArray {
  return ops.gather(x, constant(indices, "int32"), axis);
}

function range(begin: number, end: number, step: number): number[] {
  const indices: number[] = [];
  for (let i = begin; step > 0 ? i < end : i > end; i += step) indices.push(i);
  return indices;
}

defineKernel<tf.StridedSliceAttrs>(tf.StridedSlice, ({ x }, attrs) => {
  const info = tf.slice_util.sliceInfo(
    [...x.shape],
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  let result = x;
  x.shape.forEach((dimension, axis) => {
    const [begin, end, stride] = [info.begin[axis], info.end[axis], info.strides[axis]];
    if (begin === 0 && end === dimension && stride === 1) return;
    result = stride > 0
      ? every(result, axis, [begin, Math.max(begin, end), stride])
      : pick(result, axis, range(begin, end, stride));
  });
  return ops.reshape(result, info.finalShape);
});

function every(x: LazyArray, axis: number, range: readonly [number, number, number]): LazyArray {
  const along = (i: number, others: readonly number[]) =>
    others.map((o, k) => k === axis ? range[i] : o);
  const ones = x.shape.map(() => 1);
  return ops.slice(x, along(0, ones.map(() => 0)), along(1, x.shape), along(2, ones));
}

function cut(x: LazyArray, axis: number, indices: readonly number[]): LazyArray {
  const begin = x.shape.map((_, i) => i === axis ? indices[0] ?? 0 : 0);
  const size = x.shape.map((dimension, i) => i === axis ? indices.length : dimension);
  return block(x, begin, size);
}

defineKernel<tf.ReverseAttrs>(tf.Reverse, ({ x }, { dims }) => {
  const axes = tf.util.parseAxisParam(dims, [...x.shape]);
  return axes.reduce((y, axis) => pick(y, axis, range(y.shape[axis] - 1, -1, -1)), x);
});

defineKernel(tf.FlipLeftRight, ({ image }) => pick(image, 2, range(image.shape[2] - 1, -1, -1)));

defineKernel<tf.ConcatAttrs>(tf.Concat, (_x, { axis }, list) => {
  const along = normalizeAxis("Concat", axis, list[0].shape.length);
  tf.backend_util.assertParamsConsistent(list.map(({ shape }) => [...shape]), along);
  const filled = list.filter((x) => x.size > 0);
  if (filled.length > 0) return ops.concat(filled, along);
  const total = list.reduce((n, x) => n + x.shape[along], 0);
  return ops.reshape(list[0], list[0].shape.map((dimension, i) => i === along ? total : dimension));
});

function withAxis(x: LazyArray, axis: number): LazyArray {
  const shape = [...x.shape];
  shape.splice(axis, 0, 1);
  return ops.reshape(x, shape);
}

defineKernel<tf.PackAttrs>(tf.Pack, (_x, { axis }, list) => {
  const along = normalizeAxis("Pack", axis, list[0].shape.length + 1);
  return ops.concat(list.map((x) => withAxis(x, along)), along);
});

defineKernel<tf.UnpackAttrs>(tf.Unpack, ({ value }, { axis }) => {
  const along = normalizeAxis("Unpack", axis, value.shape.length);
  const shape = value.shape.filter((_, i) => i !== along);
  return range(0, value.shape[along], 1).map((i) => ops.reshape(cut(value, along, [i]), shape));
});

defineKernel<tf.SplitVAttrs>(tf.SplitV, ({ x }, { numOrSizeSplits, axis }) => {
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  const sizes = tf.backend_util.prepareSplitSize(
    { shape: [...x.shape] } as tf.Tensor,
    numOrSizeSplits,
    along,
  );
  let from = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => i === along ? from : 0);
    from += size;
    return block(x, begin, x.shape.map((dimension, i) => i === along ? size : dimension));
  });
});

defineKernel<tf.PadV2Attrs>(
  tf.PadV2,
  ({ x }, { paddings, constantValue }) =>
    ops.pad(x, paddings.map((p) => p[0]), paddings.map((p) => p[1]), constantValue),
);

defineKernel<tf.MirrorPadAttrs>(
  tf.MirrorPad,
  ({ x }, { paddings, mode }) =>
    paddings.reduce((y, [before, after], axis) => {
      if (before === 0 && after === 0) return y;
      const last = y.shape[axis] - 1;
      const edge = mode === "reflect" ? 0 : 1;
      const indices = range(-before, last + 1 + after, 1).map((i) =>
        i < 0 ? -i - edge : i > last ? 2 * last - i + edge : i
      );
      return pick(y, axis, indices);
    }, x),
);
