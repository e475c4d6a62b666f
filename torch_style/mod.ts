/**
 * The PyTorch idiom: mutable tensors, `nn.Module` classes, channels first, autograd.
 *
 * - Tensors: `tensor`, `storage` (views), `creation`, `random_creation`, `windows_and_ranges`, `dtypes`, `printing`; their functions,
 *   which `methods` makes methods, in `ops/`, `linalg/`; gradients in `autograd/`, `grad_mode`.
 * - `evaluation`: when values are computed. `device`: on which provider.
 * - `arguments`: how functions read what they are called with, by position or by name.
 * - Random numbers: `random` (the usual stream), `generator`, `random_source`.
 * - Networks: `nn/`, `optim/`, `amp/`, `data/`, `transforms/`, `distributed/`, `distributions/`, `saving/`, `onnx/`, `tensorboard/`.
 * @module
 */
export * as amp from "./amp/mod.ts";
export * as autograd from "./autograd/mod.ts";
export {
  arange,
  empty,
  emptyLike,
  eye,
  fromArray,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type ShapeCall,
  tensor,
  type TensorData,
  zeros,
  zerosLike,
} from "./creation.ts";
export * from "./random_creation.ts";
export type { DrawOptions, RandomSource } from "./random_source.ts";
export * as data from "./data/mod.ts";
export { cuda, type Device, device, type DeviceLike } from "./device.ts";
export * from "./dtypes.ts";
export * as distributed from "./distributed/mod.ts";
export * as distributions from "./distributions/mod.ts";
export * as multiprocessing from "./distributed/spawn.ts";
export {
  ImageDataset,
  type ImageDatasetOptions,
  type LabeledImages,
} from "./data/image_dataset.ts";
export { Generator, getRngState, initialSeed, seed, setRngState } from "./generator.ts";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "./grad_mode.ts";
export * as linalg from "./linalg/mod.ts";
export * from "./linalg/methods.ts";
export * as nn from "./nn/mod.ts";
export { deepcopy } from "./nn/deepcopy.ts";
export * as onnx from "./onnx/mod.ts";
export * as optim from "./optim/mod.ts";
export { limitThreads as setNumThreads, threadLimit as getNumThreads } from "../onnx/mod.ts";
export { manualSeed } from "./random.ts";
export * from "./saving/mod.ts";
export * from "./ops/mod.ts";
export { type BackwardOptions } from "./autograd/backward.ts";
export { type Nested, type Operand, Tensor, type TensorOptions } from "./tensor.ts";
export * from "./windows_and_ranges.ts";
export * as utils from "./tools.ts";
export * as transforms from "./transforms/mod.ts";
