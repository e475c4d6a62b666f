/** Functions of keras.ops and keras.activations: Keras' values at once, the same shapes on symbolic tensors. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import golden from "../golden/keras_ops.json" with { type: "json" };

const { ops } = keras;

type Argument =
  & Partial<Record<"x" | "a", unknown>>
  & { readonly xs?: readonly unknown[]; readonly dtype?: string };
interface Case {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly results: readonly { readonly shape: number[]; readonly values: (number | string)[] }[];
}
type Run = (...args: unknown[]) => unknown;

/** JSON has no NaN and no infinite numbers: they stand there as strings. */
function unquoted(value: unknown): unknown {
  return Array.isArray(value)
    ? value.map(unquoted)
    : typeof value === "string"
    ? Number(value)
    : value;
}

function tensor(value: unknown, dtype = "float32"): tf.Tensor {
  return tf.tensor(unquoted(value) as tf.TensorLike, undefined, dtype as tf.DataType);
}

function valueOf({ x, xs, a, dtype }: Argument): unknown {
  if (xs) return xs.map((each) => tensor(each));
  return x === undefined ? a : tensor(x, dtype);
}

function find(name: string): Run {
  const path = name.replace("activations.", "").split(".");
  const start = name.startsWith("activations.") ? keras.activations : ops;
  // deno-lint-ignore no-explicit-any
  return path.reduce((object: any, key) => object[key.replace("_", "")], start) as Run;
}

function listed(result: unknown): { shape: readonly (number | null)[] }[] {
  if (result instanceof tf.Tensor || result instanceof keras.KerasTensor) return [result];
  return Object.values(result as object);
}

for (const { name, args, options, results } of golden.cases as unknown as Case[]) {
  const run = find(name);
  const shown = args.map(({ a }) => a === undefined ? "x" : JSON.stringify(a)).join(", ");
  const label = `${name}(${shown}) ${Object.keys(options).length ? JSON.stringify(options) : ""}`;
  Deno.test(`${label}: Keras' values, and shapes on symbolic tensors`, async () => {
    const given = args.map(valueOf);
    const more = Object.keys(options).length > 0 ? [options] : [];
    const found = listed(run(...given, ...more)) as tf.Tensor[];
    assertEquals(found.map(({ shape }) => shape), results.map(({ shape }) => shape));
    for (const [i, { values: expectedValues }] of results.entries()) {
      const values = await found[i].data();
      expectedValues.forEach((value, k) => {
        const expected = Number(value);
        if (!Number.isFinite(expected)) return assertEquals(values[k], expected);
        // TensorFlow looks bicubic weights up in a table.
        const rounding = options.interpolation === "bicubic" ? 5e-4 : 3e-5;
        const tolerance = rounding * Math.max(1, Math.abs(expected));
        assertAlmostEquals(values[k], expected, tolerance, `${i}[${k}]`);
      });
    }
    if (!args.some(({ x, xs }) => x !== undefined || xs)) return;
    const spec = (x: tf.Tensor) => new keras.KerasTensor(x.shape, x.dtype);
    const symbolic = given.map((value) =>
      value instanceof tf.Tensor
        ? spec(value)
        : Array.isArray(value) && value[0] instanceof tf.Tensor
        ? value.map(spec)
        : value
    );
    assertEquals(
      listed(run(...symbolic, ...more)).map(({ shape }) => [...shape]),
      results.map(({ shape }) => shape),
    );
  });
}

Deno.test("operations become parts of a model and compute there what they compute at once", async () => {
  const x = keras.Input({ shape: [3] });
  const y = ops.sum(ops.multiply(ops.square(x), 2), { axis: -1, keepdims: true });
  const model = new keras.Model({ inputs: x, outputs: ops.concatenate([y, x], { axis: -1 }) });
  const [prediction] = [await model.predict(tf.tensor2d([[1, 2, 3]]), { verbose: 0 })].flat();
  assertEquals([...await (prediction as tf.Tensor).data()], [28, 1, 2, 3]);
});

