/**
 * The gradient of one element chosen of all by its value: a median, an extreme.
 * @module
 */
import { defineFunction } from "../autograd/function.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./elementwise.ts";

/** A chosen element, whose gradient all elements equal to it share; NaN counts as equal to NaN, as in PyTorch. */
export function sharedByEqual(
  name: string,
  input: Tensor,
  choose: (input: Tensor) => Tensor,
): Tensor {
  return defineFunction({
    name: name[0].toUpperCase() + name.slice(1),
    forward(context, x) {
      const chosen = choose(x);
      context.saveForBackward(x, chosen);
      return chosen;
    },
    backward(context, gradient) {
      const [x, chosen] = context.savedTensors.map((tensor) => tensor.detach());
      const isChosen = x.eq(chosen).logicalOr(x.isnan().logicalAnd(chosen.isnan()));
      return where(isChosen, gradient.div(isChosen.sum().to(gradient.dtype)), 0);
    },
  })(input);
}
