/** The gradient of every op against central finite differences. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  evaluate,
  fromHost,
  isFloating,
  type LazyArray,
  ops,
  storageFrom,
  type TypedArray,
} from "../../onnx/mod.ts";
import { apply } from "../../torch_style/autograd/apply.ts";
import { Tensor } from "../../torch_style/tensor.ts";
import "../../torch_style/ops/mod.ts";
import { type Argument, type OpCase, valuesOf } from "./op_case.ts";
import { notOps, opCases } from "./op_cases.ts";

Deno.test("every op of onnx/ops has a case", () => {
  const exported = Object.keys(ops).filter((name) => !notOps.has(name)).sort();
  assertEquals(Object.keys(opCases).sort(), exported);
});

for (const [name, cases] of Object.entries(opCases)) {
  const differentiable = cases.filter((item) => !item.constant);
  if (differentiable.length === 0) continue;
  Deno.test(`gradient of ${name}`, async () => {
    for (const [i, item] of differentiable.entries()) await checkGradients(item, `${name} #${i}`);
  });
}

Deno.test("gradients of gradients are right where they have rules of their own", async () => {
  const names = ["matmul", "mul", "div", "exp", "tanh", "softmax"];
  const layers = ["softplus", "elu", "selu", "standardize", "conv", "averagePool", "maxPool"];
  for (const name of [...names, ...layers]) {
    const [item] = opCases[name];
    const inner: OpCase = {
      ...item,
      call: (inputs) => {
        const tensors = inputs.map((array) => new Tensor(array, { requiresGrad: true }));
        const y = apply(name, tensors, item.call);
        y.mul(y).sum().backward({ createGraph: true });
        return tensors[0].grad!.array;
      },
    };
    await checkGradients(inner, `${name} twice`);
  }
});

function arrayOf(data: TypedArray, { shape, kind }: Argument, item: OpCase): LazyArray {
  const dtype = kind === "boolean" ? "bool" : item.float32 ? "float32" : "float64";
  return fromHost(storageFrom(data as Float32Array, dtype), shape, dtype);
}

async function checkGradients(item: OpCase, title: string): Promise<void> {
  const data = item.inputs.map((argument, i) => valuesOf(argument, i));
  const tensors = item.inputs.map((argument, i) => {
    const array = arrayOf(data[i], argument, item);
    return new Tensor(array, { requiresGrad: isFloating(array.dtype) });
  });
  const y = apply(title, tensors, item.call);
  const upstream = Float64Array.from({ length: y.numel() }, (_, i) => Math.cos(i + 0.3));
  const seed = fromHost(storageFrom(upstream, y.dtype), y.shape, y.dtype);
  y.backward({ gradient: new Tensor(seed) });
  for (const [k, tensor] of tensors.entries()) {
    if (!tensor.requiresGrad) continue;
    assert(tensor.grad, `${title}: input ${k} has a gradient`);
    assertEquals([...tensor.grad.shape], [...tensor.shape], `${title}: shape of gradient ${k}`);
    const analytic = await tensor.grad.data();
    const numeric = await finiteDifferences(item, data, k, upstream);
    numeric.forEach((value, i) => {
      const tolerance = (item.float32 ? 5e-3 : 2e-5) * Math.max(1, Math.abs(value));
      assertAlmostEquals(Number(analytic[i]), value, tolerance, `${title}: input ${k}[${i}]`);
    });
  }
}

/** d(sum of y times upstream) / d(each element of input k) */
async function finiteDifferences(
  item: OpCase,
  data: readonly Float32Array[],
  k: number,
  upstream: Float64Array,
): Promise<number[]> {
  const distance = item.float32 ? 0.02 : 1e-4;
  const moved = (i: number, by: number) => {
    const inputs = data.map((values, j) => {
      const copy = Float64Array.from(values);
      if (j === k) copy[i] += by;
      return arrayOf(copy, item.inputs[j], item);
    });
    return item.call(inputs);
  };
  const results = Array.from(data[k], (_, i) => [moved(i, distance), moved(i, -distance)]);
  // One by one: they all have one structure, so one program runs them.
  for (const result of results.flat()) await evaluate([result]);
  return results.map(([up, down]) => {
    const [high, low] = [up.buffer.data, down.buffer.data];
    let sum = 0;
    for (let j = 0; j < high.length; j++) sum += (Number(high[j]) - Number(low[j])) * upstream[j];
    return sum / (2 * distance);
  });
}
