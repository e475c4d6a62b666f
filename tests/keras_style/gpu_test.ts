import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type CudaDriver, devicesOf, listCudaDevices } from "../../keras_style/gpu/cuda_driver.ts";
import { gpuConfig, type GpuProbe } from "../../keras_style/mod.ts";

const H100 = { name: "NVIDIA H100 80GB HBM3", memory: 80 * 2 ** 30, kind: "cuda" } as const;
const GROWTH = "TF_FORCE_GPU_ALLOW_GROWTH";

/** A machine that has one GPU which everything but tfjs-node-gpu can use, where not told otherwise. */
function machine(changes: Partial<GpuProbe> = {}): GpuProbe {
  return {
    find: () => Promise.resolve([H100]),
    start: () => Promise.resolve(undefined),
    hasTfjsNodeGpu: () => Promise.resolve(false),
    tensorflowStarted: () => false,
    ...changes,
  };
}

async function configOf(probe: GpuProbe, memoryGrowth?: boolean) {
  const lines: string[] = [];
  const before = Deno.env.get(GROWTH);
  Deno.env.delete(GROWTH);
  try {
    const config = await gpuConfig({ memoryGrowth, probe, log: (line) => lines.push(line) });
    return { config, lines, variable: Deno.env.get(GROWTH) };
  } finally {
    if (before === undefined) Deno.env.delete(GROWTH);
    else Deno.env.set(GROWTH, before);
  }
}

Deno.test("a GPU that ONNX Runtime can use", async () => {
  const { config, lines, variable } = await configOf(machine());
  assertEquals(lines, [
    "1 Physical GPUs, 1 Logical GPUs",
    "  /physical_device:GPU:0: NVIDIA H100 80GB HBM3, 80.0 GiB",
    "  /device:GPU:0: computes with onnxruntime (cuda), onnxruntime (webgpu)",
    "  memory growth: on",
  ]);
  assertEquals(config.logicalDevices[0].uses[0], { engine: "onnxruntime", provider: "cuda" });
  assertEquals(variable, undefined);
});

Deno.test("a machine without a GPU says so and is asked nothing more", async () => {
  const asked: string[] = [];
  const probe = machine({
    find: () => Promise.resolve([]),
    start: (provider) => Promise.resolve(void asked.push(provider)),
  });
  const { config, lines } = await configOf(probe);
  assertEquals(lines, [
    "0 Physical GPUs, 0 Logical GPUs",
    "No GPU was found: the processor computes.",
  ]);
  assertEquals(config, {
    physicalDevices: [],
    logicalDevices: [],
    memoryGrowth: undefined,
    notes: [],
  });
  assertEquals(asked, []);
});

Deno.test("a GPU that nothing can use, and why", async () => {
  const start = (provider: string) => Promise.resolve(`no libraries for ${provider}`);
  const { config, lines } = await configOf(machine({ start }));
  assertEquals(config.logicalDevices, []);
  assertEquals(config.memoryGrowth, undefined);
  assertEquals(lines.slice(2), [
    "  no libraries for cuda",
    "  no libraries for webgpu",
    "No engine can use the GPU: the processor computes.",
  ]);
});

Deno.test("of two GPUs the first is computed on; one that is not NVIDIA's is not tried with CUDA", async () => {
  const two = await configOf(machine({ find: () => Promise.resolve([H100, H100]) }));
  assertEquals(two.lines[0], "2 Physical GPUs, 1 Logical GPUs");
  const apple = machine({ find: () => Promise.resolve([{ name: "Apple M2", kind: "webgpu" }]) });
  const { config, lines } = await configOf(apple);
  assertEquals(lines[1], "  /physical_device:GPU:0: Apple M2");
  assertEquals(config.logicalDevices[0].uses, [{ engine: "onnxruntime", provider: "webgpu" }]);
});

Deno.test("memory growth is set for libtensorflow before it starts, and not after", async () => {
  const hasTfjsNodeGpu = () => Promise.resolve(true);
  const on = await configOf(machine({ hasTfjsNodeGpu }));
  assertEquals([on.config.memoryGrowth, on.variable], [true, "true"]);
  const off = await configOf(machine({ hasTfjsNodeGpu }), false);
  assertEquals([off.config.memoryGrowth, off.variable], [false, "false"]);
  const late = await configOf(machine({ hasTfjsNodeGpu, tensorflowStarted: () => true }));
  assertEquals([late.config.memoryGrowth, late.variable], [false, undefined]);
  assertMatch(late.lines.at(-1)!, /libtensorflow has started: memory growth stays off/);
});

Deno.test("ONNX Runtime's memory growth cannot be turned off, which is said", async () => {
  const { config, lines } = await configOf(machine(), false);
  assertEquals(config.memoryGrowth, true);
  assertMatch(lines.at(-1)!, /cannot be turned off/);
});

Deno.test("memoryGrowth is true or false", async () => {
  await assertRejects(() => configOf(machine(), "yes" as unknown as boolean), TypeError, "is yes");
});

Deno.test("this machine answers, whatever it has", async () => {
  const lines: string[] = [];
  const config = await gpuConfig({ log: (line) => lines.push(line) });
  assertMatch(lines[0], /^\d+ Physical GPUs, [01] Logical GPUs$/);
  assert(config.logicalDevices.length <= config.physicalDevices.length);
});

/** A driver with these devices; `broken` is the function that fails. */
function driver(names: readonly string[], broken?: keyof CudaDriver): CudaDriver {
  const code = (name: keyof CudaDriver) => name === broken ? 100 : 0;
  const put = (into: unknown, values: Iterable<number>) => {
    const bytes = into as Uint8Array;
    [...values].forEach((value, i) => bytes[i] = value);
  };
  return {
    cuInit: () => code("cuInit"),
    cuDeviceGetCount: (count) => (put(count, [names.length]), code("cuDeviceGetCount")),
    cuDeviceGet: (handle, ordinal) => (put(handle, [ordinal + 7]), code("cuDeviceGet")),
    cuDeviceGetName: (name, _, handle) => {
      put(name, new TextEncoder().encode(names[handle - 7]));
      return code("cuDeviceGetName");
    },
    cuDeviceTotalMem_v2: (memory, handle) => {
      (memory as unknown as BigUint64Array)[0] = BigInt(handle) * 2n ** 33n;
      return code("cuDeviceTotalMem_v2");
    },
  };
}

Deno.test("NVIDIA's driver is asked for names and memory", () => {
  assertEquals(devicesOf(driver(["One", "Two"])), [
    { name: "One", memory: 7 * 2 ** 33 },
    { name: "Two", memory: 8 * 2 ** 33 },
  ]);
  assertEquals(devicesOf(driver(["One"], "cuInit")), []);
  assertEquals(devicesOf(driver(["One"], "cuDeviceGetCount")), []);
  assertEquals(devicesOf(driver(["One"], "cuDeviceGetName"))[0].name, "CUDA device 0");
});

Deno.test("no driver, no devices", () => {
  assertEquals(listCudaDevices("/nowhere/libcuda.so.1"), []);
});
