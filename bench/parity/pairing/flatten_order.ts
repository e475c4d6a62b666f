/**
 * In which order a PyTorch module's input was flattened, read from the recorded graph.
 * @module
 */
import type { LazyArray } from "../../../onnx/mod.ts";
import {
  axisOrders,
  product,
  rearrange,
  type Rearrangement,
  reordered,
  sameShape,
} from "../comparing/rearrangement.ts";
import type { Dataflow } from "../recording/dataflow.ts";

/** Ops whose results are channels first, whatever they are given. */
const channelsFirstOps = /^(conv|.*pool)/i;
const movementOps = new Set(["Reshape", "Transpose"]);

/**
 * Follows the reshapes and transposes back to an array that is channels first (a model's input, the result of a convolution
 * or pooling), and does the same to the indices of its values.
 *
 * @param array what the module is given
 * @param from [...spatial, channels]: what Keras flattens
 * @returns which of Keras' axes each flattened one is; null where nothing was transposed; "unknown" where an order cannot be
 * told
 */
export function flattenOrder(
  array: LazyArray,
  from: readonly number[],
  dataflow: Dataflow,
): readonly number[] | null | "unknown" {
  const transposes: Rearrangement[] = [];
  let current = array;
  let node = dataflow.producer(current);
  while (node && !channelsFirstOps.test(node.op.name)) {
    const { shape } = current;
    const input: LazyArray | undefined = movementOps.has(node.op.name)
      ? node.inputs[0]
      : node.inputs.find((one) => sameShape(one.shape, shape));
    if (!input) break;
    if (node.op.name === "Transpose") {
      const { permutation } = node.attributes as { permutation: readonly number[] };
      transposes.unshift(reordered(input.shape, permutation));
    }
    current = input;
    node = dataflow.producer(current);
  }
  if (transposes.length === 0) return null;
  const isChannelsFirst = !node || channelsFirstOps.test(node.op.name);
  const image = [from[from.length - 1], ...from.slice(0, -1)];
  if (!isChannelsFirst || !sameShape(current.shape.slice(1), image)) return "unknown";
  const indices = Float32Array.from({ length: product(current.shape) }, (_, i) => i);
  const given = transposes.reduce<Float32Array>(rearrange, indices);
  // Those of the first sample, as Keras has them.
  const channelsLast = [...image.keys()].slice(1).concat(0);
  const own = rearrange(indices.subarray(0, product(from)), reordered(image, channelsLast));
  return axisOrders(from.length).find((order) =>
    rearrange(own, reordered(from, order)).every((index, i) => index === given[i])
  ) ?? "unknown";
}
