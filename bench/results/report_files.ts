/**
 * Where the reports are written, and how they are read back.
 * @module
 */
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { writeBeside } from "../../onnx/mod.ts";
import { type Report, schemaVersion } from "./report.ts";
import schema from "./report.schema.json" with { type: "json" };

/** The report's folder cannot be used; the message names it and says why. */
export class OutputError extends Error {
  override name = "OutputError";
}

/** A file is no report that can be read; the message names it and says why. */
export class ReportError extends Error {
  override name = "ReportError";
}

/**
 * Makes the folder and proves that it can be written to, before hours of training.
 *
 * @param flag what the folder comes from, for the message
 * @throws {OutputError} if it cannot
 */
export async function prepareFolder(folder: string, flag = "--out"): Promise<void> {
  const probe = join(folder, ".tandem-probe");
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (error) {
    throw new OutputError(`${flag}: cannot write into "${folder}": ${messageOf(error)}`);
  }
}

/** A file to be written. */
export interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/**
 * Writes files, each beside its place and then moved there, so that each is always whole: the last one until the next is.
 *
 * @throws {OutputError} naming the file; those before it are written, and what it was before stays
 */
export async function writeFiles(files: readonly OutputFile[]): Promise<void> {
  for (const { path, content } of files) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    try {
      await Deno.mkdir(dirname(path), { recursive: true });
      await writeBeside(path, bytes);
    } catch (error) {
      throw new OutputError(
        `cannot write "${path}": ${messageOf(error)}; what was there before is unchanged`,
      );
    }
  }
}

/** The text of report.json. */
export function reportText(report: Report): string {
  return JSON.stringify(report, null, 2) + "\n";
}

const validate = new Ajv({ allErrors: false }).compile(schema);

/**
 * Reads a report.json; `path` may also be the folder that it lies in.
 *
 * @throws {ReportError} if there is none, it is damaged, or of another version
 */
export async function readReport(path: string): Promise<Report> {
  const file = await isFolder(path) ? join(path, "report.json") : path;
  let report: unknown;
  try {
    report = JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(error);
    throw new ReportError(`"${file}" cannot be read as a report: ${why}`);
  }
  const version = (report as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== schemaVersion) {
    throw new ReportError(
      typeof version === "number"
        ? `"${file}" is a report of version ${version}, expected version ${schemaVersion}; ` +
          (version < schemaVersion ? "run the bench again" : "use a newer Tandem")
        : `"${file}" is no report: it has no schemaVersion`,
    );
  }
  if (validate(report)) return report as unknown as Report;
  const [{ instancePath, message }] = validate.errors!;
  throw new ReportError(`"${file}" is a damaged report: ${instancePath || "/"} ${message}`);
}

/**
 * The reports that a path means: its own, or where it is a folder without one, those of the folders in it.
 *
 * @returns paths for {@linkcode readReport}, in the order of their names; numbers by their value
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
