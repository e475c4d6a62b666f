/**
 * First values of parameters. Follows https://docs.pytorch.org/docs/stable/nn.init.html
 *
 * All functions change the tensor in place and return it; gradients do not flow. Random numbers come from the
 * generator that `manualSeed` starts.
 * @module
 */
import { fromHost, showShape, sizeOf, storageFrom } from "../../onnx/mod.ts";
import { defaultGenerator } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { orthonormalRows } from "./orthonormal.ts";

function fill(tensor: Tensor, values: ArrayLike<number>): Tensor {
  tensor.array = fromHost(storageFrom(values, tensor.dtype), tensor.shape, tensor.dtype);
  return tensor;
}

/** Fills with uniform numbers from [low, high). */
export function uniform_(tensor: Tensor, low = 0, high = 1): Tensor {
  return fill(tensor, defaultGenerator().uniform(tensor.numel(), low, high));
}

/** Fills with normal numbers. */
export function normal_(tensor: Tensor, mean = 0, std = 1): Tensor {
  return fill(tensor, defaultGenerator().normal(tensor.numel(), mean, std));
}

/** Bounds of {@linkcode truncNormal_}. */
export interface TruncNormalOptions {
  /** Mean of the whole distribution, 0 unless given. */
  readonly mean?: number;
  /** Deviation of the whole distribution, 1 unless given. */
  readonly std?: number;
  /** Smallest number, -2 unless given. */
  readonly a?: number;
  /** Largest number, 2 unless given. */
  readonly b?: number;
}

/** Fills with normal numbers, drawn again until they lie between `a` and `b`. */
export function truncNormal_(
  tensor: Tensor,
  { mean = 0, std = 1, a = -2, b = 2 }: TruncNormalOptions = {},
): Tensor {
  if (!(a < b)) throw new Error(`truncNormal_: a is ${a}, expected less than b, which is ${b}`);
  const draw = normalBetween((a - mean) / std, (b - mean) / std);
  return fill(tensor, Array.from({ length: tensor.numel() }, () => mean + std * draw()));
}

/** Draws from the standard normal distribution between bounds, by rejection (Robert 1995). */
function normalBetween(low: number, high: number): () => number {
  const stream = pairsOf(64);
  const wide = low < 0 && high > 0 && high - low > Math.sqrt(2 * Math.PI);
  if (wide) {
    return () => {
      for (;;) {
        const [u, v] = stream();
        const x = Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
        if (x >= low && x <= high) return x;
      }
    };
  }
  const peak = Math.max(low, Math.min(high, 0));
  // Beyond this far from the peak the density is below 1e-17 of it: uniform draws would never end.
  const reach = peak === 0 ? Infinity : 40 / Math.abs(peak);
  const from = peak === high ? Math.max(low, high - reach) : low;
  const to = peak === low ? Math.min(high, low + reach) : high;
  return () => {
    for (;;) {
      const [u, v] = stream();
      const x = from + (to - from) * u;
      if (v <= Math.exp((peak * peak - x * x) / 2)) return x;
    }
  };
}

/** Pairs of uniform numbers, drawn so many at a time. */
function pairsOf(count: number): () => [number, number] {
  let numbers = new Float32Array();
  let at = 0;
  return () => {
    if (at === numbers.length) {
      numbers = defaultGenerator().uniform(2 * count) as Float32Array<ArrayBuffer>;
      at = 0;
    }
    return [numbers[at++], numbers[at++]];
  };
}

/** Fills with one value. */
export function constant_(tensor: Tensor, value: number): Tensor {
  return fill(tensor, new Float64Array(tensor.numel()).fill(value));
}

/** Fills with ones. */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Fills with zeros. */
export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

/** Ones on the diagonal of a matrix, zeros elsewhere. */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw new Error("Only tensors with 2 dimensions are supported");
  const [rows, columns] = tensor.shape;
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return fill(tensor, values);
}

