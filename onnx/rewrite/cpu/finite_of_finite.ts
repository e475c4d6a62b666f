/**
 * Whether an op makes finite numbers of all finite ones (but for what is too large for its type). It is told from some of them:
 * where an op is not defined, or infinite, is at 0 or on one side of 0, of 1 or of -1.
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { type HostArray, valuesOnHost } from "../../op.ts";
import { isFloating, storageFrom } from "../../dtype.ts";

const SAMPLES = [-4, -1, -0.5, 0, 0.5, 1, 4];

/** Whether the op that computes an array element by element makes finite numbers of whatever else it may meet. */
export function isFiniteOfFinite(result: LazyArray): boolean {
  const { node } = result;
  if (!node?.op.host) return false;
  const type = { dtype: result.dtype, shape: [] };
  return everyChoice(node.inputs.map(samplesOf), (inputs) => {
    const [value] = valuesOnHost(node.op, inputs, node.attributes, type);
    return Number.isFinite(Number(value));
  });
}

/** What an op may meet in an array: of a constant number that alone. */
function samplesOf(x: LazyArray): readonly HostArray[] {
  const number = (value: number) => ({
    dtype: x.dtype,
    shape: [],
    data: storageFrom([value], x.dtype),
  });
  if (x.isConstant && x.size === 1) return [number(Number(x.buffer.data[0]))];
  return (isFloating(x.dtype) ? SAMPLES : [0, 1]).map(number);
}

function everyChoice(
  lists: readonly (readonly HostArray[])[],
  holds: (choice: readonly HostArray[]) => boolean,
  chosen: readonly HostArray[] = [],
): boolean {
  if (chosen.length === lists.length) return holds(chosen);
  return lists[chosen.length].every((one) => everyChoice(lists, holds, [...chosen, one]));
}
