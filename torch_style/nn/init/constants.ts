/**
 * First values that are the same every time.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { sizeOf } from "../../../onnx/mod.ts";
import { fill } from "./fill.ts";

const CONSTANT_IN_PLACE = signature("constant_", ["tensor", tensorKind], ["val", kinds.number]);

/** Fills with one value. */
export function constant_(
  ...given: Call<typeof CONSTANT_IN_PLACE, Record<never, never>, [tensor: Tensor, val: number]>
): Tensor {
  const { tensor, val } = CONSTANT_IN_PLACE.read(given);
  return fill(tensor, new Float64Array(tensor.numel()).fill(val));
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
    (position, dimension) => position * dimension + Math.floor(dimension / 2),
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
