/**
 * `deno task chaos [--seconds N] [--seed S] [--scenario NAME] [--case K]`: programs that are killed at random moments, disks that get full or
 * are slow, clocks that jump. Afterwards the numbers are those of an unbroken run, no file of the user's is lost, nothing
 * half-written and nothing temporary is left.
 */
import { createRandom, type Random } from "../../fixtures/random.ts";
import { canMount, fullDisk } from "./scenarios/full_disk.ts";
import { killedReport } from "./scenarios/killed_report.ts";
import { killedRun } from "./scenarios/killed_run.ts";
import { killedSaving } from "./scenarios/killed_saving.ts";
import { taskFlags } from "../task_flags.ts";
import { root } from "./world.ts";

/** A scenario gets a folder of its own and one that all cases share, and tells what happened. */
type Scenario = (folder: string, shared: string, random: Random) => Promise<string>;

const scenarios: Readonly<Record<string, Scenario>> = {
  "killed-saving": killedSaving,
  "killed-run": killedRun,
  "killed-report": killedReport,
  "full-disk": fullDisk,
};

async function main(): Promise<number> {
  const flags = taskFlags("scenario", Object.keys(scenarios), 120);
  const { seed, seconds, only } = flags;
  const work = `${root}node_modules/.tandem/chaos-${crypto.randomUUID().slice(0, 8)}`;
  await Deno.mkdir(`${work}/shared`, { recursive: true });
  try {
    let { names } = flags;
    if (names.includes("full-disk") && !await canMount(work)) {
      console.log("full-disk is left out: small disks cannot be mounted here (that takes root)");
      names = names.filter((name) => name !== "full-disk");
    }
    console.log(`seed ${seed}, ${seconds} s: ${names.join(", ")}`);
    return await runCases(work, names, seed, seconds, only);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function runCases(
  work: string,
  names: readonly string[],
  seed: number,
  seconds: number,
  only: number | null,
): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const tally = new Map<string, number>();
  let faults = 0;
  for (let number = only ?? 1; performance.now() < end; number++) {
    // Which scenario a case is follows from its number alone.
    const all = Object.keys(scenarios);
    const name = all[number % all.length];
    if (!names.includes(name)) {
      if (only !== null) break;
      continue;
    }
    const folder = `${work}/case-${number}`;
    await Deno.mkdir(folder);
    try {
      const story = await scenarios[name](folder, `${work}/shared`, createRandom(seed, number));
      console.log(`${number} ${name}: ${story}`);
    } catch (error) {
      faults++;
      console.log(`${number} ${name}: FAULT ${error instanceof Error ? error.message : error}`);
      console.log(`    deno task chaos --seed ${seed} --case ${number}`);
    }
    tally.set(name, (tally.get(name) ?? 0) + 1);
    await Deno.remove(folder, { recursive: true });
    if (only !== null) break;
  }
  const counts = [...tally].map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`${counts}: ${faults} faults (seed ${seed})`);
  return faults === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main();
