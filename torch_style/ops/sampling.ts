/**
 * Random numbers by distributions. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#random-sampling
 *
 * Values come from the generator that is given, else from the one that `manualSeed` starts; they are not PyTorch's.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import {
  broadcastShapes,
  type DType,
  fromHost,
  isFloating,
  type LazyArray,
  ops,
  type Shape,
  showShape,
  sizeOf,
  storageFrom,
} from "../../onnx/mod.ts";
import { write } from "../autograd/views.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { randomUniform } from "../random.ts";
import { type DrawOptions, generatorParameter, streamOf } from "../random_source.ts";
import { add, mul } from "./elementwise.ts";
import { computeOnHost } from "./host_function.ts";

/** Uniform numbers inside the graph, from a generator of one's own or the common one. */
function uniformArray(shape: Shape, generator: DrawOptions["generator"]): LazyArray {
  return generator ? ops.uniform(generator.stream.nextKeyArray(), shape) : randomUniform(shape);
}

const BERNOULLI = signature("bernoulli", ["input", tensorKind], "*", generatorParameter);

/** 1 with the probability that each element is, else 0. */
export function bernoulli(
  ...given: Call<typeof BERNOULLI, DrawOptions, [input: Tensor]>
): Tensor {
  const { input, generator } = BERNOULLI.read(given);
  if (!isFloating(input.dtype)) {
    throw new Error(
      `bernoulli: expected probabilities of a floating point dtype, got ${input.dtype}`,
    );
  }
  const below = ops.less(uniformArray(input.shape, generator), ops.cast(input.array, "float32"));
  return new Tensor(ops.cast(below, input.dtype));
}

const MULTINOMIAL = signature(
  "multinomial",
  ["input", tensorKind],
  ["numSamples", kinds.number],
  ["replacement", kinds.boolean, false],
  "*",
  generatorParameter,
);

/**
 * Indices drawn by weights, int64: `numSamples` of each row of the weights.
 *
 * @param replacement whether an index can come twice
 * @throws {Error} if there are not as many indices
 */
export function multinomial(
  ...given: Call<
    typeof MULTINOMIAL,
    { readonly replacement?: boolean } & DrawOptions,
    [input: Tensor, numSamples: number]
  >
): Tensor {
  const { input, numSamples, replacement, ...from } = MULTINOMIAL.read(given);
  if (input.ndim !== 1 && input.ndim !== 2) {
    throw new Error(`prob_dist must be 1 or 2 dim, got shape ${showShape(input.shape)}`);
  }
  if (!Number.isInteger(numSamples) || numSamples < 1) {
    throw new Error(`cannot sample n_sample <= 0 samples, got ${numSamples}`);
  }
  const count = input.shape.at(-1)!;
  if (!replacement && numSamples > count) {
    throw new Error(
      `cannot sample n_sample > prob_dist.size(-1) samples without replacement: ${numSamples} of ${count}`,
    );
  }
  const rows = input.numel() / count;
  const drawn = streamOf(from).uniform(replacement ? rows * numSamples : rows * count);
  const shape = [...input.shape.slice(0, -1), numSamples];
  return computeOnHost([input.detach()], [{ dtype: "int64", shape }], (weights) => {
    const chosen: number[] = [];
    for (let row = 0; row < rows; row++) {
      const own = weights.subarray(row * count, (row + 1) * count);
      checkWeights(own, replacement ? 1 : numSamples);
      if (replacement) {
        chosen.push(...drawEach(own, drawn.subarray(row * numSamples, (row + 1) * numSamples)));
      } else {
        chosen.push(...race(own, drawn.subarray(row * count, (row + 1) * count), numSamples));
      }
    }
    return [chosen];
  })[0];
}

function checkWeights(weights: Float64Array, needed: number): void {
  if (weights.some((w) => !(w >= 0 && w < Infinity))) {
    throw new Error("probability tensor contains either `inf`, `nan` or element < 0");
  }
  if (weights.filter((w) => w > 0).length >= needed) return;
  throw new Error(
    "invalid multinomial distribution (with replacement=False, not enough non-negative category to sample)",
  );
}

function drawEach(weights: Float64Array, uniform: Float32Array): number[] {
  let sum = 0;
  const ends = weights.map((w) => sum += w);
  const last = weights.findLastIndex((w) => w > 0);
  return Array.from(uniform, (u) => {
    const at = ends.findIndex((end) => u * sum < end);
    return at < 0 ? last : at;
  });
}

