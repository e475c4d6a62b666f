/**
 * More functions that make tensors: of data that may be a tensor already, ranges of powers, windows of signal processing, and
 * tensors like another one. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#creation-ops
 * @module
 */
import { type Call, type Kind, kind, kinds, signature } from "./arguments.ts";
import { Tensor, tensorKind, type TensorOptions } from "./tensor.ts";
import type { DType, Shape, TypedArray } from "../onnx/mod.ts";
import { empty, fromArray, full, ones, tensor, type TensorData, zeros } from "./creation.ts";
import { randint } from "./random_creation.ts";
import { defineMethods, type Methods } from "./methods.ts";

const AS_TENSOR = signature(
  "asTensor",
  ["data", kinds.any as Kind<Tensor | TensorData>],
  "*",
  ["dtype", kinds.dtype, undefined],
);

/** Data as a tensor: a tensor of the wanted dtype as it is, a typed array sharing its memory, values as `tensor` takes them. */
export function asTensor(
  ...given: Call<typeof AS_TENSOR, Pick<TensorOptions, "dtype">, [data: Tensor | TensorData]>
): Tensor {
  const { data, ...options } = AS_TENSOR.read(given);
  if (data instanceof Tensor) return options.dtype ? data.to(options.dtype) : data;
  if (ArrayBuffer.isView(data)) {
    const made = fromArray(data as TypedArray);
    return options.dtype ? made.to(options.dtype) : made;
  }
  return tensor(data, options);
}

const SCALAR_TENSOR = signature("scalarTensor", ["value", kinds.number], "*", [
  "dtype",
  kinds.dtype,
  undefined,
], ["requiresGrad", kinds.boolean, undefined]);

/** One number as a tensor without axes. */
export function scalarTensor(
  ...given: Call<typeof SCALAR_TENSOR, TensorOptions, [value: number]>
): Tensor {
  const { value, ...options } = SCALAR_TENSOR.read(given);
  return full([], value, options);
}

