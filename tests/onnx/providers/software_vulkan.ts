/**
 * WebGPU without a GPU: Vulkan drivers that compute on the CPU. Mesa's lavapipe, where it is new enough, takes a tenth of the time
 * of SwiftShader, which Chromium brings.
 * @module
 */
const SWIFTSHADER = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"]
  .map((folder) => `${folder}/vk_swiftshader_icd.json`);
const LAVAPIPE = ["lvp_icd.json", "lvp_icd.x86_64.json", "lvp_icd.aarch64.json"]
  .map((file) => `/usr/share/vulkan/icd.d/${file}`);

/** How to get one. */
export const HOW_TO_INSTALL =
  "without a GPU: apt-get install libvulkan1 and mesa-vulkan-drivers of Mesa 25 (Debian 13, bookworm-backports, Ubuntu 24.04) " +
  "or chromium (its folder holds SwiftShader, which is found there), " +
  "or set VK_DRIVER_FILES to a driver's JSON file";

/**
 * Makes Vulkan find SwiftShader beside the drivers of this machine, unless lavapipe, which Vulkan finds by itself, will do. To be
 * called before the provider is first tried.
 */
export function offerSoftwareVulkan(): void {
  if (Deno.env.has("VK_DRIVER_FILES") || Deno.env.has("VK_ICD_FILENAMES")) return;
  if (LAVAPIPE.some(isNewEnough)) return;
  const path = SWIFTSHADER.find((path) => textOf(path) !== undefined);
  if (path) Deno.env.set("VK_ADD_DRIVER_FILES", path);
}

/** Drivers of Mesa 22 lack what Dawn asks for; those of 25 know Vulkan 1.4. */
function isNewEnough(path: string): boolean {
  const [, major, minor] = /"api_version": "(\d+)\.(\d+)/.exec(textOf(path) ?? "") ?? [];
  return Number(major) > 1 || Number(minor) >= 4;
}

function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
