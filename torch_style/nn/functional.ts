/**
 * The functions behind the modules. Follows https://docs.pytorch.org/docs/stable/nn.functional.html
 * @module
 */
import { constant, type LazyArray, ops, showShape } from "../../onnx/mod.ts";
import { defaultGenerator } from "../random.ts";
import { apply, Tensor } from "../tensor.ts";

/** One number for both axes, or [height, width]. */
export type Pair = number | readonly [number, number];

/** Height and width of a {@linkcode Pair}. */
export function pair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

/** Options of {@linkcode conv2d}, PyTorch's. */
export interface ConvOptions {
  readonly stride?: Pair;
  /** Zeros around; "same" keeps height and width (stride 1). */
  readonly padding?: Pair | "same" | "valid";
  readonly dilation?: Pair;
  readonly groups?: number;
}

/**
 * Convolution of pictures [n, c, h, w] with filters [o, c / groups, kh, kw] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 */
export function conv2d(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvOptions = {},
): Tensor {
  const dilation = pair(options.dilation ?? 1);
  const stride = pair(options.stride ?? 1);
  const padding = paddingOf(options.padding ?? 0, weight, stride, dilation);
  const window = { stride, padding, dilation, groups: options.groups ?? 1 };
  const inputs = bias ? [input, weight, bias] : [input, weight];
  return apply("Convolution", inputs, ([x, w, b]) => ops.conv2d(x, w, window, b));
}

function paddingOf(
  padding: Pair | "same" | "valid",
  weight: Tensor,
  stride: readonly [number, number],
  dilation: readonly [number, number],
): [number, number, number, number] {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding !== "same") {
    const [rows, columns] = pair(padding);
    return [rows, columns, rows, columns];
  }
  if (stride[0] !== 1 || stride[1] !== 1) {
    throw new Error("conv2d: padding='same' is not supported for strided convolutions");
  }
  // An odd total puts the extra row or column at the end, as PyTorch does.
  const total = [0, 1].map((i) => dilation[i] * (weight.shape[2 + i] - 1));
  const before = total.map((n) => Math.floor(n / 2));
  return [before[0], before[1], total[0] - before[0], total[1] - before[1]];
}

/** Options of pooling. */
export interface PoolOptions {
  /** The window's extent unless given. */
  readonly stride?: Pair;
  readonly padding?: Pair;
}

/** Largest element of each window. Follows `torch.nn.functional.max_pool2d`. */
export function maxPool2d(input: Tensor, kernelSize: Pair, options: PoolOptions = {}): Tensor {
  const kernel = pair(kernelSize);
  const [rows, columns] = pair(options.padding ?? 0);
  const stride = pair(options.stride ?? kernelSize);
  return apply(
    "MaxPool2D",
    [input],
    ([x]) => ops.maxPool2d(x, { kernel, stride, padding: [rows, columns, rows, columns] }),
  );
}

/** input weightᵀ + bias, weight [out, in]. Follows `torch.nn.functional.linear`. */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const inner = input.shape[input.ndim - 1];
  if (inner !== weight.shape[1]) {
    throw new Error(
      `linear: mat1 and mat2 shapes cannot be multiplied (${showShape(input.shape)} and ` +
        `${showShape([weight.shape[1], weight.shape[0]])})`,
    );
  }
  const product = (x: LazyArray, w: LazyArray) =>
    x.shape.length === 2 ? ops.matmul(x, w, false, true) : ops.matmul(x, ops.transpose(w));
  if (!bias) return apply("Linear", [input, weight], ([x, w]) => product(x, w));
  return apply("Linear", [input, weight, bias], ([x, w, b]) => ops.add(product(x, w), b));
}

/** max(x, 0). Follows `torch.nn.functional.relu`. */
export function relu(input: Tensor): Tensor {
  return input.relu();
}

/** Follows `torch.nn.functional.softmax`. */
export function softmax(input: Tensor, dim: number): Tensor {
  return input.softmax(dim);
}

/** Follows `torch.nn.functional.log_softmax`. */
export function logSoftmax(input: Tensor, dim: number): Tensor {
  return input.logSoftmax(dim);
}

/**
 * Sets elements to zero with probability `p` and scales the others by 1 / (1 - p).
 * As in PyTorch `training` is true unless given, so that it also drops at evaluation if you forget it.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 */
export function dropout(input: Tensor, p = 0.5, training = true): Tensor {
  if (!(p >= 0 && p <= 1)) {
    throw new Error(`dropout probability has to be between 0 and 1, but got ${p}`);
  }
  if (!training || p === 0) return input;
  if (p === 1) return input.mul(0);
  const key = defaultGenerator().nextKeyArray();
  const kept = ops.cast(ops.greaterEqual(ops.uniform(key, input.shape), constant(p)), input.dtype);
  const mask = ops.mul(kept, constant(1 / (1 - p), input.dtype));
  return input.mul(new Tensor(mask));
}

/** How a loss over many samples becomes one number. */
export type Reduction = "none" | "mean" | "sum";

/**
 * Cross entropy of scores [n, classes] against class numbers [n] (int64). Applies log-softmax itself: the
 * scores are not to be softmaxed before. Follows `torch.nn.functional.cross_entropy`.
 *
 * @throws {Error} if shapes do not fit or the target is not a tensor of whole numbers.
 */
export function crossEntropy(
  input: Tensor,
  target: Tensor,
  options: { readonly reduction?: Reduction } = {},
): Tensor {
  if (input.ndim !== 2 || target.ndim !== 1 || input.shape[0] !== target.shape[0]) {
    throw new Error(
      `crossEntropy: expected input [n, classes] and target [n], got ${
        showShape(input.shape)
      } and ` +
        `${showShape(target.shape)}`,
    );
  }
  if (target.dtype !== "int64" && target.dtype !== "int32") {
    throw new Error(`crossEntropy: expected target of dtype int64 but got ${target.dtype}`);
  }
  return apply("CrossEntropy", [input, target], ([x, y]) => {
    const classes = x.shape[1];
    const wanted = oneHot(y, classes, x.dtype);
    const each = ops.neg(ops.sum(ops.mul(ops.logSoftmax(x, 1), wanted), { axes: 1 }));
    return reduce(each, options.reduction ?? "mean");
  });
}

function oneHot(
  labels: LazyArray,
  classes: number,
  dtype: "float32" | LazyArray["dtype"],
): LazyArray {
  const numbers = constant(Array.from({ length: classes }, (_, i) => i), labels.dtype);
  return ops.cast(ops.equal(ops.reshape(labels, [labels.size, 1]), numbers), dtype);
}

function reduce(each: LazyArray, reduction: Reduction): LazyArray {
  if (reduction === "none") return each;
  return reduction === "sum" ? ops.sum(each) : ops.mean(each);
}
