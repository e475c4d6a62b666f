/**
 * What a machine has to compute with, beside its processor.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkProvider, type Provider } from "../../onnx/mod.ts";
import { tfjsNodeLoader } from "../engine/tfjs_node.ts";
import { listCudaDevices } from "./cuda_driver.ts";

/** A device, as found. */
export interface FoundDevice {
  readonly name: string;
  /** Bytes, where known. */
  readonly memory?: number;
  readonly kind: "cuda" | "webgpu";
}

/** How a machine is asked; replaced in tests. */
export interface GpuProbe {
  /** The devices that are there. */
  find(): Promise<FoundDevice[]>;
  /** Whether ONNX Runtime can compute on it: it is tried. If not, the reason. */
  start(provider: Provider): Promise<string | undefined>;
  /** Whether tfjs-node-gpu is installed. */
  hasTfjsNodeGpu(): Promise<boolean>;
  /** Whether libtensorflow has started, after which its memory cannot be configured. */
  tensorflowStarted(): boolean;
}

/** Asks this machine. */
export const machineProbe: GpuProbe = {
  async find() {
    const cuda = listCudaDevices().map((device) => ({ ...device, kind: "cuda" as const }));
    return cuda.length > 0 ? cuda : await webgpuAdapters();
  },
  async start(provider) {
    try {
      await checkProvider(provider);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  async hasTfjsNodeGpu() {
    return await tfjsNodeLoader.find("tfjs-node-gpu") !== undefined;
  },
  tensorflowStarted: () => tf.findBackend("tensorflow") !== null,
};

/** The adapter that Deno's own WebGPU would take, unless it only imitates a GPU on the processor. */
async function webgpuAdapters(): Promise<FoundDevice[]> {
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter || adapter.info.isFallbackAdapter) return [];
    const { description, vendor } = adapter.info;
    return [{ name: description || `WebGPU adapter of vendor ${vendor}`, kind: "webgpu" }];
  } catch {
    // Deno without WebGPU, or a driver that fails: nothing to compute with.
    return [];
  }
}
