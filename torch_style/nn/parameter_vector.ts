/**
 * All parameters as one vector. Follows https://docs.pytorch.org/docs/stable/nn.html#utilities
 * @module
 */
import { sizeOf } from "../../onnx/mod.ts";
import { kinds, signature } from "../arguments.ts";
import { noGrad } from "../grad_mode.ts";
import { cat } from "../ops/joining.ts";
import { type Tensor, tensorKind } from "../tensor.ts";

const tensors = kinds.iterable<Tensor>("tensors, as a list");
const TO_VECTOR = signature("parametersToVector", ["parameters", tensors]);
const TO_PARAMETERS = signature("vectorToParameters", ["vec", tensorKind], [
  "parameters",
  tensors,
]);

/** All elements of all parameters, one after the other. Gradients flow. */
export function parametersToVector(...given: [parameters: Iterable<Tensor>]): Tensor {
  const { parameters } = TO_VECTOR.read(given);
  return cat([...parameters].map((parameter) => parameter.reshape(-1)));
}

/** Writes the parts of a vector into parameters. @throws {Error} if there are not as many elements */
export function vectorToParameters(
  ...given: [vec: Tensor, parameters: Iterable<Tensor>]
): void {
  const { vec, parameters } = TO_PARAMETERS.read(given);
  const all = [...parameters];
  const needed = all.reduce((n, parameter) => n + parameter.numel(), 0);
  if (vec.ndim !== 1 || vec.numel() !== needed) {
    throw new Error(
      `vectorToParameters: got ${vec.numel()} elements in ${vec.ndim} dimensions for parameters of ${needed}`,
    );
  }
  noGrad(() => {
    let at = 0;
    for (const parameter of all) {
      const size = sizeOf(parameter.shape);
      parameter.copy_(vec.detach().narrow(0, at, size).reshape(parameter.shape));
      at += size;
    }
  });
}