/** Each index waits for an exponential time with its weight as rate; the first ones to arrive are chosen. */
function race(weights: Float64Array, uniform: Float32Array, count: number): number[] {
  const times = weights.map((w, i) => w > 0 ? -Math.log(1 - uniform[i]) / w : Infinity);
  return Array.from(weights.keys()).sort((a, b) => times[a] - times[b]).slice(0, count);
}

const NORMAL = signature(
  "normal",
  ["mean", kinds.either(kinds.number, tensorKind)],
  ["std", kinds.either(kinds.number, tensorKind), 1],
  ["size", kinds.integers, undefined],
  "*",
  ["dtype", kinds.dtype, undefined],
  generatorParameter,
);

/**
 * Normal numbers, of the mean's element type where that is a tensor, else of the deviation's.
 *
 * @param mean of all, or of each
 * @param std of all, or of each
 * @param size needed where both are numbers; tensors are broadcast
 * @param dtype given with a size; float32 unless given
 * @throws {Error} if a size is missing there, or given beside a tensor; for integers
 */
export function normal(
  ...given: Call<
    typeof NORMAL,
    & { readonly std?: number | Tensor; readonly size?: Shape; readonly dtype?: DType }
    & DrawOptions,
    [mean: number | Tensor]
  >
): Tensor {
  const { mean, std, size, dtype, ...from } = NORMAL.read(given);
  const shapes = [mean, std].flatMap((x) => x instanceof Tensor ? [x.shape] : []);
  if (typeof std === "number" && !(std >= 0)) {
    throw new Error(`normal expects std >= 0.0, but found std ${std}`);
  }
  if (Boolean(size) === shapes.length > 0) {
    throw new Error("normal: expected a size where mean and std are numbers, and only there");
  }
  if (dtype && !size) throw new Error(`normal: dtype is ${dtype}, expected none beside a tensor`);
  const shape = size ?? shapes.reduce((a, b) => broadcastShapes("normal", a, b));
  // PyTorch's element type: that of the mean, else of the deviation.
  const like = [mean, std].find((x) => x instanceof Tensor);
  const type = dtype ?? like?.dtype ?? "float32";
  if (!isFloating(type)) {
    throw new Error(`normal: dtype is ${type}, expected a floating point one`);
  }
  const unit = new Tensor(fromHost(streamOf(from).normal(sizeOf(shape)), shape));
  return add(mul(unit, std), mean).to(type);
}

const POISSON = signature("poisson", ["input", tensorKind], "*", generatorParameter);

