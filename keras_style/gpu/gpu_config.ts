/**
 * Which GPUs are there and which of them can be computed with.
 * @module
 */
import type { Provider } from "../../onnx/mod.ts";
import type { EngineName } from "../engine/mod.ts";
import { type FoundDevice, type GpuProbe, machineProbe } from "./gpu_probe.ts";

/** A GPU that the machine has. */
export interface PhysicalDevice {
  /** As TensorFlow names it: `/physical_device:GPU:0`. */
  readonly name: string;
  readonly deviceType: "GPU";
  /** What its driver calls it. */
  readonly description: string;
  /** Its memory in bytes, where known. */
  readonly memory?: number;
}

/** An engine that can compute on a device, as `selectEngine` takes it. */
export interface DeviceUse {
  readonly engine: Exclude<EngineName, "auto">;
  readonly provider: Provider;
}

/** A GPU that can be computed with. */
export interface LogicalDevice {
  /** As TensorFlow names it: `/device:GPU:0`. */
  readonly name: string;
  readonly deviceType: "GPU";
  /** What can compute on it; the first is the best. */
  readonly uses: readonly DeviceUse[];
}

/** What {@linkcode gpuConfig} found and set. */
export interface GpuConfig {
  readonly physicalDevices: readonly PhysicalDevice[];
  /** At most one: every engine computes on the machine's first device. */
  readonly logicalDevices: readonly LogicalDevice[];
  /** Whether memory is taken as it is needed instead of all at once; undefined without a logical device. */
  readonly memoryGrowth: boolean | undefined;
  /** What the user should know, a sentence each. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode gpuConfig}. */
export interface GpuConfigOptions {
  /** Whether memory is taken as it is needed; true unless given. */
  readonly memoryGrowth?: boolean;
  /** Takes the lines; console.log unless given. */
  readonly log?: (line: string) => void;
  /** How the machine is asked. */
  readonly probe?: GpuProbe;
}

/**
 * Finds the GPUs, tries which engine can compute on them, sets memory growth and prints what came out:
 * `1 Physical GPUs, 1 Logical GPUs`. Without a GPU it says so, and all goes on on the processor.
 *
 * Memory growth is TensorFlow's: it holds for `tfjs-node-gpu` and has to be set before that engine is selected. ONNX
 * Runtime always takes memory as it needs it. Follows https://www.tensorflow.org/guide/gpu
 *
 * @throws {TypeError} if `memoryGrowth` is neither true nor false
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const { logicalDevices } = await keras.gpuConfig();
 * const use = logicalDevices[0]?.uses[0];
 * if (use) await keras.selectEngine(use.engine, { provider: use.provider });
 * ```
 */
export async function gpuConfig(options: GpuConfigOptions = {}): Promise<GpuConfig> {
  const { memoryGrowth = true, probe = machineProbe } = options;
  if (typeof memoryGrowth !== "boolean") {
    throw new TypeError(`gpuConfig: memoryGrowth is ${memoryGrowth}, expected true or false`);
  }
  const found = await probe.find();
  const { uses, notes } = found.length > 0 ? await usesOf(found, probe) : { uses: [], notes: [] };
  const growth = uses.length > 0 ? growMemory(memoryGrowth, uses, probe) : undefined;
  const config: GpuConfig = {
    physicalDevices: found.map(physicalDevice),
    logicalDevices: uses.length > 0 ? [{ name: "/device:GPU:0", deviceType: "GPU", uses }] : [],
    memoryGrowth: growth?.memoryGrowth,
    notes: [...notes, ...growth?.notes ?? []],
  };
  print(config, options.log ?? ((line) => console.log(line)));
  return config;
}

function physicalDevice({ name, memory }: FoundDevice, index: number): PhysicalDevice {
  return {
    name: `/physical_device:GPU:${index}`,
    deviceType: "GPU",
    description: name,
    ...(memory ? { memory } : {}),
  };
}

/** Tries what could compute on the first device. */
async function usesOf(
  found: readonly FoundDevice[],
  probe: GpuProbe,
): Promise<{ uses: DeviceUse[]; notes: string[] }> {
  const uses: DeviceUse[] = [];
  const notes: string[] = [];
  const isCuda = found[0].kind === "cuda";
  if (isCuda && await probe.hasTfjsNodeGpu()) {
    uses.push({ engine: "tfjs-node-gpu", provider: "cuda" });
  }
  for (const provider of isCuda ? ["cuda", "webgpu"] as const : ["webgpu"] as const) {
    const reason = await probe.start(provider);
    if (reason === undefined) uses.push({ engine: "onnxruntime", provider });
    else notes.push(reason);
  }
  // Why the second way fails does not matter where the first works.
  return { uses, notes: uses.length > 0 ? [] : notes };
}

/** libtensorflow reads it as it starts. */
const GROWTH_VARIABLE = "TF_FORCE_GPU_ALLOW_GROWTH";

function growMemory(
  wanted: boolean,
  uses: readonly DeviceUse[],
  probe: GpuProbe,
): { memoryGrowth: boolean; notes: string[] } {
  const byTensorflow = uses.some(({ engine }) => engine === "tfjs-node-gpu");
  if (!byTensorflow) {
    const notes = wanted ? [] : [
      "ONNX Runtime takes memory as it needs it; memory growth cannot be turned off",
    ];
    return { memoryGrowth: true, notes };
  }
  if (probe.tensorflowStarted()) {
    const set = Deno.env.get(GROWTH_VARIABLE) === "true";
    const notes = set === wanted ? [] : [
      `libtensorflow has started: memory growth stays ${
        onOff(set)
      }; call gpuConfig before selectEngine`,
    ];
    return { memoryGrowth: set, notes };
  }
  Deno.env.set(GROWTH_VARIABLE, String(wanted));
  return { memoryGrowth: wanted, notes: [] };
}

function onOff(value: boolean): string {
  return value ? "on" : "off";
}

function print(config: GpuConfig, log: (line: string) => void): void {
  const { physicalDevices, logicalDevices, memoryGrowth, notes } = config;
  log(`${physicalDevices.length} Physical GPUs, ${logicalDevices.length} Logical GPUs`);
  for (const { name, description, memory } of physicalDevices) {
    log(`  ${name}: ${description}${memory ? `, ${(memory / 2 ** 30).toFixed(1)} GiB` : ""}`);
  }
  for (const { name, uses } of logicalDevices) {
    const list = uses.map(({ engine, provider }) => `${engine} (${provider})`);
    log(`  ${name}: computes with ${list.join(", ")}`);
  }
  if (memoryGrowth !== undefined) log(`  memory growth: ${onOff(memoryGrowth)}`);
  for (const note of notes) log(`  ${note}`);
  if (physicalDevices.length === 0) log("No GPU was found: the processor computes.");
  else if (logicalDevices.length === 0) log("No engine can use the GPU: the processor computes.");
}
