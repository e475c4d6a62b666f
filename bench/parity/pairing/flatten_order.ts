/**
 * In which order a PyTorch module's input was flattened, read from the recorded graph.
 * @module
 */
import type { GraphNode, LazyArray } from "../../../onnx/mod.ts";
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
/** Ops that look up values at indices, or sort them. */
const lookUps = /^(Gather|Scatter|TopK)/;

/**
 * Follows the reshapes and transposes back to an array that is channels first (a model's input, the result of a convolution
 * or pooling), and does the same to the indices of its values.
 *
 * @param array what the module is given
 * @param from [...spatial, channels]: what Keras flattens
 * @returns which of Keras' axes each flattened one is; null where nothing was transposed; "unknown" where an order cannot be
 * told, or values are put in one that no order of axes gives (flipped, rolled, indexed by lists)
 */
export function flattenOrder(
  array: LazyArray,
  from: readonly number[],
  dataflow: Dataflow,
): readonly number[] | null | "unknown" {
  const transposes: Rearrangement[] = [];
  /** What the transposes begin with: before it, parts may have been taken out. */
  let whole = array;
  let isPart = false;
  let current = array;
  let node = dataflow.producer(current);
  while (node && !channelsFirstOps.test(node.op.name)) {
    if (putsInOrder(node, dataflow)) return "unknown";
    const input = followed(node, current);
    if (!input) break;
    if (node.op.name === "Transpose") {
      if (isPart) return "unknown";
      const { permutation } = node.attributes as { permutation: readonly number[] };
      transposes.unshift(reordered(input.shape, permutation));
    }
    isPart ||= input.size !== current.size;
    if (!isPart) whole = input;
    current = input;
    node = dataflow.producer(current);
  }
  if (transposes.length === 0) return null;
  const isChannelsFirst = !node || channelsFirstOps.test(node.op.name);
  const image = [from[from.length - 1], ...from.slice(0, -1)];
  if (!isChannelsFirst || !sameShape(whole.shape.slice(1), image)) return "unknown";
  const indices = Float32Array.from({ length: product(whole.shape) }, (_, i) => i);
  const given = transposes.reduce<Float32Array>(rearrange, indices);
  // Those of the first sample, as Keras has them.
  const channelsLast = [...image.keys()].slice(1).concat(0);
  const own = rearrange(indices.subarray(0, product(from)), reordered(image, channelsLast));
  return axisOrders(from.length).find((order) =>
    rearrange(own, reordered(from, order)).every((index, i) => index === given[i])
  ) ?? "unknown";
}

/** The input that a node's result stands for. */
function followed({ op, inputs }: GraphNode, { shape }: LazyArray): LazyArray | undefined {
  return op.movesMemory || op.name === "Transpose" || op.traits?.includes("each axis")
    ? inputs[0]
    : inputs.find((one) => sameShape(one.shape, shape));
}

/** Whether a node puts values in another order than its input has them, beside transposes. */
function putsInOrder(node: GraphNode, dataflow: Dataflow): boolean {
  // Copies of one value are in any order.
  if (node.op.name === "Transpose" || node.op.name === "Expand") return false;
  if (node.op.name !== "Concat") return !isAscending(movedIndices(node));
  // Parts of one array, put together again.
  const parts = node.inputs.flatMap((input) => firstIndex(input, dataflow) ?? []);
  return [...Map.groupBy(parts, ({ source }) => source).values()].some((ofOne) =>
    ofOne.some(({ index }, i) => i > 0 && index < ofOne[i - 1].index)
  );
}

/** Which values of its first input a node moves where; undefined for what moves none, null where that cannot be told. */
function movedIndices(
  { op, inputs, attributes, outputs }: GraphNode,
): Float32Array | null | undefined {
  if (!op.movesMemory && !lookUps.test(op.name)) return undefined;
  const [moved, ...others] = inputs;
  if (!op.host || !others.every((one) => one.isOnHost)) return null;
  const data = Float32Array.from({ length: moved.size }, (_, i) => i);
  const given = others.map(({ dtype, shape, buffer }) => ({ dtype, shape, data: buffer.data }));
  const first = { dtype: "float32", shape: moved.shape, data } as const;
  const output = { dtype: "float32", shape: outputs[0].shape } as const;
  return op.host([first, ...given], attributes, output) as Float32Array;
}

function isAscending(indices: Float32Array | null | undefined): boolean {
  if (indices === null) return false;
  return indices === undefined || indices.every((index, i) => i === 0 || index >= indices[i - 1]);
}

/** Which value of the array that a part was taken from is the part's first. */
function firstIndex(
  part: LazyArray,
  dataflow: Dataflow,
): { readonly source: LazyArray; readonly index: number } | null {
  let [source, index] = [part, 0];
  const node = () => dataflow.producer(source);
  for (let one = node(); one?.op.movesMemory; one = node()) {
    const moved = movedIndices(one);
    if (!moved) return null;
    [source, index] = [one.inputs[0], moved[index]];
  }
  return { source, index };
}
