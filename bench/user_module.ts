/**
 * Modules of a user's own (`--model ./mine.ts`, `--recipe ./mine.ts`): loaded, and their errors placed in their file.
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { shortMessage, visibleText } from "../onnx/mod.ts";

/** Something that a user wrote cannot be used; the message is one line that names the file and, where known, the line. */
export class UserModuleError extends Error {
  override name = "UserModuleError";
}

/** Whether a flag's value is a file, not the name of something that the bench brings along. */
export function isModuleFile(text: string): boolean {
  return /[\\/]|\.(m?[tj]s|json)$/.test(text);
}

/**
 * Imports a user's module.
 *
 * @param flag such as `--model`, for messages
 * @throws {UserModuleError} naming the file, and the line where it says so
 */
export async function importUserModule(
  flag: string,
  path: string,
): Promise<Record<string, unknown>> {
  await requireFile(flag, path);
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw userError(flag, path, error);
  }
}

/** An error as the user's: `--model: ./mine.ts:12:9: why`. */
export function userError(flag: string, path: string, error: unknown): UserModuleError {
  if (error instanceof UserModuleError) return error;
  const text = error instanceof Error ? error.message || error.name : String(error);
  const line = placeIn(path, error);
  // What does not parse says its place in its message.
  const why = shortMessage(text.split("\n")[0].replace(/ at file:\/\/\S+$/, ""));
  return new UserModuleError(`${flag}: ${path}${line ? `:${line}` : ""}: ${why}`, { cause: error });
}

/** The path of a field in a user's file, as a message shows it. */
export function shownPath(path: string): string {
  const shown = visibleText(path.slice(0, 120));
  return path.length <= 100 ? shown : `${shown.slice(0, 97)}...`;
}

/** An error in a line, placed in a file, where its stack passes through that file; else null. */
export function placedIn(flag: string, path: string, error: unknown): string | null {
  if (error instanceof UserModuleError) return error.message;
  return placeIn(path, error) === null ? null : userError(flag, path, error).message;
}

/** `line:column` of the innermost frame of a stack that lies in a file. */
function placeIn(path: string, error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const url = pathToFileURL(resolve(path)).href;
  const text = `${error.stack ?? ""}\n${error.message}`;
  const start = text.indexOf(`${url}:`);
  if (start < 0) return null;
  return /^\d+(:\d+)?/.exec(text.slice(start + url.length + 1))?.[0] ?? null;
}

async function requireFile(flag: string, path: string): Promise<void> {
  try {
    if ((await Deno.stat(path)).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserModuleError(`${flag}: there is no file "${path}"`);
  }
  throw new UserModuleError(`${flag}: "${path}" is no file`);
}
