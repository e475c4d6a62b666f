/**
 * The commit of a checkout, read from its files: running `git` would need a permission to run programs.
 *
 * Layout: https://git-scm.com/docs/gitrepository-layout
 *
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The commit that is checked out.
 *
 * @param root the checkout's folder, with a slash at its end
 * @returns 40 (or 64) hex digits; null where there is no repository, no commit yet, or no permission to read
 */
export async function readGitCommit(root: URL): Promise<string | null> {
  if (root.protocol !== "file:") return null;
  const folder = await gitFolder(fileURLToPath(root));
  const head = await readTrimmed(join(folder, "HEAD"));
  if (head === null) return null;
  if (!head.startsWith("ref: ")) return asCommit(head);
  const name = head.slice("ref: ".length);
  // The branches of a linked worktree lie in the main checkout's folder.
  const common = await readTrimmed(join(folder, "commondir"));
  const shared = resolve(folder, common ?? ".");
  const loose = await readTrimmed(join(shared, name));
  return asCommit(loose ?? await packedCommit(shared, name));
}

/** `.git` is a folder, or in a linked worktree a file that names it. */
async function gitFolder(root: string): Promise<string> {
  const path = join(root, ".git");
  const text = await readTrimmed(path);
  return resolve(root, text?.match(/^gitdir: (.+)$/)?.[1] ?? path);
}

async function packedCommit(folder: string, name: string): Promise<string | null> {
  const lines = (await readTrimmed(join(folder, "packed-refs")))?.split("\n") ?? [];
  return lines.find((line) => line.endsWith(` ${name}`))?.split(" ")[0] ?? null;
}

async function readTrimmed(path: string): Promise<string | null> {
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch {
    // Not there, a folder, or not allowed: all mean that the commit is not known from here.
    return null;
  }
}

function asCommit(text: string | null): string | null {
  return text !== null && /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}
