/**
 * What went wrong with an execution provider, read from what ONNX Runtime says, and what can be done about it.
 * @module
 */
import { bytesOf } from "../dtype.ts";
import type { ArrayType } from "../op_types.ts";
import type { Provider } from "./provider_name.ts";
import { showShape, sizeOf } from "../shape.ts";

/**
 * `driver`: there is none, or it is too old; `adapter`: a GPU is there but lacks what ONNX Runtime needs; `refused`: the model;
 * `memory`: the device's memory, or an array larger than it takes; `lost`: the device stopped working; `start`: anything else
 * before the first computation.
 */
export type FailureKind = "driver" | "adapter" | "refused" | "memory" | "lost" | "start";

const SIGNS: readonly [FailureKind, RegExp][] = [
  [
    "lost",
    /device (?:is |was )?lost|DeviceLost|DXGI_ERROR_DEVICE_REMOVED|CUDA failure (?:700|702|719|999)/i,
  ],
  [
    "memory",
    new RegExp(
      "out of memory|failed to allocate memory|exceeds the max buffer size|CUDA failure 2:|CUBLAS_STATUS_ALLOC_FAILED|" +
        "CUDNN_STATUS_ALLOC_FAILED|\\[Invalid Buffer|too many storage buffers",
      "i",
    ),
  ],
  [
    "adapter",
    /failed to get a webgpu device|required (?:feature|limit)|does not support .*(?:feature|limit)/i,
  ],
  [
    "driver",
    new RegExp(
      "no supported adapters|failed to get a webgpu adapter|cannot open shared object|failed to load shared library|CUDA failure (?:35|100|803|804)|" +
        "driver version is insufficient|no CUDA-capable device|providers_cuda|LoadLibrary failed|libcu|backend not found|not available",
      "i",
    ),
  ],
];

/** The kind of a failure. @param otherwise where nothing in the message tells */
export function failureKind(message: string, otherwise: FailureKind): FailureKind {
  return SIGNS.find(([, sign]) => sign.test(message))?.[0] ?? otherwise;
}

const REMEDY: Readonly<Record<Provider, string>> = {
  cpu: "Reinstall onnxruntime-node (deno install).",
  cuda:
    "It needs an NVIDIA GPU on Linux x64 or Windows with its driver, CUDA 12 or 13 and cuDNN 9, and the CUDA " +
    "libraries of onnxruntime-node: deno install --allow-scripts=npm:onnxruntime-node. The system must find CUDA and cuDNN without LD_LIBRARY_PATH, which Deno " +
    "hides from trials: name their folders in /etc/ld.so.conf.d and run ldconfig. Or use --device cpu.",
  webgpu:
    "It needs a GPU with a Vulkan, Metal or Direct3D 12 driver (on Linux: libvulkan1 and the GPU's own). Without a GPU, " +
    "mesa-vulkan-drivers (Mesa 25) will do, or Chromium's SwiftShader: set VK_DRIVER_FILES to the vk_swiftshader_icd.json in Chromium's folder. Or use --device cpu.",
  tensorrt:
    "It needs all that cuda needs and TensorRT 10 on the library path. Or use --device cuda or cpu.",
};

/** A failure as people read it. @param reason the first line of what ONNX Runtime says */
export function describeFailure(
  provider: Provider,
  kind: FailureKind,
  reason: string,
  arrays: readonly ArrayType[] = [],
): string {
  const name = `execution provider "${provider}"`;
  if (kind === "lost") {
    return `${name} lost its device (${reason}); start again, with a smaller batch if it was too busy`;
  }
  if (kind === "memory") {
    const largest = describeLargest(arrays);
    // Dawn goes on to list where it noticed.
    const noticed = reason.split(/\.?\s+- While /)[0];
    return `${name} is out of device memory (${noticed})${
      largest && `; the largest arrays: ${largest}`
    }; ` +
      "use a smaller batch";
  }
  if (kind === "refused") return `${name} refuses the model: ${reason}`;
  const why = {
    driver: "found no driver",
    adapter: "found no adapter that has what it needs",
    start: reason,
  }[kind];
  const detail = kind === "start" ? "" : ` (${reason})`;
  return `${name} cannot start: ${why}${detail}. ${REMEDY[provider]}`;
}

/** "float32[128, 64, 32, 32] of 33.6 MB, ..." */
function describeLargest(arrays: readonly ArrayType[]): string {
  const sized = arrays.map((type) => ({ type, bytes: sizeOf(type.shape) * bytesOf(type.dtype) }));
  sized.sort((a, b) => b.bytes - a.bytes);
  return sized.slice(0, 3).map(({ type, bytes }) =>
    `${type.dtype}${showShape(type.shape)} of ${(bytes / 1e6).toFixed(1)} MB`
  ).join(", ");
}
