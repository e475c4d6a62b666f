/**
 * Methods that change a tensor in place, named with an underscore. What they write is seen in all views of
 * the same memory.
 * @module
 */
import { createStorage, fromHost, storageFrom } from "../../onnx/mod.ts";
import { write } from "../autograd/views.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { type Operand, Tensor } from "../tensor.ts";
import * as elementwise from "./elementwise.ts";
import { checkCanCast } from "./type_promotion.ts";

/** Gives the elements of a tensor new values by a function that returns a new tensor. */
export function inPlace<Rest extends unknown[]>(
  compute: (input: Tensor, ...rest: Rest) => Tensor,
): (input: Tensor, ...rest: Rest) => Tensor {
  return (input, ...rest) => {
    const result = compute(input, ...rest);
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

const add_ = inPlace((x, other: Operand, options?: elementwise.AlphaOption) =>
  elementwise.add(x, other, options)
);
const sub_ = inPlace((x, other: Operand, options?: elementwise.AlphaOption) =>
  elementwise.sub(x, other, options)
);
const mul_ = inPlace((x, other: Operand) => elementwise.mul(x, other));
const div_ = inPlace((x, other: Operand) => elementwise.div(x, other));
const pow_ = inPlace((x, exponent: Operand) => elementwise.pow(x, exponent));
const neg_ = inPlace((x) => elementwise.neg(x));
const abs_ = inPlace((x) => elementwise.abs(x));
const exp_ = inPlace((x) => elementwise.exp(x));
const sqrt_ = inPlace((x) => elementwise.sqrt(x));
const relu_ = inPlace((x) => elementwise.relu(x));
const sigmoid_ = inPlace((x) => elementwise.sigmoid(x));
const tanh_ = inPlace((x) => elementwise.tanh(x));
const clamp_ = inPlace((x, options: elementwise.ClampOptions) => elementwise.clamp(x, options));
const lerp_ = inPlace((x, end: Tensor, weight: Operand) => elementwise.lerp(x, end, weight));
const maskedFill_ = inPlace((x, mask: Tensor, value: Operand) =>
  elementwise.maskedFill(x, mask, value)
);

/** Sets every element to one value. */
function fill_(input: Tensor, value: number): Tensor {
  const filled = storageFrom(new Array<number>(input.numel()).fill(value), input.dtype);
  return write(input, new Tensor(fromHost(filled, input.shape, input.dtype)));
}

/** Sets every element to 0. */
function zero_(input: Tensor): Tensor {
  const { shape, dtype } = input;
  return write(input, new Tensor(fromHost(createStorage(dtype, input.numel()), shape, dtype)));
}

/** Takes over the numbers of another tensor, stretched to this shape and cast to this dtype. */
function copy_(input: Tensor, source: Tensor): Tensor {
  return write(input, source);
}

const methods = {
  add_,
  sub_,
  mul_,
  div_,
  pow_,
  neg_,
  abs_,
  exp_,
  sqrt_,
  relu_,
  sigmoid_,
  tanh_,
  clamp_,
  lerp_,
  maskedFill_,
  fill_,
  zero_,
  copy_,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
