/**
 * Methods that change a tensor in place, named with an underscore. What they write is seen in all views of
 * the same memory.
 * @module
 */
import { createStorage, fromHost, storageFrom } from "../../onnx/mod.ts";
import { signature } from "../arguments.ts";
import { snapshot } from "../autograd/apply.ts";
import { write } from "../autograd/views.ts";
import { noteZeros } from "../evaluation.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import * as elementwise from "./elementwise.ts";
import { checkCanCast } from "./type_promotion.ts";

/** Gives the elements of a tensor new values by a function that returns a new tensor. */
export function inPlace<Given extends readonly unknown[]>(
  compute: (...given: Given) => Tensor,
): (...given: Given) => Tensor {
  return (...given) => {
    const [input, ...rest] = given as unknown as [Tensor, ...unknown[]];
    // The gradient may read what the input was.
    const result = compute(...[snapshot(input), ...rest] as unknown as Given);
    if (String(result.shape) !== String(input.shape)) {
      throw new Error(
        `output with shape [${input.shape.join(", ")}] doesn't match the broadcast shape [${
          result.shape.join(", ")
        }]`,
      );
    }
    checkCanCast(result.dtype, input.dtype);
    return write(input, result);
  };
}

const FILL = signature("fill_", ["input", tensorKind], ["value", operandKind]);
const ONLY = signature("in place", ["input", tensorKind]);
const COPY = signature("copy_", ["input", tensorKind], ["src", tensorKind]);

/** Sets every element to one value. */
function fill_(...given: [input: Tensor, value: Operand]): Tensor {
  const { input, value } = FILL.read(given);
  if (value instanceof Tensor) return write(input, value);
  const filled = storageFrom(new Array<number>(input.numel()).fill(Number(value)), input.dtype);
  return write(input, new Tensor(fromHost(filled, input.shape, input.dtype)));
}

/** Sets every element to 0. */
function zero_(...given: [input: Tensor]): Tensor {
  const { input } = ONLY.named("zero_").read(given);
  const { shape, dtype } = input;
  const zeros = fromHost(createStorage(dtype, input.numel()), shape, dtype);
  // Gradients that are set to zero need no sum.
  noteZeros(zeros);
  return write(input, new Tensor(zeros));
}

/** Takes over the values of another tensor, stretched to this shape and cast to this dtype. */
function copy_(...given: [input: Tensor, src: Tensor]): Tensor {
  const { input, src } = COPY.read(given);
  return write(input, src);
}

const { add, sub, mul, div, pow, neg, abs, exp, sqrt, relu, sigmoid, tanh, clamp } = elementwise;

const methods = {
  /** this = this + alpha other */
  add_: inPlace(add),
  /** this = this - alpha other */
  sub_: inPlace(sub),
  /** this = this * other */
  mul_: inPlace(mul),
  /** this = this / other */
  div_: inPlace(div),
  pow_: inPlace(pow),
  neg_: inPlace(neg),
  abs_: inPlace(abs),
  exp_: inPlace(exp),
  sqrt_: inPlace(sqrt),
  relu_: inPlace(relu),
  sigmoid_: inPlace(sigmoid),
  tanh_: inPlace(tanh),
  clamp_: inPlace(clamp),
  lerp_: inPlace(elementwise.lerp),
  maskedFill_: inPlace(elementwise.maskedFill),
  fill_,
  zero_,
  copy_,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
