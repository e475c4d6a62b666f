/**
 * Elements repeated along rows and columns, as an average pooling's gradient and nearest-neighbour upsampling have them. ONNX
 * Runtime's Expand writes runs of one element, and takes 7 nanoseconds for each; its Resize takes half a nanosecond:
 *
 *   [n, a, 1, b, 1] stretched to [n, a, k, b, l]   ->   [n, a, b] resized to [n, k a, l b]
 * @module
 */
import { REPEATED } from "./costs.ts";
import { noFlops } from "../../flops.ts";
import { applyOp, type Op } from "../../op.ts";
import { EXPAND, reshape } from "../../ops/broadcast.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import { array, node, type Rule, rule } from "../pattern.ts";

interface RepeatAttributes {
  readonly [name: string]: number;
  /** How often each row is written, and each element of it. */
  readonly rows: number;
  readonly columns: number;
}

/** [n, c, h, w] as [n, c, h * rows, w * columns]. */
export const REPEAT_ELEMENTS: Op<RepeatAttributes> = {
  name: "RepeatElements",
  infer: ([{ dtype, shape: [n, c, h, w] }], { rows, columns }) => [
    { dtype, shape: [n, c, h * rows, w * columns] },
  ],
  flops: noFlops,
  lower: (writer, [x], { rows, columns }) => [
    writer.node("Resize", [x, "", writer.constant([1, 1, rows, columns], "float32", [4])], {
      attributes: {
        mode: "nearest",
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      },
    }),
  ],
};

/** Arrays stretched so that elements of rows lie repeated. */
export const repeatedElements: Rule = rule(
  node(EXPAND, [array("x", ({ dtype }) => dtype === "float32")]),
  ({ root: { attributes: { shape } }, x }) => {
    const found = repeatsOf(x.shape, shape);
    if (!found || sizeOf(shape) < REPEATED.fewestElements) return undefined;
    const { images, sizes, ...attributes } = found;
    const [repeated] = applyOp(REPEAT_ELEMENTS, [reshape(x, [...images, ...sizes])], attributes);
    return [reshape(repeated, shape)];
  },
);

/** How a shape's elements come to lie in another one; undefined if not repeated along the last axis and the third last alone. */
function repeatsOf(from: Shape, to: Shape) {
  const rank = to.length;
  if (rank < 2 || from.length !== rank || from[rank - 1] !== 1) return undefined;
  const columns = to[rank - 1];
  const stretched = to.flatMap((size, axis) => size !== from[axis] ? [axis] : []);
  const hasRows = rank > 3 && stretched.length === 2 && stretched[0] === rank - 3;
  const suits = stretched.at(-1) === rank - 1 && (stretched.length === 1 || hasRows);
  if (!suits || columns > REPEATED.mostColumns) return undefined;
  const outer = to.slice(0, hasRows ? rank - 4 : rank - 2);
  const [first = 1, ...others] = outer;
  const [height, rows] = hasRows ? to.slice(rank - 4, rank - 2) : [1, 1];
  const width = to[rank - 2];
  if (Math.max(height * rows, width * columns) > REPEATED.mostCounted) return undefined;
  return { images: [first, sizeOf(others)], sizes: [height, width], rows, columns };
}
