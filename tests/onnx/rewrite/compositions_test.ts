/** What is put together for CUDA's missing kernels is what the kernels compute: both forms, on the CPU. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fromHost, isFloating, type LazyArray, ops, storageFrom } from "../../../onnx/mod.ts";
import { hasKernel, kernelsOf, ProviderWriter } from "../../../onnx/providers/mod.ts";
import { rewriteForMissing } from "../../../onnx/rewrite/mod.ts";
import { valuesOf } from "../op_case.ts";
import { opCases } from "../op_cases.ts";
import { throughSession } from "../through_session.ts";

const kernels = kernelsOf("cuda");

async function bothForms(
  inputs: readonly LazyArray[],
  call: (inputs: readonly LazyArray[]) => LazyArray,
  title: string,
): Promise<void> {
  const record = (all: readonly LazyArray[]) => [call(all)];
  const [plain] = await throughSession(inputs, record);
  const rewrite = (roots: readonly LazyArray[]) =>
    rewriteForMissing(roots, (key, dtype) => hasKernel(kernels, key, dtype));
  const [composed] = await throughSession(inputs, record, rewrite, new ProviderWriter("cuda"));
  assertEquals(composed.result.type, plain.result.type, title);
  plain.result.data.forEach((value: number | bigint, i: number) => {
    const [expected, found] = [Number(value), Number(composed.result.data[i])];
    const where = `${title}: element ${i}`;
    if (!isFloating(plain.declared.dtype) || !Number.isFinite(expected)) {
      assertEquals(found, expected, where);
    } else assertAlmostEquals(found, expected, 1e-5 * Math.max(1, Math.abs(expected)), where);
  });
}

Deno.test("every op case gives the same values where CUDA's kernels alone are used", async () => {
  for (const [name, cases] of Object.entries(opCases)) {
    for (const [i, item] of cases.entries()) {
      const inputs = item.inputs.map((argument, k) => {
        const dtype = argument.kind === "boolean" ? "bool" : "float32";
        return fromHost(storageFrom(valuesOf(argument, k), dtype), argument.shape, dtype);
      });
      await bothForms(inputs, item.call, `${name} #${i}`);
    }
  }
});

Deno.test("functions that CUDA lacks keep NaN, infinity and their edges", async () => {
  const values = [NaN, Infinity, -Infinity, 0, 1, -1, 0.5, -0.5, 1e-6, 2, -2, 30, -30, 1e6];
  const x = fromHost(Float32Array.from(values), [values.length]);
  const names = ["asin", "acos", "atan", "asinh", "acosh", "atanh", "sinh", "cosh", "tan"] as const;
  for (const name of names) await bothForms([x], ([a]) => ops[name](a), name);
  await bothForms([x], ([a]) => ops.celu(a, 0.7), "celu");
});

for (const dtype of ["int64", "int32", "uint32", "uint8"] as const) {
  Deno.test(`bits of ${dtype} from its arithmetic`, async () => {
    const values = dtype.startsWith("u")
      ? [0, 1, 7, 200, 255, 128]
      : [0, 1, -1, -200, 2 ** 31 - 1, -(2 ** 31)];
    const others = values.toReversed().map((value) => value === 1 ? 6 : value);
    const [a, b] = [values, others].map((list) => fromHost(storageFrom(list, dtype), [6], dtype));
    for (const name of ["bitwiseAnd", "bitwiseOr", "bitwiseXor"] as const) {
      await bothForms([a, b], ([x, y]) => ops[name](x, y), name);
    }
    await bothForms([a], ([x]) => ops.bitwiseNot(x), "bitwiseNot");
  });
}