/** Filters that hand on as many channels as they can unchanged. @param groups groups of the convolution */
export function dirac_(tensor: Tensor, groups = 1): Tensor {
  if (tensor.ndim < 3 || tensor.ndim > 5) {
    throw new Error("Only tensors with 3, 4, or 5 dimensions are supported");
  }
  const [outputs, inputs, ...kernel] = tensor.shape;
  if (outputs % groups !== 0) throw new Error("dim 0 must be divisible by groups");
  const size = sizeOf(kernel);
  const middle = kernel.reduce(
    (place, dimension) => place * dimension + Math.floor(dimension / 2),
    0,
  );
  const values = new Float64Array(tensor.numel());
  const each = outputs / groups;
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < Math.min(each, inputs); i++) {
      values[((group * each + i) * inputs + i) * size + middle] = 1;
    }
  }
  return fill(tensor, values);
}

/** How many inputs (second axis and window) and outputs (first axis and window) an element connects. */
export function fanInAndFanOut(tensor: Tensor): [fanIn: number, fanOut: number] {
  if (tensor.ndim < 2) {
    throw new Error(
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
  }
  const window = sizeOf(tensor.shape.slice(2));
  return [tensor.shape[1] * window, tensor.shape[0] * window];
}

/** What comes after a layer, under PyTorch's names. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

/**
 * What a nonlinearity's input deviation is to be multiplied with.
 *
 * @param param slope of a leaky relu, 0.01 unless given
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "leaky_relu") return Math.sqrt(2 / (1 + param * param));
  if (nonlinearity === "selu") return 3 / 4;
  if (nonlinearity === "sigmoid" || /^(linear|conv(_transpose)?[123]d)$/.test(nonlinearity)) {
    return 1;
  }
  throw new Error(`Unsupported nonlinearity ${nonlinearity}`);
}

/** Uniform with bound gain * sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierUniform_(tensor: Tensor, gain = 1): Tensor {
  const [fanIn, fanOut] = fanInAndFanOut(tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(tensor, -bound, bound);
}

/** Normal with deviation gain * sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierNormal_(tensor: Tensor, gain = 1): Tensor {
  const [fanIn, fanOut] = fanInAndFanOut(tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** Options of the initialisations by He et al. 2015. */
export interface KaimingOptions {
  /** Slope of the leaky relu after the layer, 0 unless given. */
  readonly a?: number;
  /** Keep the deviation of what goes forward ("fan_in") or of gradients ("fan_out"); the former unless given. */
  readonly mode?: "fan_in" | "fan_out";
  /** "leaky_relu" unless given. */
  readonly nonlinearity?: Nonlinearity;
}

/** The deviation that keeps that of a layer's input. */
function kaimingDeviation(
  tensor: Tensor,
  { a = 0, mode = "fan_in", nonlinearity = "leaky_relu" }: KaimingOptions,
): number {
  if (mode !== "fan_in" && mode !== "fan_out") {
    throw new Error(`Mode ${mode} not supported, please use one of fan_in, fan_out`);
  }
  const fan = fanInAndFanOut(tensor)[mode === "fan_in" ? 0 : 1];
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

/** Uniform with deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingUniform_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound);
}

/** Normal with deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingNormal_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  return normal_(tensor, 0, kaimingDeviation(tensor, options));
}

/** A random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al. 2013); axes from 1 on are one. */
export function orthogonal_(tensor: Tensor, gain = 1): Tensor {
  if (tensor.ndim < 2) throw new Error("Only tensors with 2 or more dimensions are supported");
  const rows = tensor.shape[0];
  const columns = tensor.numel() / rows;
  const [few, many] = rows <= columns ? [rows, columns] : [columns, rows];
  const basis = orthonormalRows(defaultGenerator().normal(few * many), few, many);
  const at = (i: number, j: number) => rows <= columns ? basis[i * many + j] : basis[j * many + i];
  return fill(
    tensor,
    Array.from(
      { length: rows * columns },
      (_, k) => gain * at(Math.floor(k / columns), k % columns),
    ),
  );
}

/** Normal numbers, a share of each column zero (Martens 2010). */
export function sparse_(tensor: Tensor, sparsity: number, std = 0.01): Tensor {
  if (tensor.ndim !== 2) {
    throw new Error(`Only tensors with 2 dimensions are supported, got ${showShape(tensor.shape)}`);
  }
  const [rows, columns] = tensor.shape;
  const values = defaultGenerator().normal(rows * columns, 0, std);
  for (let column = 0; column < columns; column++) {
    const order = defaultGenerator().permutation(rows);
    for (const row of order.subarray(0, Math.ceil(sparsity * rows))) {
      values[row * columns + column] = 0;
    }
  }
  return fill(tensor, values);
}
