/**
 * `deno task fuzz [--seconds N] [--seed S] [--target T] [--case K]`: damages files, reports and command lines, and watches what becomes
 * of them. Each target runs in a process of its own that may write into one folder only; one that hangs or dies is a fault too.
 */
import { fileURLToPath } from "node:url";
import { linesOf } from "../../bench/runner/processes/child.ts";
import { targetNames } from "./targets/mod.ts";
import { type CaseEvent, EVENT } from "./case_event.ts";
import { NO_LINKER_VARIABLES } from "../../onnx/runtime/linker_variables.ts";
import { taskFlags } from "../task_flags.ts";

/** Seconds after which a case is taken for hung. */
const HUNG = 30;

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Tally {
  taken: number;
  refused: number;
  faults: { number: number; why: string }[];
}

async function main(): Promise<number> {
  const { seed, seconds, only, names: targets } = taskFlags("target", targetNames, 60);
  console.log(`seed ${seed}, ${seconds} s, targets: ${targets.join(", ")}`);
  const end = performance.now() + seconds * 1000;
  let faults = 0;
  let cases = 0;
  for (const [i, name] of targets.entries()) {
    const left = (end - performance.now()) / 1000;
    const share = only === null ? Math.max(1, left / (targets.length - i)) : Infinity;
    const tally = await runTarget(name, seed, share, only);
    const count = tally.taken + tally.refused + tally.faults.length;
    cases += count;
    faults += tally.faults.length;
    console.log(
      `${name}: ${count} cases, ${tally.taken} taken, ${tally.refused} refused, ${tally.faults.length} faults`,
    );
    for (const { number, why } of tally.faults) {
      console.log(
        `  FAULT ${why}\n    deno task fuzz --seed ${seed} --target ${name} --case ${number}`,
      );
    }
  }
  console.log(`${cases} cases, ${faults} faults (seed ${seed})`);
  return faults === 0 ? 0 : 1;
}

/** Runs cases until the time is over; after a case that hung or died it goes on with the next. */
async function runTarget(
  name: string,
  seed: number,
  seconds: number,
  only: number | null,
): Promise<Tally> {
  const tally: Tally = { taken: 0, refused: 0, faults: [] };
  const end = performance.now() + seconds * 1000;
  for (let first = only ?? 1;;) {
    const left = (end - performance.now()) / 1000;
    if (left <= 0 || tally.faults.length >= MOST_FAULTS) return tally;
    const died = await runProcess(name, seed, first, only ?? 1e9, Math.min(left, 1e6), tally);
    if (died === null || only !== null) return tally;
    first = died + 1;
  }
}

/** Of a target with more faults the rest is not looked for. */
const MOST_FAULTS = 12;

/** @returns the case at which the process hung or died; null where it came to its end */
async function runProcess(
  name: string,
  seed: number,
  first: number,
  last: number,
  seconds: number,
  tally: Tally,
): Promise<number | null> {
  const work = "node_modules/.tandem";
  await Deno.mkdir(`${root}${work}`, { recursive: true });
  const folder = `${work}/fuzz-${crypto.randomUUID().slice(0, 8)}`;
  await Deno.mkdir(`${root}${folder}`);
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check", `--config=${root}deno.json`],
      ...["--allow-read=.", `--allow-write=${folder}`, "--allow-ffi=node_modules"],
      ...["--allow-sys", "--allow-env", "--v8-flags=--max-old-space-size=2048"],
      fileURLToPath(new URL("./case_process.ts", import.meta.url)),
      ...[name, folder, seed, first, last, seconds].map(String),
    ],
    cwd: root,
    env: { ...NO_LINKER_VARIABLES, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let current = first;
  let hung = false;
  const kill = () => {
    hung = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(kill, (HUNG + 30) * 1000);
  const errors = new Response(child.stderr).text();
  let isOpen = true;
  for await (const line of linesOf(child.stdout)) {
    // What is read may print too.
    if (!line.startsWith(EVENT)) continue;
    const event = JSON.parse(line.slice(EVENT.length)) as CaseEvent;
    clearTimeout(timer);
    timer = setTimeout(kill, HUNG * 1000);
    if ("start" in event) {
      current = event.start;
      isOpen = true;
      continue;
    }
    isOpen = false;
    if (event.outcome === "fault") {
      tally.faults.push({ number: event.end, why: event.why! });
      if (tally.faults.length >= MOST_FAULTS) child.kill("SIGKILL");
    } else tally[event.outcome]++;
  }
  clearTimeout(timer);
  const { code, signal } = await child.status;
  await Deno.remove(`${root}${folder}`, { recursive: true });
  if (code === 0) return null;
  if (tally.faults.length >= MOST_FAULTS) return null;
  const last3 = (await errors).trim().split("\n").slice(-3).join(" / ");
  const how = hung
    ? `hung for more than ${HUNG} s`
    : `the process died (${signal ?? code}): ${last3}`;
  tally.faults.push({ number: current, why: isOpen ? how : `after the case ${how}` });
  return current;
}

if (import.meta.main) Deno.exitCode = await main();
