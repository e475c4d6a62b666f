/** What an op declares against what ONNX Runtime does: types, shapes, and the values of the host rules. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  collectGraph,
  constant,
  type DType,
  fromHost,
  isFloating,
  isShortFloat,
  type LazyArray,
  lowestOf,
  ops,
  placeholder,
  Runtime,
  storageFrom,
} from "../../onnx/mod.ts";
import { writerFor } from "../../onnx/runtime/program.ts";
import { valuesOf } from "./op_case.ts";
import { opCases } from "./op_cases.ts";
import { throughSession } from "./through_session.ts";

function close(
  actual: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  dtype: DType,
  what: string,
) {
  assertEquals(actual.length, expected.length, `${what}: length`);
  const tolerance = isShortFloat(dtype) ? 2e-3 : dtype === "float32" ? 2e-5 : 1e-9;
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [Number(actual[i]), Number(expected[i])];
    if (!isFloating(dtype)) assertEquals(a, b, `${what}: element ${i}`);
    else assertAlmostEquals(a, b, tolerance * Math.max(1, Math.abs(b)), `${what}: element ${i}`);
  }
}

for (const [name, cases] of Object.entries(opCases)) {
  Deno.test(`${name}: declared type and shape, and the host's values, are ONNX Runtime's`, async () => {
    for (const [i, item] of cases.entries()) {
      const inputs = item.inputs.map((argument, k) => {
        const dtype = argument.kind === "boolean" ? "bool" : item.float32 ? "float32" : "float64";
        return fromHost(storageFrom(valuesOf(argument, k), dtype), argument.shape, dtype);
      });
      const [{ declared, result }] = await throughSession(inputs, (all) => [item.call(all)]);
      const title = `${name} #${i}`;
      assertEquals(result.type, declared.dtype, `${title}: type`);
      assertEquals(result.dims, [...declared.shape], `${title}: shape`);
      const onHost = item.call(inputs);
      if (onHost.isOnHost) {
        close(onHost.buffer.data, result.data, onHost.dtype, title);
      }
    }
  });
}

type Unary = (x: LazyArray) => LazyArray;
type Binary = (a: LazyArray, b: LazyArray) => LazyArray;

const wholeUnary: Record<string, Unary> = {
  neg: ops.neg,
  abs: ops.abs,
  sign: ops.sign,
  sum: (x) => ops.sum(x, { axes: 0 }),
  max: (x) => ops.max(x, { axes: 0 }),
  prod: (x) => ops.prod(x, { axes: 0 }),
  argMax: (x) => ops.argMax(x, 0),
  transpose: (x) => ops.transpose(x),
  concat: (x) => ops.concat([x, x], 1),
  toFloat: (x) => ops.cast(x, "float32"),
  toBool: (x) => ops.cast(x, "bool"),
};
const wholeBinary: Record<string, Binary> = {
  add: ops.add,
  sub: ops.sub,
  mul: ops.mul,
  div: ops.div,
  maximum: ops.maximum,
  minimum: ops.minimum,
  equal: ops.equal,
  less: ops.less,
  greaterEqual: ops.greaterEqual,
};

for (const dtype of ["int32", "int64"] as const) {
  Deno.test(`${dtype} on the host is ${dtype} in ONNX Runtime`, async () => {
    const a = fromHost(storageFrom([-7, 7, 3, -1, 0, 5], dtype), [2, 3], dtype);
    const b = fromHost(storageFrom([2, -2, 3], dtype), [3], dtype);
    for (const [name, call] of Object.entries(wholeUnary)) {
      const [{ result }] = await throughSession([a], ([x]) => [call(x)]);
      const own = call(a);
      assert(own.isOnHost, `${name} has a host rule`);
      close(own.buffer.data, result.data, own.dtype, name);
    }
    for (const [name, call] of Object.entries(wholeBinary)) {
      const [{ result }] = await throughSession([a, b], ([x, y]) => [call(x, y)]);
      const own = call(a, b);
      assert(own.isOnHost, `${name} has a host rule`);
      close(own.buffer.data, result.data, own.dtype, name);
    }
  });
}

Deno.test("integers that no number holds are exact on the host, as in ONNX Runtime", async () => {
  const big = [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n + 3n, 5n];
  const pairs = [
    [BigInt64Array.from(big), BigInt64Array.from([2n ** 53n, 3n, 2n ** 62n + 2n, 5n])],
    [Int32Array.of(123456789, -2147483648, 65537), Int32Array.of(987654321, 3, 65539)],
  ].map((pair) => pair.map((data) => fromHost(data, [data.length])));
  const { add, sub, mul, equal, less, greaterEqual, maximum, minimum, div, remainder, fmod } = ops;
  const { floorDivide, neg, abs, relu, copy } = ops;
  const one: Record<string, Unary> = {
    ...{ neg, abs, relu, copy },
    clamp: (x) => ops.clamp(x, 0, null),
    cumSum: (x) => ops.cumSum(x, 0),
    max: (x) => ops.max(x),
    min: (x) => ops.min(x),
    toInt8: (x) => ops.cast(x, "int8"),
  };
  for (const [a, b] of pairs) {
    const calls = {
      ...{ add, sub, mul, equal, less, greaterEqual, maximum, minimum },
      ...{ div, remainder, fmod, floorDivide },
      ...Object.fromEntries(Object.entries(one).map(([name, f]) => [name, (x: LazyArray) => f(x)])),
    };
    for (const [name, call] of Object.entries(calls)) {
      const [{ result }] = await throughSession([a, b], ([x, y]) => [call(x, y)]);
      assertEquals([...call(a, b).buffer.data], [...result.data as Int32Array], name);
    }
  }
});

Deno.test("sums, products and powers of long integers are exact in ONNX Runtime", async () => {
  const limits = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 3n, 5n, -1n];
  const x = fromHost(BigInt64Array.from([...limits, ...limits.map((v) => v / 3n + 1n)]), [2, 2, 3]);
  const exponents = [0n, 1n, 2n, 3n, 27n, 39n, 62n, 63n, 64n, 101n, -1n, -2n];
  const b = fromHost(BigInt64Array.from(exponents), [2, 2, 3]);
  const factors = [7n, 3n, -3n, 2n, 5n, 3n, 2n, -1n, 1n, -1n, 1n, 9n];
  const bases = fromHost(BigInt64Array.from(factors), [2, 2, 3]);
  const none = fromHost(new BigInt64Array(0), [2, 0, 3]);
  const calls: Record<string, (all: readonly LazyArray[]) => LazyArray> = {
    "pow of exponents": ([, b, bases]) => ops.pow(bases, b),
    "pow of one exponent": ([x]) => ops.pow(x, constant(3, "int64")),
  };
  for (const axes of [0, 1, 2, [0, 2], [0, 1, 2]]) {
    for (const keepDims of [false, true]) {
      for (const [name, fold] of Object.entries({ sum: ops.sum, prod: ops.prod })) {
        const title = `${name} over ${axes}${keepDims ? ", which stay" : ""}`;
        calls[title] = ([x]) => fold(x, { axes, keepDims });
        calls[`${title}, of none`] = ([, , , none]) => fold(none, { axes, keepDims });
      }
    }
  }
  const written = async (inputs: LazyArray[], call: (all: readonly LazyArray[]) => LazyArray) => {
    const same = (roots: readonly LazyArray[]) => roots;
    const [{ result }] = await throughSession(inputs, (x) => [call(x)], same, writerFor("cpu"));
    return [...result.data as BigInt64Array];
  };
  const inputs = [x, b, bases, none];
  for (const [name, call] of Object.entries(calls)) {
    const expected = call(inputs).buffer.data as BigInt64Array;
    assertEquals(await written(inputs, call), [...expected], name);
  }
  const large = BigInt64Array.from({ length: 3000 }, (_, i) => 2n ** 53n + 1n + 2n * BigInt(i));
  // More than a double holds sums of halves of.
  const small = new BigInt64Array(2 ** 21 + 2 ** 18 + 1).fill(-1n);
  const all: [BigInt64Array, typeof ops.sum, (a: bigint, b: bigint) => bigint][] = [
    [large, ops.sum, (a, b) => a + b],
    [large, ops.prod, (a, b) => BigInt.asIntN(64, a * b)],
    [small, ops.sum, (a, b) => a + b],
  ];
  for (const [data, fold, join] of all) {
    const many = fromHost(data, [data.length]);
    assertEquals(await written([many], ([x]) => fold(x)), [BigInt.asIntN(64, data.reduce(join))]);
  }
});

Deno.test("sums, products and powers of long integers are exact on the host", () => {
  const x = fromHost(BigInt64Array.of(2n ** 53n + 1n, 3n, -7n), [3]);
  assertEquals([...ops.sum(x).buffer.data], [2n ** 53n - 3n]);
  assertEquals([...ops.prod(x).buffer.data], [BigInt.asIntN(64, (2n ** 53n + 1n) * -21n)]);
  const powers = ops.pow(x, fromHost(BigInt64Array.of(-1n, 39n, 1n), [3]));
  assertEquals([...powers.buffer.data], [0n, 3n ** 39n, -7n]);
});

const quotients = { div: ops.div, remainder: ops.remainder, fmod: ops.fmod };

Deno.test("integers divided by 0 are an error, and the smallest one by -1 ends no process", async () => {
  for (const dtype of ["int32", "int64", "int8", "uint8"] as const) {
    const array = (...values: number[]) => fromHost(storageFrom(values, dtype), [2], dtype);
    const least = lowestOf(dtype);
    for (const [name, call] of Object.entries({ ...quotients, floorDivide: ops.floorDivide })) {
      const [a, b] = [array(7, 5), array(1, 0)];
      assertThrows(
        () => call(a, b),
        RangeError,
        "ZeroDivisionError: 5 is divided by the integer 0",
      );
      const error = await throughSession([a, b], ([x, y]) => [call(x, y)]).catch(String);
      assert(/by zero/.test(String(error)), `${name} of ${dtype}: ${error}`);
      const edge = [array(least, 5), array(-1, -1)];
      const [{ result }] = await throughSession(edge, ([x, y]) => [call(x, y)]);
      assertEquals(
        [...result.data].map(Number),
        [...call(edge[0], edge[1]).buffer.data].map(Number),
      );
    }
  }
});

Deno.test("atan2 tells the signs of zero apart, on the host and in ONNX Runtime", async () => {
  const y = [0, -0, 0, -0, 1, -1, 0, -0, 0, -0];
  const x = [0, 0, -0, -0, -0, -0, -1, -1, 1, 1];
  for (const dtype of ["float32", "float64"] as const) {
    const inputs = [y, x].map((list) => fromHost(storageFrom(list, dtype), [y.length], dtype));
    const [{ result }] = await throughSession(inputs, ([a, b]) => [ops.atan2(a, b)]);
    for (const data of [result.data, ops.atan2(inputs[0], inputs[1]).buffer.data]) {
      y.forEach((height, i) => {
        const expected = Math.atan2(height, x[i]);
        const found = Number(data[i]);
        assertAlmostEquals(found, expected, 1e-6, `atan2(${height}, ${x[i]})`);
        assertEquals(Object.is(found, -0), Object.is(expected, -0), `atan2(${height}, ${x[i]})`);
      });
    }
  }
});

Deno.test("no axes fold nothing, on the host and in ONNX Runtime", async () => {
  const x = fromHost(Float32Array.of(1, -2, 3, 4), [2, 2]);
  const folds = {
    variance: (a: LazyArray) => ops.variance(a, { axes: [] }),
    logSumExp: (a: LazyArray) => ops.logSumExp(a, { axes: [] }),
    mean: (a: LazyArray) => ops.add(a, ops.mean(a, { axes: [] })),
  };
  for (const [name, fold] of Object.entries(folds)) {
    const [{ result }] = await throughSession([x], ([a]) => [fold(a)]);
    assertEquals(result.dims, [2, 2], name);
    close(fold(x).buffer.data, result.data, "float32", name);
  }
});

Deno.test("a copy keeps the sign of zero, on the host and in ONNX Runtime", async () => {
  for (const count of [2, 2000]) {
    const x = ops.copy(fromHost(new Float32Array(count).fill(-0), [count]));
    await new Runtime().evaluate([x]);
    assert(x.hostData().every((value) => Object.is(value, -0)), `${count} elements`);
  }
});

Deno.test("functions that leave 0 as it is keep its sign, on the host and in ONNX Runtime", async () => {
  const calls: Record<string, Unary> = {
    ...{ relu: ops.relu, log1p: ops.log1p, expm1: ops.expm1, erf: ops.erf, tanh: ops.tanh },
    ...{ asin: ops.asin, asinh: ops.asinh, atan: ops.atan, atanh: ops.atanh, sinh: ops.sinh },
    leakyRelu: (x) => ops.leakyRelu(x, 0.1),
    copySign: (x) => ops.copySign(ops.abs(x), x),
  };
  for (const dtype of ["float32", "float64"] as const) {
    const x = fromHost(storageFrom([-0, 0], dtype), [2], dtype);
    for (const [name, call] of Object.entries(calls)) {
      const writer = writerFor("cpu");
      const [{ result }] = await throughSession([x], ([a]) => [call(a)], undefined, writer);
      for (const [place, { data }] of Object.entries({ host: call(x).buffer, session: result })) {
        const signs = [...data].map((value) => Object.is(Number(value), -0));
        assertEquals(signs, [true, false], `${name} of ${dtype}: ${place}`);
      }
    }
  }
});

Deno.test("casts between all element types agree", async () => {
  const types: DType[] = [
    ...["float32", "float64", "float16", "bfloat16"] as const,
    ...["int32", "int64", "uint8", "bool"] as const,
  ];
  for (const from of types) {
    const x = fromHost(storageFrom([0, 1, 2.5, 3.75], from), [4], from);
    for (const to of types.filter((type) => type !== from)) {
      const [{ result }] = await throughSession([x], ([a]) => [ops.cast(a, to)]);
      close(ops.cast(x, to).buffer.data, result.data, to, `${from} to ${to}`);
    }
  }
});

Deno.test("a graph is collected each node after those it reads from", () => {
  const x = placeholder("x", "float32", [2]);
  const y = ops.mul(ops.exp(x), ops.add(x, ops.exp(x)));
  const { nodes, leaves } = collectGraph([y]);
  assertEquals(leaves, [x]);
  const seen = new Set<LazyArray>(leaves);
  for (const node of nodes) {
    assert(node.inputs.every((input) => seen.has(input)), node.op.name);
    node.outputs.forEach((output) => seen.add(output));
  }
});
