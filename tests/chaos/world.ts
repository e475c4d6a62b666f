/** What the scenarios share: programs that are started and killed, folders with files of the user's, what must hold afterwards. */
import { fileURLToPath } from "node:url";
import type { Random } from "../../fixtures/random.ts";
import { expect, Fault, namesBelow } from "../fuzz/target.ts";
import { NO_LINKER_VARIABLES } from "../../onnx/runtime/linker_variables.ts";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a program is started. */
export interface ProgramOptions {
  /** Names of modules in `preloaded/`. */
  readonly preload?: readonly string[];
  /** What it may do; what the bench may unless given. */
  readonly permissions?: readonly string[];
  /** Where it makes temporary files. */
  readonly temporary: string;
}

/** What became of a program. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** A kill: after so many milliseconds, by a signal. */
export interface Kill {
  readonly after: number;
  readonly signal: Deno.Signal;
}

/** A program that may be killed on its way. */
export async function runProgram(
  script: string,
  args: readonly string[],
  { preload = [], permissions = ["--permission-set=bench"], temporary }: ProgramOptions,
  kill?: Kill,
): Promise<Ended> {
  const preloaded = preload.map((name) => `--preload=${root}tests/chaos/preloaded/${name}.ts`);
  const started = performance.now();
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-check", `--config=${root}deno.json`, ...preloaded],
      ...[...permissions, `${root}${script}`, ...args],
    ],
    cwd: root,
    env: { ...NO_LINKER_VARIABLES, NO_COLOR: "1", TMPDIR: temporary },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timers: ReturnType<typeof setTimeout>[] = [];
  if (kill) {
    timers.push(setTimeout(() => {
      try {
        child.kill(kill.signal);
      } catch {
        // It has ended before.
      }
    }, kill.after));
  }
  // Whatever happens, nothing of a case outlives it.
  timers.push(setTimeout(() => child.kill("SIGKILL"), LONGEST));
  const { code, signal, stdout, stderr } = await child.output();
  for (const timer of timers) clearTimeout(timer);
  const milliseconds = performance.now() - started;
  expect(milliseconds < LONGEST, `${script} did not end within ${LONGEST / 1000} s`);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const said = text(stderr).split("\n").filter((line) => !line.startsWith("Warning")).join("\n");
  return { code, signal, stdout: text(stdout), stderr: said, milliseconds };
}

/** How long a program may take, in milliseconds. */
const LONGEST = 240_000;

/** A moment in a span, and one of the signals that end programs. */
export function randomKill(random: Random, span: number): Kill {
  const signals = ["SIGKILL", "SIGKILL", "SIGTERM", "SIGINT"] as const;
  return { after: random.next() * span, signal: signals[random.below(signals.length)] };
}

/** Files that a user has where a report goes. */
const USERS: Readonly<Record<string, string>> = {
  "notes.txt": "my notes",
  "charts/mine.svg": "<svg/>",
  "unfinished/thesis/chapter1.txt": "draft",
  "report.json.bak": "{}",
};

/** Puts files of the user's into a folder. */
export async function plantFiles(folder: string): Promise<void> {
  for (const [name, text] of Object.entries(USERS)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}

/** They are there, and unchanged. */
export async function checkPlanted(folder: string): Promise<void> {
  for (const [name, text] of Object.entries(USERS)) {
    const found = await Deno.readTextFile(`${folder}/${name}`).catch(() => null);
    expect(found === text, `the user's ${name} is ${found === null ? "gone" : "changed"}`);
  }
}

/** After a program has come to its end nothing of the killed ones is left. */
export function checkTidy(folder: string, temporary: string): void {
  const left = namesBelow(folder).filter((name) =>
    /\.part(-\w+)?$|(^|\/)\.tandem-|^unfinished\/(?!thesis|$)|\/temporary\/$|\.lock$/.test(name)
  );
  expect(left.length === 0, `left behind: ${left.join(", ")}`);
  const others = namesBelow(temporary);
  expect(others.length === 0, `left among the temporary files: ${others.slice(0, 5).join(", ")}`);
}

/** Every JSON file is whole, however its writer ended. */
export async function checkWhole(folder: string): Promise<void> {
  for (const name of namesBelow(folder).filter((one) => one.endsWith(".json"))) {
    const text = await Deno.readTextFile(`${folder}/${name}`).catch(() => "null");
    try {
      JSON.parse(text);
    } catch {
      throw new Fault(`${name} is half-written`);
    }
  }
}
