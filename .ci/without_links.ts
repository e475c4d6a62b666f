/**
 * Takes the links to the local stand-ins out of deno.json and deno.lock, so that `jsr:@std/...` are the real packages.
 * For a checkout that is thrown away, such as one leg of the CI; needs jsr.io from then on.
 *
 *     deno run --no-config --allow-read=. --allow-write=. .ci/without_links.ts
 *
 * `--no-config`, because Deno would else resolve by the very file that changes here. At the repository's root.
 * @module
 */

/** The parts of deno.json that matter here; all others are kept as they are. */
export type Config = { links?: string[] } & Record<string, unknown>;

/** The parts of deno.lock (version 5) that matter here. */
export type Lock =
  & { workspace?: { links?: Record<string, unknown> } & Record<string, unknown> }
  & Record<string, unknown>;

/**
 * @returns deno.json's content without `links`
 * @throws {Error} where there is none: the leg would then test what another one has tested
 */
export function configWithoutLinks({ links, ...config }: Config): Config {
  if (!links?.length) {
    throw new Error('deno.json has no "links"; expected the local stand-ins there');
  }
  return config;
}

/** @returns deno.lock's content without what it says of linked packages; Deno fills in the real ones */
export function lockWithoutLinks(lock: Lock): Lock {
  const { links: _, ...workspace } = lock.workspace ?? {};
  return { ...lock, workspace };
}

async function rewrite<Content>(path: string, change: (content: Content) => Content) {
  const changed = change(JSON.parse(await Deno.readTextFile(path)));
  await Deno.writeTextFile(`${path}.part`, JSON.stringify(changed, null, 2) + "\n");
  await Deno.rename(`${path}.part`, path);
}

if (import.meta.main) {
  await rewrite("deno.json", configWithoutLinks);
  await rewrite("deno.lock", lockWithoutLinks);
  console.log("deno.json and deno.lock: no links; jsr: is jsr.io now");
}
