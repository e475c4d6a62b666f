/** What ONNX Runtime says when a provider fails, and the name that the failure gets. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ProviderError } from "../../../onnx/mod.ts";

const SAID = {
  "Failed to get a WebGPU adapter: No supported adapters": "driver",
  "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library": "driver",
  "libcudnn.so.9: cannot open shared object file: No such file or directory": "driver",
  "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version": "driver",
  "CUDA failure 100: no CUDA-capable device is detected": "driver",
  "Failed to get a WebGPU device: Requested feature subgroups is not available": "adapter",
  "BFC Arena ran out of memory trying to allocate 4294967296 bytes": "memory",
  "CUDA failure 2: out of memory ; GPU=0": "memory",
  "Where: Too many storage buffers in shader. Current: 13, Max is 12": "memory",
  "WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.":
    "memory",
  "WebGPU device lost (2): A valid external Instance reference no longer exists.": "lost",
  "CUDA failure 700: an illegal memory access was encountered": "lost",
  "ConvTranspose: Only Conv2d or Conv1d are supported.": "refused",
} as const;

Deno.test("a provider's failure is called by its name", () => {
  for (const [said, kind] of Object.entries(SAID)) {
    const provider = /CUDA|cuda|cudnn|BFC/.test(said) ? "cuda" : "webgpu";
    const error = new ProviderError(provider, new Error(said), "refused");
    assertEquals(error.kind, kind, said);
    assertStringIncludes(error.message, `execution provider "${provider}"`);
  }
});

Deno.test("where memory ran out the largest arrays are named, the largest first", () => {
  const arrays = [[2, 3], [128, 64, 32, 32], [10], [512, 512, 3, 3], [64, 64, 3, 3]].map((
    shape,
  ) => ({
    dtype: "float32" as const,
    shape,
  }));
  const { message } = new ProviderError("cuda", new Error("out of memory"), "refused", arrays);
  const [first, second] = [
    "float32[128, 64, 32, 32] of 33.6 MB",
    "float32[512, 512, 3, 3] of 9.4 MB",
  ];
  assertStringIncludes(message, `the largest arrays: ${first}, ${second}`);
  assert(!message.includes("float32[10]"), message);
});