/** Values of the Poisson distributions with each element as rate. */
export function poisson(
  ...given: Call<typeof POISSON, DrawOptions, [input: Tensor]>
): Tensor {
  const { input, ...from } = POISSON.read(given);
  const [low, high] = streamOf(from).nextKey();
  let seed = (low ^ high) >>> 0;
  const uniform = () => {
    // mulberry32: how many values an element takes is known only while drawing.
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return computeOnHost([input.detach()], [input], (rates) => [rates.map((rate) => {
    if (!(rate >= 0)) throw new Error(`poisson: rate is ${rate}, expected at least 0`);
    // The number of exponential waiting times that fit into `rate`, in runs that do not underflow.
    let count = 0;
    for (let left = rate; left > 0; left -= 500) {
      const limit = Math.exp(-Math.min(left, 500));
      for (let product = uniform(); product > limit; product *= uniform()) count++;
    }
    return count;
  })])[0];
}

function filled(input: Tensor, values: ArrayLike<number>): Tensor {
  return write(
    input,
    new Tensor(fromHost(storageFrom(values, input.dtype), input.shape, input.dtype)),
  );
}

/** Makes a method that fills a tensor with values made of uniform ones in [0, 1). */
function fillWith<Rest extends (number | undefined)[]>(
  name: string,
  parameters: readonly string[],
  make: (...rest: Rest) => (u: number) => number,
) {
  const values = parameters.map((parameter) => [parameter, kinds.number, undefined] as const);
  const own = signature(name, ["input", tensorKind], ...values, "*", generatorParameter);
  return (...given: [input: Tensor, ...rest: Rest, options?: DrawOptions]): Tensor => {
    const { input, generator, ...rest } = own.read(given) as
      & { input: Tensor }
      & DrawOptions
      & Record<string, number>;
    const value = make(...parameters.map((parameter) => rest[parameter]) as Rest);
    return filled(input, Float64Array.from(streamOf({ generator }).uniform(input.numel()), value));
  };
}

const uniform_ = fillWith<[from?: number, to?: number]>(
  "uniform_",
  ["from", "to"],
  (from = 0, to = 1) => {
    if (!(from <= to)) {
      throw new Error(
        `uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`,
      );
    }
    return (u) => from + (to - from) * u;
  },
);
const exponential_ = fillWith<[lambd?: number]>("exponential_", ["lambd"], (lambd = 1) => {
  if (!(lambd > 0)) throw new Error(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
  return (u) => -Math.log(1 - u) / lambd;
});
const geometric_ = fillWith<[p?: number]>("geometric_", ["p"], (p = NaN) => {
  if (!(p > 0 && p < 1)) throw new Error(`geometric_ expects p to be in (0, 1), but got p=${p}`);
  return (u) => Math.ceil(Math.log(1 - u) / Math.log(1 - p)) || 1;
});
const cauchy_ = fillWith<[median?: number, sigma?: number]>(
  "cauchy_",
  ["median", "sigma"],
  (median = 0, sigma = 1) => {
    if (!(sigma > 0)) throw new Error(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`);
    return (u) => median + sigma * Math.tan(Math.PI * (u - 0.5));
  },
);

const NORMAL_IN_PLACE = signature(
  "normal_",
  ["input", tensorKind],
  ["mean", kinds.number, 0],
  ["std", kinds.number, 1],
  "*",
  generatorParameter,
);

function normal_(
  ...given: Call<
    typeof NORMAL_IN_PLACE,
    { readonly mean?: number; readonly std?: number } & DrawOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, mean, std, ...from } = NORMAL_IN_PLACE.read(given);
  if (!(std >= 0)) throw new Error(`normal expects std >= 0.0, but found std ${std}`);
  return filled(input, streamOf(from).normal(input.numel(), mean, std));
}

const LOG_NORMAL = signature(
  "logNormal_",
  ["input", tensorKind],
  ["mean", kinds.number, 1],
  ["std", kinds.number, 2],
  "*",
  generatorParameter,
);

function logNormal_(
  ...given: Call<
    typeof LOG_NORMAL,
    { readonly mean?: number; readonly std?: number } & DrawOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, mean, std, ...from } = LOG_NORMAL.read(given);
  if (!(std > 0)) throw new Error(`log_normal_ expects std > 0.0, but found std=${std}`);
  return filled(input, streamOf(from).normal(input.numel(), mean, std).map(Math.exp));
}

const BERNOULLI_IN_PLACE = signature(
  "bernoulli_",
  ["input", tensorKind],
  ["p", kinds.either(kinds.number, tensorKind), 0.5],
  "*",
  generatorParameter,
);

/** 1 with probability p, of all or of each element, else 0. */
function bernoulli_(
  ...given: Call<
    typeof BERNOULLI_IN_PLACE,
    { readonly p?: number | Tensor } & DrawOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, p, generator } = BERNOULLI_IN_PLACE.read(given);
  if (typeof p === "number" && !(p >= 0 && p <= 1)) {
    throw new Error(`bernoulli_ expects p to be in [0, 1], but got p=${p}`);
  }
  const bound = typeof p === "number"
    ? fromHost(Float32Array.of(p), [])
    : ops.cast(p.array, "float32");
  return write(
    input,
    new Tensor(ops.cast(ops.less(uniformArray(input.shape, generator), bound), input.dtype)),
  );
}

const RANDOM_IN_PLACE = signature(
  "random_",
  ["input", tensorKind],
  ["from", kinds.integer, undefined],
  ["to", kinds.integer, undefined],
  "*",
  generatorParameter,
);

/** Integers from `from` up to, not including, `to`; one number alone is `to`. */
function random_(
  ...given: Call<
    typeof RANDOM_IN_PLACE,
    { readonly from?: number; readonly to?: number } & DrawOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, from, to, generator } = RANDOM_IN_PLACE.read(given);
  const largest = isFloating(input.dtype)
    ? 2 ** 24
    : { bool: 2, uint8: 256, int8: 128 }[input.dtype as "bool"] ?? 2 ** 31;
  const [low, high] = to === undefined ? [0, from ?? largest] : [from ?? 0, to];
  if (!(high > low)) {
    throw new Error(
      `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
    );
  }
  const drawn = streamOf({ generator }).uniform(input.numel());
  return filled(input, Float64Array.from(drawn, (u) => low + Math.floor(u * (high - low))));
}

const methods = { bernoulli, multinomial };
const fillers = {
  uniform_,
  exponential_,
  geometric_,
  cauchy_,
  normal_,
  logNormal_,
  bernoulli_,
  random_,
};
type Own = Methods<typeof methods>;
type Fillers = Methods<typeof fillers>;
declare module "../tensor.ts" {
  interface Tensor extends Own, Fillers {}
}
defineMethods({ ...methods, ...fillers });
