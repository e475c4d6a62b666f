import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME } from "../../../keras_style/engine/mod.ts";
import { tfFunction } from "../../../keras_style/tracing/mod.ts";
import { HOST_KERNELS } from "../../../keras_style/engine/kernels/host.ts";
import { countingCases } from "./kernel_cases/counting.ts";
import { elementwiseCases } from "./kernel_cases/elementwise.ts";
import { groupedCases } from "./kernel_cases/grouped.ts";
import { type InputSpecs, type KernelCase, makeTensor } from "./kernel_cases/kernel_case.ts";
import { movementCases } from "./kernel_cases/movement.ts";
import { imageCases } from "./kernel_cases/images.ts";
import { reductionCases } from "./kernel_cases/reduction.ts";
import { volumeCases } from "./kernel_cases/volumes.ts";
import { windowCases } from "./kernel_cases/windows.ts";

const CASES = {
  ...countingCases,
  ...elementwiseCases,
  ...groupedCases,
  ...movementCases,
  ...imageCases,
  ...reductionCases,
  ...volumeCases,
  ...windowCases,
};

type Inputs = Record<string, tf.Tensor> | tf.Tensor[];

interface Result {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

function makeInputs(inputs: InputSpecs): Inputs {
  if (Array.isArray(inputs)) return inputs.map(makeTensor);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, spec]) => [name, spec && makeTensor(spec)]),
  ) as Record<string, tf.Tensor>;
}

function call(kernel: string, inputs: Inputs, { attrs }: KernelCase): tf.Tensor[] {
  const out = tf.engine().runKernel(
    kernel,
    inputs as tf.NamedTensorMap,
    { ...attrs } as tf.NamedAttrMap,
  );
  return ([] as tf.Tensor[]).concat(out);
}

async function read(tensors: readonly tf.Tensor[]): Promise<Result[]> {
  return await Promise.all(tensors.map(async (tensor) => ({
    dtype: tensor.dtype,
    shape: [...tensor.shape],
    values: Array.from(await tensor.data(), Number),
  })));
}

/** What TensorFlow.js' own cpu engine says. */
async function expectedResults(kernel: string, cases: readonly KernelCase[]) {
  await tf.setBackend("cpu");
  return await Promise.all(cases.map((each) => {
    const inputs = makeInputs(each.inputs);
    const right = each.expected?.(inputs as Record<string, tf.Tensor>);
    return read(right ? [right] : call(kernel, inputs, each));
  }));
}

function near(got: number, expected: number): boolean {
  if (Object.is(got, expected) || got === expected) return true;
  return Math.abs(got - expected) <= 1e-5 + 1e-4 * Math.abs(expected);
}

function compare(label: string, got: readonly Result[], expected: readonly Result[]): void {
  assertEquals(got.length, expected.length, `${label}: number of results`);
  got.forEach((result, k) => {
    const { dtype, shape, values } = expected[k];
    assertEquals([result.dtype, result.shape], [dtype, shape], `${label}: type and shape`);
    const at = values.findIndex((value, i) => !near(result.values[i], value));
    assert(
      at < 0,
      `${label}: element ${at} of result ${k} is ${result.values[at]}, expected ${values[at]}\n` +
        `got ${result.values.slice(0, 40)}\nexpected ${values.slice(0, 40)}`,
    );
  });
}

for (const [kernel, cases] of Object.entries(CASES)) {
  Deno.test(`kernel ${kernel} agrees with TensorFlow.js' cpu engine`, async () => {
    const expected = await expectedResults(kernel, cases);
    await tf.setBackend(BACKEND_NAME);
    const inputs = cases.map((each) => makeInputs(each.inputs));
    const all = (list: Inputs[]) =>
      list.map((each, i) => tf.tidy(() => call(kernel, each, cases[i])));
    // As it comes: what is small and known is computed in JavaScript, the rest in one model.
    const eager = await Promise.all(all(inputs).map(read));
    eager.forEach((got, i) => compare(`${kernel} case ${i}, eager`, got, expected[i]));
    // Inside a traced function nothing is known: everything goes to ONNX Runtime.
    const traced = await Promise.all(tfFunction(all)(inputs).map(read));
    traced.forEach((got, i) => compare(`${kernel} case ${i}, traced`, got, expected[i]));
  });
}

Deno.test("every registered kernel has a case", () => {
  const registered = tf.getKernelsForBackend(BACKEND_NAME).map(({ kernelName }) => kernelName);
  const own = registered.filter((name) => !HOST_KERNELS.includes(name));
  const complex: string[] = [tf.Complex, tf.ComplexAbs, tf.FFT, tf.IFFT, tf.Imag, tf.Real];
  // Complex numbers and short types have tests of their own.
  const elsewhere = [...complex, "CastFloat"];
  const without = own.filter((name) => !(name in CASES) && !elsewhere.includes(name));
  assertEquals(without, []);
  assert(registered.length > 100);
});

Deno.test("a kernel that is not there is named by TensorFlow.js' own error", async () => {
  await tf.setBackend(BACKEND_NAME);
  assertThrows(
    () => tf.engine().runKernel(tf.Draw, { image: tf.zeros([2, 2, 3]) }),
    Error,
    "Kernel 'Draw' not registered for backend 'onnxruntime'",
  );
});

Deno.test("topk of no rows is empty: ONNX Runtime would end the process", async () => {
  await tf.setBackend(BACKEND_NAME);
  const { values, indices } = tf.topk(tf.zeros([0, 3]), 2);
  assertEquals([values.shape, indices.shape], [[0, 2], [0, 2]]);
  assertEquals((await values.data()).length, 0);
});
