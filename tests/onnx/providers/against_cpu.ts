/** What a provider computes against what the CPU does. The provider is named by TANDEM_DEVICE: `webgpu` unless it is set. */
import { assertEquals, AssertionError } from "@std/assert";
import {
  checkProvider,
  type DType,
  fromHost,
  isFloating,
  type LazyArray,
  parseProvider,
  Runtime,
  storageFrom,
  type TypedArray,
} from "../../../onnx/mod.ts";
import { HOW_TO_INSTALL, offerSoftwareVulkan } from "./software_vulkan.ts";

/** What is tested. */
export const DEVICE = parseProvider(Deno.env.get("TANDEM_DEVICE") ?? "webgpu");

async function reasonNotToRun(): Promise<string | undefined> {
  if (DEVICE === "webgpu") offerSoftwareVulkan();
  try {
    await checkProvider(DEVICE);
    return undefined;
  } catch (error) {
    return `${(error as Error).message} ${DEVICE === "webgpu" ? HOW_TO_INSTALL : ""}`;
  }
}

/** Why nothing can be tested on this machine; undefined where the provider starts. */
export const NOT_RUN: string | undefined = await reasonNotToRun();

/** Says what is missing, and that nothing was tested: its tests are counted as ignored. */
export function reportNotRun(): void {
  if (NOT_RUN) console.error(`NOT RUN on ${DEVICE}: ${NOT_RUN}`);
}

/** How far results may lie apart, relative to values above 1: Vulkan allows sines and cosines 2^-11. */
export const TOLERANCE = { sine: 5e-4, other: 1e-4 };

const runtimes = {
  cpu: new Runtime({ provider: "cpu" }),
  device: new Runtime({ provider: DEVICE, strict: true }),
};

/** Values of arrays, computed by one runtime. */
async function valuesBy(
  runtime: Runtime,
  record: () => readonly LazyArray[],
): Promise<{ type: LazyArray; data: TypedArray }[]> {
  const arrays = record();
  await runtime.evaluate(arrays);
  return arrays.map((type) => ({ type, data: type.buffer.data }));
}

/**
 * Records twice and compares what the provider, in strict mode, and the CPU compute.
 *
 * @throws {AssertionError} naming the array and the element
 */
export async function agreesWithCpu(
  record: () => readonly LazyArray[],
  tolerance: number,
): Promise<void> {
  const expected = await valuesBy(runtimes.cpu, record);
  const actual = await valuesBy(runtimes.device, record);
  actual.forEach(({ type, data }, k) => {
    const right = expected[k].data;
    assertEquals(data.length, right.length, `array ${k}: number of elements`);
    for (let i = 0; i < data.length; i++) {
      if (isClose(Number(data[i]), Number(right[i]), type.dtype, tolerance)) continue;
      throw new AssertionError(
        `array ${k} ${type}: element ${i} is ${data[i]} on ${DEVICE}, ${right[i]} on the CPU`,
      );
    }
  });
}

function isClose(a: number, b: number, dtype: DType, tolerance: number): boolean {
  if (!isFloating(dtype) || !Number.isFinite(b)) return Object.is(a, b);
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
}

/** An array of values on the host. */
export function arrayOf(
  values: ArrayLike<number>,
  shape: readonly number[],
  dtype: DType,
): LazyArray {
  return fromHost(storageFrom(values as number[], dtype), shape, dtype);
}
