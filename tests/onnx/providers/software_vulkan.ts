/**
 * WebGPU without a GPU: SwiftShader, the Vulkan driver on the CPU that Chromium brings.
 * @module
 */
const FOLDERS = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];
const FILE = "vk_swiftshader_icd.json";

/** How to get it. */
export const HOW_TO_INSTALL =
  "without a GPU: apt-get install chromium libvulkan1 (Chromium's folder holds SwiftShader, which is found there), " +
  `or set VK_DRIVER_FILES and VK_ICD_FILENAMES to a ${FILE}`;

/**
 * Makes Vulkan find SwiftShader beside the drivers of this machine, which it prefers. To be called before the provider is
 * first tried.
 */
export function offerSwiftShader(): void {
  if (Deno.env.has("VK_DRIVER_FILES") || Deno.env.has("VK_ICD_FILENAMES")) return;
  const path = FOLDERS.map((folder) => `${folder}/${FILE}`).find(exists);
  if (path) Deno.env.set("VK_ADD_DRIVER_FILES", path);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
