/**
 * The programs that the set-up runs.
 * @module
 */
import { SetupError } from "./setup_error.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

/** What a program is for, in messages. */
export interface Program {
  readonly name: string;
  /** Such as "compiles the addon". */
  readonly purpose: string;
  /** How to get it. */
  readonly remedy: string;
}

/** Options of {@linkcode runProgram}. */
export interface RunProgramOptions {
  readonly cwd?: string;
  /** Shows what the program prints; else it is kept for the message of a failure. */
  readonly shown?: boolean;
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to its standard output, unless that was shown
 * @throws {SetupError} if it is missing, may not be run, or fails; with the last lines it printed
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  { cwd, shown = false }: RunProgramOptions = {},
): Promise<string> {
  const stream = shown ? "inherit" : "piped";
  const command = new Deno.Command(program.name, {
    args: [...args],
    cwd,
    env: NO_LINKER_VARIABLES,
    stdin: "null",
    stdout: stream,
    stderr: stream,
  });
  const child = start(program, command);
  const { success, code, signal, stdout, stderr } = await outputOf(child, shown);
  if (success) return stdout;
  const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const printed = lastLines(`${stdout}\n${stderr}`, 12);
  throw new SetupError(`${program.name} failed with ${end}${printed && `:\n${printed}`}`);
}

/** The first of some programs that is there, as `--version` tells. @throws {SetupError} if none is */
export async function firstAvailable(programs: readonly Program[]): Promise<Program> {
  for (const program of programs) {
    try {
      await runProgram(program, ["--version"]);
      return program;
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
    }
  }
  const [{ purpose, remedy }] = programs;
  const names = programs.map(({ name }) => name).join(", ");
  throw new SetupError(`none of ${names} can be run: one of them ${purpose}. ${remedy}`);
}

function start({ name, purpose, remedy }: Program, command: Deno.Command): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new SetupError(`${name} was not found: it ${purpose}. ${remedy}`);
    }
    // Deno drops names that it does not find from the list of those that may be run.
    if (error instanceof Deno.errors.NotCapable) {
      throw new SetupError(
        `${name} was not found, or is not among the programs that deno.json lets this task run: it ` +
          `${purpose}. ${remedy}`,
      );
    }
    throw error;
  }
}

async function outputOf(child: Deno.ChildProcess, shown: boolean) {
  if (shown) return { ...await child.status, stdout: "", stderr: "" };
  const output = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const { success, code, signal } = output;
  return { success, code, signal, stdout: text(output.stdout), stderr: text(output.stderr) };
}

function lastLines(text: string, count: number): string {
  return text.split("\n").filter((line) => line.trim() !== "").slice(-count).join("\n");
}
