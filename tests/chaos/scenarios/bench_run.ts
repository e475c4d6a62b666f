/** Runs of the bench: how they are started, and what an unbroken one gives. */
import { valuesOf } from "../../bench/results/report_values.ts";
import { expect } from "../../fuzz/target.ts";
import { runProgram } from "../world.ts";
import type { Ended, Kill } from "../world.ts";

const ARGUMENTS = [
  ...["--dataset", "shapes10", "--limit", "100", "--epochs", "3", "--warmup", "0"],
  ...["--styles", "torch,keras", "--quiet", "--json"],
];

/** A run into a folder. */
export function benchRun(
  out: string,
  temporary: string,
  preload: readonly string[] = [],
  kill?: Kill,
): Promise<Ended> {
  return runProgram("bench/main.ts", [...ARGUMENTS, "--out", out], { preload, temporary }, kill);
}

/** What an unbroken run printed, and how long it took. */
export interface Unbroken {
  readonly values: string;
  readonly milliseconds: number;
  /** The folder with its report. */
  readonly out: string;
}

let unbroken: Promise<Unbroken> | undefined;

/** An unbroken run, made once. */
export function unbrokenRun(folder: string): Promise<Unbroken> {
  return unbroken ??= (async () => {
    const [out, temporary] = [`${folder}/unbroken`, `${folder}/unbroken-temporary`];
    await Deno.mkdir(temporary, { recursive: true });
    const { code, stdout, stderr, milliseconds } = await benchRun(out, temporary);
    expect(code === 0, `an unbroken run ends with ${code}: ${stderr.slice(-300)}`);
    return { values: valuesText(stdout), milliseconds, out };
  })();
}

/** The values that a run printed. */
export function valuesText(stdout: string): string {
  return JSON.stringify(valuesOf(JSON.parse(stdout)));
}
