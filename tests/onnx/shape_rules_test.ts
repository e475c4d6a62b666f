/** Errors at recording: each names the op, what was given and what was expected. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  constant,
  fromHost,
  ops,
  parseProvider,
  placeholder,
  type Shape,
  ShapeError,
} from "../../onnx/mod.ts";

const x = (...shape: Shape) => placeholder("x", "float32", shape);
const integers = (...shape: Shape) => placeholder("x", "int32", shape);

const faults: [title: string, run: () => unknown, message: string][] = [
  [
    "broadcast",
    () => ops.add(x(2, 3), x(4)),
    "Add: shapes [2, 3] and [4] cannot be broadcast: axis 1 has 3 against 4",
  ],
  ["dtypes", () => ops.mul(x(2), integers(2)), "Mul: dtypes float32 and int32 differ"],
  [
    "integers",
    () => ops.exp(integers(2)),
    "Exp: dtype int32 is not supported, expected a floating point type",
  ],
  ["reshape", () => ops.reshape(x(2, 3), [4]), "reshape: [2, 3] has 6 elements, [4] would need 4"],
  [
    "reshape -1",
    () => ops.reshape(x(2, 3), [4, -1]),
    "reshape: [2, 3] cannot be laid out as [4, -1]",
  ],
  [
    "transpose",
    () => ops.transpose(x(2, 3), [0, 0]),
    "transpose: [0,0] is no order of the 2 axes of [2, 3]",
  ],
  [
    "axis",
    () => ops.sum(x(2, 3), { axes: 2 }),
    "sum: axis 2 is out of range for rank 2, expected -2 to 1",
  ],
  ["axis twice", () => ops.mean(x(2, 3), { axes: [0, -2] }), "name an axis twice"],
  ["slice", () => ops.slice(x(4), [2], [5]), "slice: [2] to [5] by [1] lies outside [4]"],
  [
    "concat",
    () => ops.concat([x(2, 3), x(2, 4)], 0),
    "concat: float32[2, 4] does not fit float32[2, 3]",
  ],
  ["concat nothing", () => ops.concat([]), "concat: no arrays were given"],
  ["expand", () => ops.expand(x(2), [3]), "expand: shapes [2] and [3] cannot be broadcast"],
  ["gather", () => ops.gather(x(2), x(1)), "gather: indices are float32, expected int32 or int64"],
  [
    "gather outside",
    () => ops.gather(constant([1, 2]), constant([2], "int32")),
    "gather: index 2 is out of range for axis 0 of [2]",
  ],
  ["where", () => ops.where(x(2), x(2), x(2)), "where: condition is float32, expected bool"],
  ["matmul", () => ops.matmul(x(2, 3), x(4, 5)), "matmul"],
  [
    "matmul scalar",
    () => ops.matmul(x(), x(2)),
    "matmul: [] and [2]: expected at least one axis each",
  ],
  [
    "conv rank",
    () => ops.conv(x(3, 8, 8), x(4, 3, 3, 3)),
    "expected as many axes each, at least 3",
  ],
  [
    "conv channels",
    () => ops.conv(x(1, 2, 8, 8), x(4, 3, 3, 3)),
    "has 2 channels, filter float32[4, 3, 3, 3] with 1 groups expects 3",
  ],
  [
    "conv size",
    () => ops.conv(x(1, 3, 2, 2), x(4, 3, 3, 3)),
    "is larger than the padded input [1, 3, 2, 2]",
  ],
  [
    "convInputGradient",
    () => ops.convInputGradient(x(1, 4, 8, 8), x(4, 3, 3, 3), [1, 3, 4, 4]),
    "convInputGradient: gradient [1, 4, 8, 8] and filter [4, 3, 3, 3] cover more than the input [1, 3, 4, 4]",
  ],
  [
    "convInputGradient of a line",
    () => ops.convInputGradient(x(1, 4, 8), x(4, 3, 3), [1, 3, 4]),
    "convInputGradient: gradient [1, 4, 8] and filter [4, 3, 3] cover more than the input [1, 3, 4]",
  ],
  [
    "conv bias",
    () => ops.conv(x(1, 3, 4, 4), x(4, 3, 3, 3), {}, x(3)),
    "conv: bias float32[3] does not fit filter float32[4, 3, 3, 3], expected float32[4]",
  ],
  [
    "pool",
    () => ops.maxPool(x(1, 1, 2, 2), { kernel: [3, 3] }),
    "maxPool: window [3,3] is larger",
  ],
  ["softmax", () => ops.softmax(integers(2)), "softmax: dtype int32 is not supported"],
  [
    "scatterRows",
    () => ops.scatterRows(x(4, 2), constant([1], "int64"), x(2, 2)),
    "scatterRows: updates float32[2, 2] do not fit, expected float32[1, 2]",
  ],
  ["tile", () => ops.tile(x(2, 3), [2]), "tile: repeats [2] do not fit [2, 3]"],
  [
    "gatherNd",
    () => ops.gatherNd(x(2, 3), constant([0, 0, 0], "int32", [1, 3])),
    "gatherNd: indices int32[1, 3] do not fit [2, 3], expected int32 or int64 and at most 2",
  ],
  [
    "scatterNd",
    () => ops.scatterNd(x(2, 3), constant([0], "int32", [1, 1]), x(3)),
    "scatterNd: updates float32[3] do not fit, expected float32[1, 3]",
  ],
  [
    "einsum",
    () => ops.einsum([x(2, 3), x(4, 5)], "ij,jk->ik"),
    'einsum: "ij,jk->ik" does not fit float32[2, 3], float32[4, 5]',
  ],
  ["fourier", () => ops.fourier(x(2, 3)), "fourier: input [2, 3], expected [n, length, 2]"],
  [
    "fromHost length",
    () => fromHost(new Float32Array(3), [2, 2]),
    "fromHost: 3 values do not fill shape [2, 2], expected 4",
  ],
  [
    "fromHost storage",
    () => fromHost(new Float32Array(2), [2], "int32"),
    "fromHost: dtype int32 is stored in Int32Array, got Float32Array",
  ],
];

for (const [title, run, message] of faults) {
  Deno.test(`wrong arguments are named: ${title}`, () => {
    assertThrows(run, ShapeError, message);
  });
}

Deno.test("an unknown provider is named with those there are", () => {
  assertThrows(
    () => parseProvider("tpu"),
    TypeError,
    'device "tpu" is unknown, expected one of cpu, cuda, webgpu, tensorrt',
  );
  assertEquals(parseProvider("cuda"), "cuda");
});
