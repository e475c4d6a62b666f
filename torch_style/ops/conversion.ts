/**
 * Copies of tensors, and the same values in another dtype. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/tensors.html
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type DeviceLike, dtypeIn, dtypeOrDevice } from "../device.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { type DType, isFloating, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";

const CONTIGUOUS = signature("contiguous", ["input", tensorKind]);

/** Memory is always dense here: the tensor itself. */
export function contiguous(
  ...given: Call<typeof CONTIGUOUS, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = CONTIGUOUS.read(given);
  return input;
}

const CLONE = signature("clone", ["input", tensorKind]);

/** A copy with memory of its own; gradients flow through it. */
export function clone(...given: Call<typeof CLONE, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = CLONE.read(given);
  return apply("Clone", [input], ([x]) => ops.copy(x));
}

const TO = signature("to", ["input", tensorKind], [
  "dtype",
  kinds.either(dtypeOrDevice, tensorKind),
]);

/** The same values in another dtype, or in another tensor's; the tensor itself where it has it, and for a device. */
export function to(
  ...given: Call<
    typeof TO,
    Record<never, never>,
    [input: Tensor, dtype: DType | DeviceLike | Tensor]
  >
): Tensor {
  const { input, dtype: target } = TO.read(given);
  const dtype = target instanceof Tensor ? target.dtype : dtypeIn(target);
  if (!dtype || dtype === input.dtype) return input;
  if (isFloating(dtype)) return apply("ToCopy", [input], ([x]) => ops.cast(x, dtype));
  return new Tensor(ops.cast(input.array, dtype));
}

/** A method that gives the same values in one dtype. */
function conversion(name: string, dtype: DType): (...given: [input: Tensor]) => Tensor {
  const own = signature(name, ["input", tensorKind]);
  return (...given) => to(own.read(given).input, dtype);
}

/** Methods only: under `torch` these names are dtypes. */
const conversions = {
  float: conversion("float", "float32"),
  double: conversion("double", "float64"),
  half: conversion("half", "float16"),
  bfloat16: conversion("bfloat16", "bfloat16"),
  long: conversion("long", "int64"),
  int: conversion("int", "int32"),
  bool: conversion("bool", "bool"),
};

const methods = { contiguous, clone, to, ...conversions };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
