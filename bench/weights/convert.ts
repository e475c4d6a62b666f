/**
 * Starts the process that converts weights, or only looks whether a network can be made and they fit: a user's file of a model
 * is code, and runs with the permissions of a trial.
 * @module
 */
import { dirname } from "node:path";
import { childCommand, isDenoWarning } from "../runner/processes/child.ts";
import { moduleFolders } from "../runner/processes/user_file.ts";
import { isModuleFile } from "../user_module.ts";
import type { ConvertRequest } from "./convert_process.ts";
import { WeightsError } from "./weights_error.ts";

/**
 * @returns a line that says what was written
 * @throws {WeightsError} saying in one line what does not fit
 */
export async function convertFile(request: ConvertRequest): Promise<string> {
  const { model, from, out } = request;
  const modules = isModuleFile(model) ? await moduleFolders(model) : [];
  const child = childCommand(new URL("./convert_process.ts", import.meta.url), {
    args: [JSON.stringify(request)],
    read: [...from === null ? [] : [from], ...modules],
    // A file is written beside its place, then moved.
    write: out === null ? [] : [dirname(out)],
  }).spawn();
  await child.stdin.close();
  const { stdout, stderr, success } = await child.output();
  const linesOf = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes).split("\n")
      .filter((line) => line.trim() !== "" && !isDenoWarning(line));
  if (!success) throw new WeightsError(linesOf(stderr).at(-1) ?? "its process ended with no word");
  return linesOf(stdout).at(-1)!;
}
