/**
 * Reads reports back. What is read is never trusted: it is checked by its schema before anything is done with it.
 * @module
 */
import { join } from "node:path";
import { parseUntrustedJson, shortMessage, shortText, visibleText } from "../../onnx/mod.ts";
import type { ErrorObject } from "ajv";
import { faultFinder } from "../schema_fault.ts";
import { upgradedParity } from "../parity/report/report_v1.ts";
import { withNewerFields } from "./newer_fields.ts";
import { type Report, schemaVersion } from "./report.ts";
import schema from "./report.schema.json" with { type: "json" };
import { type ReportV2, upgraded } from "./report_v2.ts";
import schemaV2 from "./report_v2.schema.json" with { type: "json" };

/** A file is no report that can be read; the message names it and says why. */
export class ReportError extends Error {
  override name = "ReportError";
}

const faultOf = faultFinder(schema);
const faultOfV2 = faultFinder(schemaV2);

/**
 * Reads a report.json of this version or of version 2, which is brought up to this one, as are fields that came later; `path` may
 * also be the folder that it lies in.
 *
 * @throws {ReportError} if there is none, it is damaged, or of a version that is not known
 */
export async function readReport(path: string): Promise<Report> {
  const file = await isFolder(path) ? join(path, "report.json") : path;
  const report = await readJson(file);
  const version = (report as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version === 2) {
    const fault = faultOfV2(report);
    if (fault === null) return broughtUp(upgraded(report as unknown as ReportV2));
    throw damaged(file, fault);
  }
  if (version !== schemaVersion) {
    throw new ReportError(
      typeof version === "number"
        ? `"${file}" is a report of version ${
          shortText(version)
        }, expected version ${schemaVersion}; ` +
          (version < schemaVersion ? "run the bench again" : "use a newer Tandem")
        : `"${file}" is no report: it has no schemaVersion`,
    );
  }
  const fault = faultOf(report);
  if (fault === null) return broughtUp(report as unknown as Report);
  throw damaged(file, fault);
}

function broughtUp(report: Report): Report {
  return { ...withNewerFields(report), parity: report.parity && upgradedParity(report.parity) };
}

/** The largest report that is read, in bytes: 100 trials with all their figures take some 10 MB. */
const MOST_BYTES = 2 ** 28;

async function readJson(file: string): Promise<unknown> {
  try {
    const { size } = await Deno.stat(file);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, expected at most ${MOST_BYTES}`);
    return parseUntrustedJson(await Deno.readTextFile(file));
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : shortMessage(error);
    throw new ReportError(`"${file}" cannot be read as a report: ${why}`);
  }
}

function damaged(file: string, { instancePath, message }: ErrorObject): ReportError {
  return new ReportError(
    `"${file}" is a damaged report: ${visibleText(instancePath.slice(0, 120)) || "/"} ${
      message!.slice(0, 100)
    }`,
  );
}

/**
 * The reports that a path means: its own, or where it is a folder without one, those of the folders in it.
 *
 * @returns paths for {@linkcode readReport}, in the order of their names; values by their value
 */
export async function reportsIn(path: string): Promise<string[]> {
  if (!await isFolder(path) || await isFile(join(path, "report.json"))) return [path];
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => join(path, name));
  const kept = await Promise.all(names.map((name) => isFile(join(name, "report.json"))));
  const found = names.filter((_, i) => kept[i])
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  // Where there is none at all, reading the folder itself says so.
  return found.length > 0 ? found : [path];
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}
