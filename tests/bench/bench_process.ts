/** The command as a user runs it, in a process of its own. */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The bench with arguments, started in the project's folder unless told otherwise. */
export function command(args: string[], cwd = root): Deno.Command {
  const config = `--config=${root}deno.json`;
  return new Deno.Command("deno", {
    args: ["run", config, "--permission-set=bench", "--no-check", `${root}bench/main.ts`, ...args],
    cwd,
    env: { NO_COLOR: "1" },
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
