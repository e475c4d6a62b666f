/**
 * Which operators the execution providers have kernels for: `kernels.json`, which `deno task probe:kernels` writes.
 * @module
 */
import type { Provider } from "./provider_name.ts";
import table from "./kernels.json" with { type: "json" };

/** Operator (or a variant of it, after a point) -> element types of its first input, `from>to` for Cast. */
export type KernelTable = Readonly<Record<string, readonly string[]>>;

/**
 * Operators that count as missing although they run: WGSL lets acos and asin err by 6.77e-5, and Mesa's do.
 * Source: https://www.w3.org/TR/WGSL/#floating-point-accuracy
 */
const IMPRECISE_ON_WEBGPU = { Acos: [], Asin: [] };

/** Operators whose constants are attributes, which ONNX stores as float32: too few digits for float64. */
const SINGLE_CONSTANTS = ["Celu", "Elu", "HardSigmoid", "HardSwish", "LeakyRelu", "Selu"];

function withoutDouble(kernels: KernelTable): KernelTable {
  const lists = SINGLE_CONSTANTS.map((key) =>
    [key, kernels[key].filter((dtype) => dtype !== "float64")] as const
  );
  return { ...kernels, ...Object.fromEntries(lists) };
}

const TABLES: Partial<Record<Provider, KernelTable>> = {
  cpu: withoutDouble(table.cpu),
  cuda: withoutDouble(table.cuda),
  webgpu: { ...table.webgpu, ...IMPRECISE_ON_WEBGPU },
};

/** What a provider has kernels for; undefined where nothing is known to be missing, because it was not probed. */
export function kernelsOf(provider: Provider): KernelTable | undefined {
  return TABLES[provider === "tensorrt" ? "cuda" : provider];
}

/** Whether a provider has a kernel; operators that were not tried count as there. */
export function hasKernel(kernels: KernelTable | undefined, key: string, dtype: string): boolean {
  const types = kernels?.[key];
  if (!types || types.includes(dtype)) return true;
  // WebGPU is probed on SwiftShader, which has no float16: devices that know it have it where they have float32.
  const knowsHalf = kernels.Add.includes("float16");
  return dtype === "float16" && !knowsHalf && types.includes("float32");
}
