/**
 * Initial values of parameters. Follows https://docs.pytorch.org/docs/stable/nn.init.html
 * @module
 */
import { fromHost } from "../../onnx/mod.ts";
import { defaultGenerator } from "../random.ts";
import type { Tensor } from "../tensor.ts";

/** Fills with uniform numbers from [low, high). */
export function uniform_(tensor: Tensor, low = 0, high = 1): Tensor {
  tensor.array = fromHost(defaultGenerator().uniform(tensor.numel(), low, high), tensor.shape);
  return tensor;
}

/** Fills with normal numbers. */
export function normal_(tensor: Tensor, mean = 0, std = 1): Tensor {
  tensor.array = fromHost(defaultGenerator().normal(tensor.numel(), mean, std), tensor.shape);
  return tensor;
}

/** Fills with one value. */
export function constant_(tensor: Tensor, value: number): Tensor {
  tensor.array = fromHost(new Float32Array(tensor.numel()).fill(value), tensor.shape);
  return tensor;
}

/** How many inputs (second axis and window) and outputs (first axis and window) an element connects. */
export function fanInAndFanOut(tensor: Tensor): [fanIn: number, fanOut: number] {
  if (tensor.ndim < 2) {
    throw new Error(
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
  }
  const window = tensor.shape.slice(2).reduce((a, b) => a * b, 1);
  return [tensor.shape[1] * window, tensor.shape[0] * window];
}

/** Uniform with bound gain * sqrt(3 / fanIn), gain for a leaky relu of slope `a` (He et al. 2015). */
export function kaimingUniform_(tensor: Tensor, a = 0): Tensor {
  const bound = Math.sqrt(2 / (1 + a * a)) * Math.sqrt(3 / fanInAndFanOut(tensor)[0]);
  return uniform_(tensor, -bound, bound);
}

/** Uniform with bound gain * sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierUniform_(tensor: Tensor, gain = 1): Tensor {
  const [fanIn, fanOut] = fanInAndFanOut(tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(tensor, -bound, bound);
}
