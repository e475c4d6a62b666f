/**
 * Ops that read and write single elements or rows at places known only when the graph runs.
 * @module
 */
import { createStorage } from "../dtype.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, failShape, type Op } from "../op.ts";
import { normalizeAxis, showShape, sizeOf, stridesOf } from "../shape.ts";
import { mul } from "./elementwise.ts";
import { gather } from "./movement.ts";

interface AxisAttribute {
  readonly [name: string]: number;
  readonly axis: number;
}

function checkPlaces(op: string, x: ArrayType, places: ArrayType, axis: number): void {
  if (places.dtype !== "int64" && places.dtype !== "int32") {
    failShape(op, `places are ${places.dtype}, expected int64 or int32`);
  }
  const fits = places.shape.length === x.shape.length &&
    places.shape.every((dimension, i) => i === axis || dimension <= x.shape[i]);
  if (!fits) {
    failShape(
      op,
      `places ${showShape(places.shape)} do not lie within ${
        showShape(x.shape)
      } apart from axis ${axis}`,
    );
  }
}

const GATHER_ELEMENTS: Op<AxisAttribute> = {
  name: "GatherElements",
  infer: ([x, places], { axis }) => {
    checkPlaces("gatherElements", x, places, axis);
    return [{ dtype: x.dtype, shape: places.shape }];
  },
  lower: (writer, inputs, { axis }) => [
    writer.node("GatherElements", inputs, { attributes: { axis } }),
  ],
  host: ([x, places], { axis }, output) => {
    const out = createStorage(output.dtype, sizeOf(output.shape));
    const own = stridesOf(x.shape);
    const given = stridesOf(places.shape);
    for (let i = 0; i < out.length; i++) {
      const wanted = Number(places.data[i]);
      const place = wanted < 0 ? wanted + x.shape[axis] : wanted;
      if (!(place >= 0 && place < x.shape[axis])) {
        failShape(
          "gatherElements",
          `index ${wanted} is out of range for axis ${axis} of ${showShape(x.shape)}`,
        );
      }
      out[i] = x.data[
        own.reduce((sum, stride, k) => {
          const along = k === axis ? place : Math.floor(i / given[k]) % places.shape[k];
          return sum + along * stride;
        }, 0)
      ];
    }
    return out;
  },
  gradient: ({ inputs: [x, places], attributes: { axis }, upstream: [dy] }) => [
    scatterElementsAdd(x, places, dy!, axis),
    null,
  ],
};

/** result[i, j] = x[i, places[i, j]], for axis 1; the same for any axis and rank. ONNX operator GatherElements. */
export function gatherElements(x: LazyArray, places: LazyArray, axis: number): LazyArray {
  return applyOp(GATHER_ELEMENTS, [x, places], {
    axis: normalizeAxis("gatherElements", axis, x.shape.length),
  })[0];
}

const SCATTER_ELEMENTS_ADD: Op<AxisAttribute> = {
  name: "ScatterElementsAdd",
  infer: ([x, places], { axis }) => {
    checkPlaces("scatterElementsAdd", x, places, axis);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  lower: (writer, [, places, updates], { axis }, { inputs: [x] }) => {
    const zero = writer.constant([0], x.dtype, [1]);
    const zeros = writer.node("Expand", [zero, writer.int64s(x.shape)]);
    return [
      writer.node("ScatterElements", [zeros, places, updates], {
        attributes: { axis, reduction: "add" },
      }),
    ];
  },
  gradient: ({ inputs: [, places], attributes: { axis }, upstream: [dy] }) => [
    null,
    null,
    gatherElements(dy!, places, axis),
  ],
};

/** Zeros of x's type and shape with `updates` added where {@linkcode gatherElements} would have read. */
export function scatterElementsAdd(
  x: LazyArray,
  places: LazyArray,
  updates: LazyArray,
  axis: number,
): LazyArray {
  return applyOp(SCATTER_ELEMENTS_ADD, [x, places, updates], {
    axis: normalizeAxis("scatterElementsAdd", axis, x.shape.length),
  })[0];
}

const SCATTER_ROWS: Op = {
  name: "ScatterRows",
  infer: ([x, places, updates]) => {
    const expected = [...places.shape, ...x.shape.slice(1)];
    if (showShape(updates.shape) !== showShape(expected) || updates.dtype !== x.dtype) {
      failShape(
        "scatterRows",
        `updates ${updates.dtype}${showShape(updates.shape)} do not fit, expected ${x.dtype}${
          showShape(expected)
        }`,
      );
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  lower: (writer, [x, places, updates], _, { inputs: [, type] }) => {
    const long = writer.node("Cast", [places], { attributes: { to: 7 } });
    const column = writer.node("Unsqueeze", [long, writer.int64s([type.shape.length])]);
    return [writer.node("ScatterND", [x, column, updates])];
  },
  gradient: ({ inputs: [x, places, updates], upstream: [dy] }) => [
    scatterRows(dy!, places, mul(updates, constant(0, x.dtype))),
    null,
    gather(dy!, places, 0),
  ],
};

/** x with the rows at `places` replaced; the gradient of a row named twice goes to each of its updates. */
export function scatterRows(x: LazyArray, places: LazyArray, updates: LazyArray): LazyArray {
  return applyOp(SCATTER_ROWS, [x, places, updates])[0];
}
