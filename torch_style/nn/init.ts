/**
 * First values of parameters. Follows https://docs.pytorch.org/docs/stable/nn.init.html
 *
 * All functions change the tensor in place and return it; gradients do not flow. Random numbers come from the
 * generator that `manualSeed` starts.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { fromHost, showShape, sizeOf, storageFrom } from "../../onnx/mod.ts";
import { defaultGenerator } from "../random.ts";
import { orthonormalRows } from "./orthonormal.ts";

function fill(tensor: Tensor, values: ArrayLike<number>): Tensor {
  tensor.array = fromHost(storageFrom(values, tensor.dtype), tensor.shape, tensor.dtype);
  return tensor;
}

const UNIFORM_IN_PLACE = signature("uniform_", ["tensor", tensorKind], ["low", kinds.number, 0], [
  "high",
  kinds.number,
  1,
]);

/** Fills with uniform numbers from [low, high). */
export function uniform_(
  ...given: Call<
    typeof UNIFORM_IN_PLACE,
    { readonly low?: number; readonly high?: number },
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, low, high } = UNIFORM_IN_PLACE.read(given);
  return fill(tensor, defaultGenerator().uniform(tensor.numel(), low, high));
}

const NORMAL_IN_PLACE = signature("normal_", ["tensor", tensorKind], ["mean", kinds.number, 0], [
  "std",
  kinds.number,
  1,
]);

/** Fills with normal numbers. */
export function normal_(
  ...given: Call<
    typeof NORMAL_IN_PLACE,
    { readonly mean?: number; readonly std?: number },
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, mean, std } = NORMAL_IN_PLACE.read(given);
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

const TRUNC_NORMAL_IN_PLACE = signature(
  "truncNormal_",
  ["tensor", tensorKind],
  ["mean", kinds.number, undefined],
  ["std", kinds.number, undefined],
  ["a", kinds.number, undefined],
  ["b", kinds.number, undefined],
);

/** Fills with normal numbers, drawn again until they lie between `a` and `b`. */
export function truncNormal_(
  ...given: Call<typeof TRUNC_NORMAL_IN_PLACE, TruncNormalOptions, [tensor: Tensor]>
): Tensor {
  const { tensor, mean = 0, std = 1, a = -2, b = 2 } = TRUNC_NORMAL_IN_PLACE.read(given);
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
  let values = new Float32Array();
  let at = 0;
  return () => {
    if (at === values.length) {
      values = defaultGenerator().uniform(2 * count) as Float32Array<ArrayBuffer>;
      at = 0;
    }
    return [values[at++], values[at++]];
  };
}

const CONSTANT_IN_PLACE = signature("constant_", ["tensor", tensorKind], ["value", kinds.number]);

/** Fills with one value. */
export function constant_(
  ...given: Call<typeof CONSTANT_IN_PLACE, Record<never, never>, [tensor: Tensor, value: number]>
): Tensor {
  const { tensor, value } = CONSTANT_IN_PLACE.read(given);
  return fill(tensor, new Float64Array(tensor.numel()).fill(value));
}

const ONES_IN_PLACE = signature("ones_", ["tensor", tensorKind]);

/** Fills with ones. */
export function ones_(
  ...given: Call<typeof ONES_IN_PLACE, Record<never, never>, [tensor: Tensor]>
): Tensor {
  const { tensor } = ONES_IN_PLACE.read(given);
  return constant_(tensor, 1);
}

const ZEROS_IN_PLACE = signature("zeros_", ["tensor", tensorKind]);

/** Fills with zeros. */
export function zeros_(
  ...given: Call<typeof ZEROS_IN_PLACE, Record<never, never>, [tensor: Tensor]>
): Tensor {
  const { tensor } = ZEROS_IN_PLACE.read(given);
  return constant_(tensor, 0);
}

const EYE_IN_PLACE = signature("eye_", ["tensor", tensorKind]);

/** Ones on the diagonal of a matrix, zeros elsewhere. */
export function eye_(
  ...given: Call<typeof EYE_IN_PLACE, Record<never, never>, [tensor: Tensor]>
): Tensor {
  const { tensor } = EYE_IN_PLACE.read(given);
  if (tensor.ndim !== 2) throw new Error("Only tensors with 2 dimensions are supported");
  const [rows, columns] = tensor.shape;
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return fill(tensor, values);
}

const DIRAC_IN_PLACE = signature("dirac_", ["tensor", tensorKind], ["groups", kinds.integer, 1]);

