/**
 * Matrix products with weights.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { type LazyArray, ops, showShape, sizeOf } from "../../../onnx/mod.ts";
import { autocastDType } from "../../amp/autocast_state.ts";
import { apply } from "../../autograd/apply.ts";

const LINEAR = signature("linear", ["input", tensorKind], ["weight", tensorKind], [
  "bias",
  kinds.nullable(tensorKind),
  null,
]);

/**
 * input weightᵀ + bias over the last axis, weight [out, in].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 *
 * @throws {Error} if the input's last dimension is not the weight's.
 */
export function linear(
  ...given: Call<typeof LINEAR, { readonly bias?: Tensor | null }, [input: Tensor, weight: Tensor]>
): Tensor {
  const { input, weight, bias } = LINEAR.read(given);
  if (input.dtype !== weight.dtype && !autocastDType("Linear")) {
    throw new Error(
      `linear: mat1 and mat2 must have the same dtype, but got ${input.dtype} and ${weight.dtype}: ` +
        `input.to("${weight.dtype}")`,
    );
  }
  const inner = input.shape[input.ndim - 1];
  if (inner !== weight.shape[1]) {
    throw new Error(
      `linear: mat1 and mat2 shapes cannot be multiplied (${showShape(input.shape)} and ` +
        `${showShape([weight.shape[1], weight.shape[0]])})`,
    );
  }
  const inputs = bias ? [input, weight, bias] : [input, weight];
  return apply("Linear", inputs, ([x, w, b]) => project(x, w, b));
}

/** x wᵀ + b over the last axis, as one product of matrices: so its gradient is one too. */
export function project(x: LazyArray, w: LazyArray, b?: LazyArray): LazyArray {
  const rows = ops.reshape(x, [sizeOf(x.shape.slice(0, -1)), w.shape[1]]);
  const product = ops.matmul(rows, w, false, true);
  const result = b ? ops.add(product, b) : product;
  return ops.reshape(result, [...x.shape.slice(0, -1), w.shape[0]]);
}
