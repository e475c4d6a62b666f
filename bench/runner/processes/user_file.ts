/**
 * What is in a user's file, read in a process of its own: a user's code never runs with the permissions of the bench.
 * @module
 */
import { dirname, resolve } from "node:path";
import { childCommand, isDenoWarning } from "./child.ts";
import { hashOf } from "../trials/hash.ts";

/** A user's file cannot be used; the message is one line that names it. */
export class UserFileError extends Error {
  override name = "UserFileError";
}

/** What a file may hold. */
export type UserFileKind = "model" | "recipe" | "ablation";

/** What `user_file_process.ts` prints. */
export type UserFileAnswer = { value: unknown } | { error: string };

/**
 * Reads a user's file.
 *
 * @returns plain data: of a model what is known of it, of a recipe or an ablation itself
 * @throws {UserFileError} if it cannot be used
 */
export async function readUserFile(kind: UserFileKind, path: string): Promise<unknown> {
  const script = new URL("./user_file_process.ts", import.meta.url);
  const read = await moduleFolders(path);
  const child = childCommand(script, { args: [kind, path], read }).spawn();
  await child.stdin.close();
  const { stdout, stderr, code } = await child.output();
  const text = new TextDecoder().decode(stdout).trim();
  const answer = answerOf(text.split("\n").at(-1)!);
  if (answer && "value" in answer) return answer.value;
  const lines = new TextDecoder().decode(stderr).split("\n");
  const last = lines.filter((line) => line.trim() !== "" && !isDenoWarning(line)).at(-1);
  throw new UserFileError(
    answer?.error ??
      `--${kind}: ${path}: its process ended with exit code ${code}${
        last ? `: ${last.trim()}` : ""
      }`,
  );
}

function answerOf(text: string): UserFileAnswer | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A hash of a module's text and of the text of all local modules that it imports. */
export async function hashOfModule(path: string): Promise<string> {
  return hashOf(...(await localModules(path)).values());
}

/** The folders of a module and of all local modules that it imports: what a process that imports it may read. */
export async function moduleFolders(path: string): Promise<string[]> {
  return [...new Set([...(await localModules(path)).keys()].map((file) => dirname(file)))];
}

/** A module and all local modules that it imports, with their text. */
async function localModules(path: string): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  const waiting = [resolve(path)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    const text = await Deno.readTextFile(file).catch(() => "");
    seen.set(file, text);
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*["'](\.\.?\/[^"']+)["']/g)) {
      waiting.push(resolve(file, "..", specifier));
    }
  }
  return seen;
}
