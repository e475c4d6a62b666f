/** Lists of tensors as arguments. @module */
import { gatherLeading } from "../gather_leading.ts";
import { Tensor } from "../tensor.ts";

/** Tensors of a list, or one by one as PyTorch takes them too: `f([a, b], options)` or `f(a, b, options)`. */
export type TensorsCall<Options> =
  | [tensors: readonly Tensor[], options?: Options]
  | [...tensors: Tensor[], options: Options]
  | Tensor[];

/** `f(a, b, options)` as `f([a, b], options)`. */
export function gatheredTensors(given: readonly unknown[]): readonly unknown[] {
  return gatherLeading(given, (value) => value instanceof Tensor);
}