Deno.test("a gradient at 0, and through what decides, is Keras'", async () => {
  const x = tf.variable(tf.tensor1d([0, -2, 3]));
  using tape = new keras.GradientTape({ persistent: true });
  const size = ops.sum(ops.abs(x));
  const stopped = ops.sum(ops.multiply(x, ops.stopGradient(x)));
  const byColumn = keras.activations.sparsemax([[1, 0], [0.5, 3]], { axis: 0 });
  assertEquals([...await byColumn.data()], [0.75, 0, 0.25, 1]);
  const sparse = ops.sum(ops.multiply(keras.activations.sparsemax(x), [1, 2, 3]));
  assertEquals([...await tape.gradient(size, x)!.data()], [0, -1, 1]);
  assertEquals([...await tape.gradient(stopped, x)!.data()], [0, -2, 3]);
  assertEquals([...await tape.gradient(sparse, x)!.data()], [0, 0, 0]);
});

Deno.test("unknown options and axes are refused by name", () => {
  const refused: [run: () => unknown, message: string][] = [
    [() => ops.sum([1], { axes: 0 } as never), 'sum: unknown option "axes", expected "axis"'],
    [() => ops.sum([1], { axis: 1 }), "sum: axis is 1, expected one from -1 to 0"],
    [
      () => ops.sum([1], { keepDims: true } as never),
      'unknown option "keepDims", expected "keepdims"',
    ],
    [
      () => keras.activations.leakyRelu([1], { alpha: 1 } as never),
      'leakyRelu: unknown option "alpha"',
    ],
    [() => ops.split([1, 2, 3], 2), "split: axis 0 has size 3, expected a multiple of 2"],
    [() => ops.det(tf.eye(5)), "det: the matrix has size 5, expected 4 at most"],
    [() => ops.inv(tf.zeros([2, 3])), "inv: the shape is [2,3], expected square matrices"],
    [() => ops.norm([1], { ord: "fro" }), 'norm: ord is "fro", expected a number for vectors'],
    [() => ops.norm([[1]], { ord: 2 }), 'norm: ord is 2, expected "fro", 1, -1, Infinity'],
    [() => ops.norm(tf.zeros([2, 3, 4])), "norm: axis is null for values of shape [2,3,4]"],
  ];
  for (const [run, message] of refused) assertThrows(run, Error, message);
  const none = 'unknown option "axis", expected no options';
  for (const name of ["sqrt", "floor", "isnan", "square", "add", "logaddexp"] as const) {
    const run = ops[name] as (...args: unknown[]) => unknown;
    const args = name === "add" || name === "logaddexp" ? [[1], [1]] : [[1]];
    assertThrows(() => run(...args, { axis: 0 }), TypeError, `${name}: ${none}`);
  }
  assertThrows(() => ops.quantile([1, 2], [0.5] as never), Error, "quantile: q is [0.5]");
});

Deno.test("one class, one segment, one step: sizes of 1 are sizes, too", async () => {
  assertEquals(await ops.oneHot([0, 1], 1).array(), [[1], [0]]);
  assertEquals(await ops.oneHot([0, 2], 3, 0).array(), [[1, 0], [0, 0], [0, 1]]);
  assertEquals(await ops.bincount([0, 0], { minlength: 1 }).array(), [2]);
  assertEquals(await ops.segmentSum([1, 2], [0, 0], { numSegments: 1 }).array(), [3]);
  assertEquals(await keras.utils.toCategorical([0, 0], 1).array(), [[1], [1]]);
});

Deno.test("norms of matrices by rows are those by columns of the transposed matrix", async () => {
  const x = tf.tensor2d([[1, -2, 3], [-4, 5, 6]]);
  for (const [byRows, byColumns] of [[Infinity, 1], [-Infinity, -1]]) {
    const [found] = await ops.norm(x, { ord: byRows }).data();
    assertEquals(found, byRows > 0 ? 15 : 6);
    assertEquals(
      await ops.norm(tf.transpose(x), { ord: byColumns }).data(),
      new Float32Array([found]),
    );
  }
});
