/**
 * Writes files whole or not at all.
 * @module
 */

/** Writes a file beside its path, as PATH.part, and moves it there: whatever goes wrong, nothing half-written stays. */
export async function writeBeside(path: string | URL, bytes: Uint8Array): Promise<void> {
  const part = path instanceof URL ? new URL(`${path}.part`) : `${path}.part`;
  try {
    await Deno.writeFile(part, bytes);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}
