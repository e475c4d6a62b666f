/**
 * Processes that the bench starts: Deno itself, with the permissions of a trial.
 * @module
 */
import { fileURLToPath } from "node:url";

const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A script of the bench in a process of its own, with no network and no right to start programs. */
export function childCommand(
  script: URL,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  // By its name, which is what the permission to run it is for.
  return new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check", "--config", config],
      ...["--permission-set=trial", fileURLToPath(script), ...args],
    ],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Deno's own warnings about packages are nobody's message. */
export function isDenoWarning(line: string): boolean {
  return /^(Warning|╭|│|├|╰)/.test(line);
}

/** Lines of a stream of bytes, the last one without its end too. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
