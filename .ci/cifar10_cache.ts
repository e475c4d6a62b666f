/**
 * Where the bench keeps the downloaded CIFAR-10 on this machine, in the form of outputs of a GitHub step. Only the
 * whole archive is named: a part of it must not end in a cache.
 *
 *     deno run --no-lock --allow-env .ci/cifar10_cache.ts >> "$GITHUB_OUTPUT"
 *
 * @module
 */
import { cacheFolder } from "../fixtures/cache_folder.ts";
import { officialRelease } from "../fixtures/cifar10/release.ts";

if (import.meta.main) {
  const folder = cacheFolder();
  if (!folder) throw new Error("no cache folder: HOME, XDG_CACHE_HOME or LOCALAPPDATA must be set");
  console.log(`path=${folder}/${officialRelease.archive}`);
  console.log(`key=cifar10-${officialRelease.md5}`);
}
