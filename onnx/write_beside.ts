/**
 * Writes files whole or not at all.
 * @module
 */

/**
 * Writes a file beside its path, as PATH with a random ending, and moves it there: whatever goes wrong, nothing
 * half-written stays. The file beside it is made anew, so that no link that lies there is followed; a link at PATH itself
 * is replaced.
 */
export async function writeBeside(path: string | URL, bytes: Uint8Array): Promise<void> {
  const ending = `.${crypto.randomUUID()}.part`;
  const part = path instanceof URL ? new URL(`${path}${ending}`) : `${path}${ending}`;
  try {
    await Deno.writeFile(part, bytes, { createNew: true });
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}