/** Filters that hand on as many channels as they can unchanged. @param groups groups of the convolution */
export function dirac_(
  ...given: Call<typeof DIRAC_IN_PLACE, { readonly groups?: number }, [tensor: Tensor]>
): Tensor {
  const { tensor, groups } = DIRAC_IN_PLACE.read(given);
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

const FAN_IN_AND_FAN_OUT = signature("fanInAndFanOut", ["tensor", tensorKind]);

/** How many inputs (second axis and window) and outputs (first axis and window) an element connects. */
export function fanInAndFanOut(...given: [tensor: Tensor]): [fanIn: number, fanOut: number] {
  const { tensor } = FAN_IN_AND_FAN_OUT.read(given);
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

const CALCULATE_GAIN = signature(
  "calculateGain",
  ["nonlinearity", kinds.string as unknown as Kind<Nonlinearity>],
  ["param", kinds.number, 0.01],
);

/**
 * What a nonlinearity's input deviation is to be multiplied with.
 *
 * @param param slope of a leaky relu, 0.01 unless given
 */
export function calculateGain(
  ...given: Call<typeof CALCULATE_GAIN, { readonly param?: number }, [nonlinearity: Nonlinearity]>
): number {
  const { nonlinearity, param } = CALCULATE_GAIN.read(given);
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "leaky_relu") return Math.sqrt(2 / (1 + param * param));
  if (nonlinearity === "selu") return 3 / 4;
  if (nonlinearity === "sigmoid" || /^(linear|conv(_transpose)?[123]d)$/.test(nonlinearity)) {
    return 1;
  }
  throw new Error(`Unsupported nonlinearity ${nonlinearity}`);
}

const XAVIER_UNIFORM_IN_PLACE = signature("xavierUniform_", ["tensor", tensorKind], [
  "gain",
  kinds.number,
  1,
]);

/** Uniform with bound gain * sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierUniform_(
  ...given: Call<typeof XAVIER_UNIFORM_IN_PLACE, { readonly gain?: number }, [tensor: Tensor]>
): Tensor {
  const { tensor, gain } = XAVIER_UNIFORM_IN_PLACE.read(given);
  const [fanIn, fanOut] = fanInAndFanOut(tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(tensor, -bound, bound);
}

const XAVIER_NORMAL_IN_PLACE = signature("xavierNormal_", ["tensor", tensorKind], [
  "gain",
  kinds.number,
  1,
]);

/** Normal with deviation gain * sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierNormal_(
  ...given: Call<typeof XAVIER_NORMAL_IN_PLACE, { readonly gain?: number }, [tensor: Tensor]>
): Tensor {
  const { tensor, gain } = XAVIER_NORMAL_IN_PLACE.read(given);
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

const KAIMING_UNIFORM_IN_PLACE = signature(
  "kaimingUniform_",
  ["tensor", tensorKind],
  ["a", kinds.number, undefined],
  ["mode", kinds.oneOf("fan_in", "fan_out"), undefined],
  ["nonlinearity", kinds.string as unknown as Kind<Nonlinearity>, undefined],
);

/** Uniform with deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingUniform_(
  ...given: Call<typeof KAIMING_UNIFORM_IN_PLACE, KaimingOptions, [tensor: Tensor]>
): Tensor {
  const { tensor, ...options } = KAIMING_UNIFORM_IN_PLACE.read(given);
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound);
}

const KAIMING_NORMAL_IN_PLACE = signature(
  "kaimingNormal_",
  ["tensor", tensorKind],
  ["a", kinds.number, undefined],
  ["mode", kinds.oneOf("fan_in", "fan_out"), undefined],
  ["nonlinearity", kinds.string as unknown as Kind<Nonlinearity>, undefined],
);

/** Normal with deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingNormal_(
  ...given: Call<typeof KAIMING_NORMAL_IN_PLACE, KaimingOptions, [tensor: Tensor]>
): Tensor {
  const { tensor, ...options } = KAIMING_NORMAL_IN_PLACE.read(given);
  return normal_(tensor, 0, kaimingDeviation(tensor, options));
}

const ORTHOGONAL_IN_PLACE = signature("orthogonal_", ["tensor", tensorKind], [
  "gain",
  kinds.number,
  1,
]);

/** A random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al. 2013); axes from 1 on are one. */
export function orthogonal_(
  ...given: Call<typeof ORTHOGONAL_IN_PLACE, { readonly gain?: number }, [tensor: Tensor]>
): Tensor {
  const { tensor, gain } = ORTHOGONAL_IN_PLACE.read(given);
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

const SPARSE_IN_PLACE = signature("sparse_", ["tensor", tensorKind], ["sparsity", kinds.number], [
  "std",
  kinds.number,
  0.01,
]);

/** Normal numbers, a share of each column zero (Martens 2010). */
export function sparse_(
  ...given: Call<
    typeof SPARSE_IN_PLACE,
    { readonly std?: number },
    [tensor: Tensor, sparsity: number]
  >
): Tensor {
  const { tensor, sparsity, std } = SPARSE_IN_PLACE.read(given);
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
