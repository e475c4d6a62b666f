/**
 * Copies of tensors, and the same values in another dtype. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/tensors.html
 * @module
 */
import { type Call, dtypeOrCpu, signature } from "../arguments.ts";
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

const TO = signature("to", ["input", tensorKind], ["dtype", dtypeOrCpu]);

/** The same values in another dtype; the tensor itself where it has it already. */
export function to(
  ...given: Call<typeof TO, Record<never, never>, [input: Tensor, dtype: DType | "cpu"]>
): Tensor {
  const { input, dtype } = TO.read(given);
  if (dtype === "cpu" || dtype === input.dtype) return input;
  if (isFloating(dtype)) return apply("ToCopy", [input], ([x]) => ops.cast(x, dtype));
  return new Tensor(ops.cast(input.array, dtype));
}

const FLOAT = signature("float", ["input", tensorKind]);

/** To float32 */
export function float(...given: Call<typeof FLOAT, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = FLOAT.read(given);
  return to(input, "float32");
}
const DOUBLE = signature("double", ["input", tensorKind]);

/** To float64 */
export function double(
  ...given: Call<typeof DOUBLE, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = DOUBLE.read(given);
  return to(input, "float64");
}
const HALF = signature("half", ["input", tensorKind]);

/** To float16 */
export function half(...given: Call<typeof HALF, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = HALF.read(given);
  return to(input, "float16");
}
const LONG = signature("long", ["input", tensorKind]);

/** To int64 */
export function long(...given: Call<typeof LONG, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = LONG.read(given);
  return to(input, "int64");
}
const INT = signature("int", ["input", tensorKind]);

/** To int32 */
export function int(...given: Call<typeof INT, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = INT.read(given);
  return to(input, "int32");
}
const BOOL = signature("bool", ["input", tensorKind]);

/** To booleans: whether an element is not zero */
export function bool(...given: Call<typeof BOOL, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = BOOL.read(given);
  return to(input, "bool");
}

const methods = { contiguous, clone, to, float, double, half, long, int, bool };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
