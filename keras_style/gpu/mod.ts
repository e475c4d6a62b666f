/** The machine's GPUs. @module */
export {
  type DeviceUse,
  type GpuConfig,
  gpuConfig,
  type GpuConfigOptions,
  type LogicalDevice,
  type PhysicalDevice,
} from "./gpu_config.ts";
export { type FoundDevice, type GpuProbe } from "./gpu_probe.ts";
