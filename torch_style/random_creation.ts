/**
 * Functions that make tensors of random numbers. Values come from the generator that is given, else from the one that
 * `manualSeed` starts; they are not PyTorch's.
 * @module
 */
import { fromHost, type Shape, sizeOf, storageFrom } from "../onnx/mod.ts";
import { type Call, kinds, signature } from "./arguments.ts";
import { gathered, type ShapeCall, TENSOR_OPTIONS } from "./creation.ts";
import { type DrawOptions, generatorParameter, streamOf } from "./random_source.ts";
import { Tensor, tensorKind, type TensorOptions } from "./tensor.ts";

/** Options of a random tensor. */
export interface RandomTensorOptions extends TensorOptions, DrawOptions {}

const OPTIONS = [...TENSOR_OPTIONS, generatorParameter] as const;

function make(
  values: ArrayLike<number>,
  shape: Shape,
  { dtype = "float32", requiresGrad = false }: TensorOptions,
): Tensor {
  return new Tensor(fromHost(storageFrom(values, dtype), shape, dtype)).requiresGrad_(requiresGrad);
}

type Draw = (shape: Shape, options: RandomTensorOptions) => Tensor;

const uniform: Draw = (shape, options) =>
  make(streamOf(options).uniform(sizeOf(shape)), shape, options);
const normal: Draw = (shape, options) =>
  make(streamOf(options).normal(sizeOf(shape)), shape, options);

/** A function of a shape. */
function ofShape(name: string, draw: Draw): (...given: ShapeCall<RandomTensorOptions>) => Tensor {
  const own = signature(name, ["size", kinds.sizes], ...OPTIONS);
  return (...given) => {
    const { size, ...options } = own.read(gathered(given));
    return draw(size, options);
  };
}

/** A function of another tensor's shape and dtype. */
function like(name: string, draw: Draw): (input: Tensor, options?: RandomTensorOptions) => Tensor {
  const own = signature(name, ["input", tensorKind], ...OPTIONS);
  return (...given) => {
    const { input, dtype = input.dtype, ...options } = own.read(given);
    return draw(input.shape, { dtype, ...options });
  };
}

/** Uniform numbers in [0, 1). Follows `torch.rand`. */
export const rand: (...given: ShapeCall<RandomTensorOptions>) => Tensor = ofShape("rand", uniform);
/** Normal numbers, mean 0 and deviation 1. Follows `torch.randn`. */
export const randn: (...given: ShapeCall<RandomTensorOptions>) => Tensor = ofShape("randn", normal);
/** Uniform numbers in [0, 1) in another tensor's shape. Follows `torch.rand_like`. */
export const randLike: (input: Tensor, options?: RandomTensorOptions) => Tensor = like(
  "randLike",
  uniform,
);
/** Normal numbers in another tensor's shape. Follows `torch.randn_like`. */
export const randnLike: (input: Tensor, options?: RandomTensorOptions) => Tensor = like(
  "randnLike",
  normal,
);

const RANDINT = signature(
  "randint",
  ["low", kinds.integer],
  ["high", kinds.integer],
  ["size", kinds.integers],
  ...OPTIONS,
);

/** Integers from `low` up to, not including, `high`, each as likely. Follows `torch.randint`. */
export function randint(
  ...given: Call<typeof RANDINT, RandomTensorOptions, [low: number, high: number, size: Shape]>
): Tensor {
  const { low, high, size, ...options } = RANDINT.read(given);
  if (!(high > low)) {
    throw new Error(
      `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
    );
  }
  const values = Array.from(
    streamOf(options).uniform(sizeOf(size)),
    (u) => low + Math.floor(u * (high - low)),
  );
  return make(values, size, integers(options));
}

const RANDPERM = signature("randperm", ["n", kinds.integer], ...OPTIONS);

/** The values 0 to n - 1 in random order. Follows `torch.randperm`. */
export function randperm(
  ...given: Call<typeof RANDPERM, RandomTensorOptions, [n: number]>
): Tensor {
  const { n, ...options } = RANDPERM.read(given);
  return make(streamOf(options).permutation(n), [n], integers(options));
}

function integers({ dtype = "int64", requiresGrad }: TensorOptions): TensorOptions {
  return { dtype, requiresGrad };
}
