/**
 * The record of the machine and the software that a report's figures belong to.
 *
 * @module
 */
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";
import config from "../../deno.json" with { type: "json" };
import { readGitCommit } from "./git_commit.ts";

/** Where and with what a report was made. What could not be found out is null. */
export interface Environment {
  /** Start of the run, ISO 8601 in UTC. */
  date: string;
  cpuModel: string | null;
  /** Logical processors that the process may use. */
  cores: number | null;
  /** Physical memory in GiB (2^30 bytes). */
  memoryGiB: number | null;
  /** Such as `linux 6.18.44 x64`. */
  os: string;
  deno: string;
  v8: string;
  /** The npm packages that compute, each with its pinned version. */
  packages: Record<string, string>;
  /** Of the checkout that the bench stands in. */
  gitCommit: string | null;
}

/** The packages that figures depend on; charts, archives and the like change none. */
const computing: ReadonlySet<string> = new Set([
  "@tensorflow/tfjs",
  "onnx-proto",
  "onnxruntime-node",
]);

/** Reads the environment. Facts that this process may not read (permissions) are null; it never asks or throws. */
export async function readEnvironment(): Promise<Environment> {
  return {
    date: new Date().toISOString(),
    cpuModel: orNull(() => cpus()[0]?.model.trim() || null),
    cores: orNull(() => availableParallelism()),
    memoryGiB: orNull(() => Math.round(totalmem() / 2 ** 30 * 10) / 10),
    os: [Deno.build.os, orNull(() => release()), arch()].filter((part) => part).join(" "),
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    packages: Object.fromEntries(
      Object.entries(pinnedPackages(config.imports)).filter(([name]) => computing.has(name)),
    ),
    gitCommit: await readGitCommit(new URL("../../", import.meta.url)),
  };
}

/**
 * The npm packages among a deno.json's imports.
 *
 * @param imports specifiers such as `npm:onnxruntime-node@1.30.0`; those of other registries are left out
 */
export function pinnedPackages(imports: Record<string, string>): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const specifier of Object.values(imports)) {
    const match = /^npm:\/?(@?[^@]+)@([^/]+)/.exec(specifier);
    if (match) packages[match[1]] = match[2];
  }
  return packages;
}

function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    // A fact that may not be read is left out; a report without it is better than none.
    if (error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}