const LOGSPACE = signature(
  "logspace",
  ["start", kinds.number],
  ["end", kinds.number],
  ["steps", kinds.number],
  ["base", kinds.number, 10],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** `steps` values from base^start to base^end, each the same factor from the next. */
export function logspace(
  ...given: Call<
    typeof LOGSPACE,
    { readonly base?: number } & TensorOptions,
    [start: number, end: number, steps: number]
  >
): Tensor {
  const { start, end, steps, base, ...options } = LOGSPACE.read(given);
  if (!Number.isInteger(steps) || steps < 0) {
    throw new Error(`number of steps must be non-negative, got ${steps}`);
  }
  const values = Array.from(
    { length: steps },
    (_, i) => base ** (steps === 1 ? start : start + (end - start) * i / (steps - 1)),
  );
  return tensor(values, { dtype: "float32", ...options });
}

const RANDINT_LIKE = signature(
  "randintLike",
  ["input", tensorKind],
  ["low", kinds.integer],
  ["high", kinds.integer, undefined],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** Integers like another tensor, from 0 or `low` up to, not including, `high`. */
export function randintLike(
  ...given: Call<
    typeof RANDINT_LIKE,
    { readonly high?: number } & TensorOptions,
    [input: Tensor, low: number]
  >
): Tensor {
  const { input, low, high, ...options } = RANDINT_LIKE.read(given);
  const [from, to] = high === undefined ? [0, low] : [low, high];
  return randint(from, to, input.shape, { dtype: input.dtype, ...options });
}

/** A window of n values by its value at i of `length`; a periodic one is a symmetric one of n + 1 without its last. */
function windowOf(
  n: number,
  periodic: boolean,
  options: TensorOptions,
  value: (i: number, last: number) => number,
): Tensor {
  if (!Number.isInteger(n) || n < 0) {
    throw new Error(`window_length must be non-negative, got ${n}`);
  }
  const last = periodic ? n : n - 1;
  const values = Array.from({ length: n }, (_, i) => n === 1 ? 1 : value(i, last));
  return tensor(values, { dtype: "float32", ...options });
}

const HANN_WINDOW = signature(
  "hannWindow",
  ["windowLength", kinds.number],
  ["periodic", kinds.boolean, true],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** 1/2 - 1/2 cos(2 π i / n) */
export function hannWindow(
  ...given: Call<
    typeof HANN_WINDOW,
    { readonly periodic?: boolean } & TensorOptions,
    [windowLength: number]
  >
): Tensor {
  const { windowLength, periodic, ...options } = HANN_WINDOW.read(given);
  return hammingWindow(windowLength, periodic, 0.5, 0.5, options);
}

const HAMMING_WINDOW = signature(
  "hammingWindow",
  ["windowLength", kinds.number],
  ["periodic", kinds.boolean, true],
  ["alpha", kinds.number, 0.54],
  ["beta", kinds.number, 0.46],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** alpha - beta cos(2 π i / n) */
export function hammingWindow(
  ...given: Call<
    typeof HAMMING_WINDOW,
    & { readonly periodic?: boolean; readonly alpha?: number; readonly beta?: number }
    & TensorOptions,
    [windowLength: number]
  >
): Tensor {
  const { windowLength, periodic, alpha, beta, ...options } = HAMMING_WINDOW.read(given);
  return windowOf(
    windowLength,
    periodic,
    options,
    (i, last) => alpha - beta * Math.cos(2 * Math.PI * i / last),
  );
}

const BLACKMAN_WINDOW = signature(
  "blackmanWindow",
  ["windowLength", kinds.number],
  ["periodic", kinds.boolean, true],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** Blackman's window */
export function blackmanWindow(
  ...given: Call<
    typeof BLACKMAN_WINDOW,
    { readonly periodic?: boolean } & TensorOptions,
    [windowLength: number]
  >
): Tensor {
  const { windowLength, periodic, ...options } = BLACKMAN_WINDOW.read(given);
  return windowOf(windowLength, periodic, options, (i, last) => {
    const angle = 2 * Math.PI * i / last;
    return 0.42 - 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
  });
}

const BARTLETT_WINDOW = signature(
  "bartlettWindow",
  ["windowLength", kinds.number],
  ["periodic", kinds.boolean, true],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** A triangle */
export function bartlettWindow(
  ...given: Call<
    typeof BARTLETT_WINDOW,
    { readonly periodic?: boolean } & TensorOptions,
    [windowLength: number]
  >
): Tensor {
  const { windowLength, periodic, ...options } = BARTLETT_WINDOW.read(given);
  return windowOf(windowLength, periodic, options, (i, last) => 1 - Math.abs(2 * i / last - 1));
}

const KAISER_WINDOW = signature(
  "kaiserWindow",
  ["windowLength", kinds.number],
  ["periodic", kinds.boolean, true],
  ["beta", kinds.number, 12],
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
);

/** Kaiser's window */
export function kaiserWindow(
  ...given: Call<
    typeof KAISER_WINDOW,
    { readonly periodic?: boolean; readonly beta?: number } & TensorOptions,
    [windowLength: number]
  >
): Tensor {
  const { windowLength, periodic, beta, ...options } = KAISER_WINDOW.read(given);
  return windowOf(
    windowLength,
    periodic,
    options,
    (i, last) => bessel0(beta * Math.sqrt(1 - (2 * i / last - 1) ** 2)) / bessel0(beta),
  );
}

function bessel0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

const tensorData = kind<TensorData>(
  "a number or a list of numbers",
  (value) =>
    typeof value === "number" || typeof value === "boolean" || Array.isArray(value) ||
    ArrayBuffer.isView(value),
);
const tensorOptions = [
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
] as const;

function newLike(name: string, make: (shape: Shape, options: TensorOptions) => Tensor) {
  const own = signature(name, ["input", tensorKind], ["size", kinds.sizes], ...tensorOptions);
  return (...given: [input: Tensor, size: Shape, options?: TensorOptions]): Tensor => {
    const { input, size, dtype = input.dtype, ...rest } = own.read(given);
    return make(size, { dtype, ...rest });
  };
}

const NEW_FULL = signature(
  "newFull",
  ["input", tensorKind],
  ["size", kinds.sizes],
  ["fillValue", kinds.number],
  ...tensorOptions,
);
const NEW_TENSOR = signature(
  "newTensor",
  ["input", tensorKind],
  ["data", tensorData],
  ...tensorOptions,
);

const TYPE_AS = signature("typeAs", ["input", tensorKind], ["other", tensorKind]);

const methods = {
  /** Zeros of this dtype. */
  newZeros: newLike("newZeros", zeros),
  newOnes: newLike("newOnes", ones),
  newEmpty: newLike("newEmpty", empty),
  newFull: (
    ...given: [input: Tensor, size: Shape, fillValue: number, options?: TensorOptions]
  ): Tensor => {
    const { input, size, fillValue, dtype = input.dtype, ...rest } = NEW_FULL.read(given);
    return full(size, fillValue, { dtype, ...rest });
  },
  newTensor: (...given: [input: Tensor, data: TensorData, options?: TensorOptions]): Tensor => {
    const { input, data, dtype = input.dtype, ...rest } = NEW_TENSOR.read(given);
    return tensor(data, { dtype, ...rest });
  },
  /** To the dtype of another tensor */
  typeAs: (...given: [input: Tensor, other: Tensor]): Tensor => {
    const { input, other } = TYPE_AS.read(given);
    return input.to(other.dtype);
  },
  /** To another dtype; PyTorch's name of the tensor's type without one. */
  type: typeOf,
  /** To uint8 */
  byte: (input: Tensor): Tensor => input.to("uint8"),
  /** To int8 */
  char: (input: Tensor): Tensor => input.to("int8"),
  /** The tensor itself: all memory is the computer's own. */
  cpu: (input: Tensor): Tensor => input,
};

const TYPE_NAMES: Readonly<Record<DType, string>> = {
  float16: "HalfTensor",
  bfloat16: "BFloat16Tensor",
  float32: "FloatTensor",
  float64: "DoubleTensor",
  int8: "CharTensor",
  int32: "IntTensor",
  int64: "LongTensor",
  uint8: "ByteTensor",
  uint32: "UInt32Tensor",
  bool: "BoolTensor",
};

function typeOf(input: Tensor): string;
function typeOf(input: Tensor, dtype: DType): Tensor;
function typeOf(input: Tensor, dtype?: DType): string | Tensor {
  return dtype ? input.to(dtype) : `torch.${TYPE_NAMES[input.dtype]}`;
}

type Own = Methods<Omit<typeof methods, "type">>;
declare module "./tensor.ts" {
  interface Tensor extends Own {
    /** PyTorch's name of the tensor's type, such as "torch.FloatTensor". */
    type(): string;
    /** To another dtype. */
    type(dtype: DType): Tensor;
    /** Where the values are: always "cpu", also where another provider computes. */
    readonly device: "cpu";
    /** Which output of {@linkcode Tensor.gradFn} it is. */
    readonly outputNr: number;
  }
}
defineMethods(methods);
Object.defineProperties(Tensor.prototype, {
  device: { get: () => "cpu", configurable: true },
  outputNr: {
    get(this: Tensor) {
      return this.outputIndex;
    },
    configurable: true,
  },
});
