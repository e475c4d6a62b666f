/** The command as a user runs it, in a process of its own. */
import { fileURLToPath } from "node:url";
import { NO_LINKER_VARIABLES } from "../../onnx/runtime/linker_variables.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The bench with arguments, started in the project's folder unless told otherwise. */
export function command(args: string[], cwd = root): Deno.Command {
  const config = `--config=${root}deno.json`;
  return new Deno.Command("deno", {
    args: ["run", config, "--permission-set=bench", "--no-check", `${root}bench/main.ts`, ...args],
    cwd,
    env: { ...NO_LINKER_VARIABLES, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs the bench to its end. Deno's own warnings are left out of standard error. */
export async function run(args: string[]) {
  const { code, stdout, stderr } = await command(args).output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stderr).split("\n").filter((line) => !line.startsWith("Warning"));
  return { code, stdout: decoder.decode(stdout), stderr: lines.join("\n").trim() };
}

/**
 * Runs the bench in this process, where a test asks what is said and not what a process may do: starting one takes longer than the
 * rest. What tests start at the same time must not print.
 */
export async function runHere(args: string[]) {
  const printed = { log: "", error: "" };
  const { main } = await import("../../bench/main.ts");
  const { log, error } = console;
  for (const way of ["log", "error"] as const) {
    console[way] = (...parts: unknown[]) => void (printed[way] += `${parts.join(" ")}\n`);
  }
  try {
    const code = await main(args);
    return { code, stdout: printed.log, stderr: printed.error.trim() };
  } finally {
    Object.assign(console, { log, error });
  }
}

/** Waits for a file. */
export async function untilThere(path: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await Deno.stat(path).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} did not appear`);
}

/** Reads until a text is there; what follows is read and thrown away. */
export async function untilPrinted(
  stream: ReadableStream<Uint8Array>,
  text: string,
): Promise<void> {
  const decoder = new TextDecoder();
  let seen = "";
  for await (const chunk of stream.values({ preventCancel: true })) {
    seen += decoder.decode(chunk, { stream: true });
    if (seen.includes(text)) break;
  }
  // Nobody reads on: the pipe must not fill up.
  stream.pipeTo(new WritableStream()).catch(() => {});
}
