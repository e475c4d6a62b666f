/**
 * Processes that the bench starts: Deno itself, with the permissions of a trial.
 * @module
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TELEMETRY_OFF } from "../../../onnx/runtime/telemetry.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
const project = dirname(config);

/** What a process of the bench's is given beside its script. */
export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files and folders that it may read, beside the project itself. */
  readonly read?: readonly string[];
  /** Folders that it may write into; none unless given. */
  readonly write?: readonly string[];
  /**
   * Whether it may use any native code, as programs need that are to run without copies of their results; no unless given. Only for
   * the project's own code: a user's could get round all other permissions.
   */
  readonly usesNativeCode?: boolean;
  /** Whether libtensorflow computes, whose package looks at the environment and the machine. */
  readonly usesTensorflow?: boolean;
}

/**
 * A script of the bench in a process of its own: with no network and no right to start programs, and files only as far
 * as they are named. Native code may come from the project's node_modules only: it could do anything.
 */
export function childCommand(script: URL, options: ChildOptions = {}): Deno.Command {
  const { args = [], env = {}, read = [], write = [] } = options;
  const more = [
    ...options.usesTensorflow ? ["--allow-env", "--allow-sys"] : [],
    ...options.usesNativeCode ? ["--allow-ffi"] : [],
  ];
  const files = [...allow("read", [project, ...read, ...write]), ...allow("write", write)];
  // By its name, which is what the permission to run it is for.
  return new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check", "--config", config],
      ...["--permission-set=trial", ...files, ...more, fileURLToPath(script), ...args],
    ],
    env: { ...NO_LINKER_VARIABLES, NO_COLOR: "1", [TELEMETRY_OFF]: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

function allow(what: "read" | "write", paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  return [`--allow-${what}=${paths.map((path) => nameable(resolve(path))).join()}`];
}

/** Commas part Deno's paths, and it has no way to write one in a path: the folder around it is allowed then. */
function nameable(path: string): string {
  return path.includes(",") ? nameable(dirname(path)) : path;
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
