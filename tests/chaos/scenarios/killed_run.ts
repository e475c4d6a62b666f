/** A run of the bench is killed at random moments, up to three times, and then comes to its end. */
import type { Random } from "../../../fixtures/random.ts";
import { expect } from "../../fuzz/target.ts";
import { checkPlanted, checkTidy, checkWhole, plantFiles, randomKill } from "../world.ts";
import { benchRun, unbrokenRun, valuesText } from "./bench_run.ts";

const WAYS = [[], [], ["jumping_clock"], ["slow_disk"], ["jumping_clock", "slow_disk"]];

export async function killedRun(folder: string, shared: string, random: Random): Promise<string> {
  const { values, milliseconds } = await unbrokenRun(shared);
  const [out, temporary] = [`${folder}/out`, `${folder}/temporary`];
  await Deno.mkdir(temporary);
  await plantFiles(out);
  const story: string[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const preload = WAYS[random.below(WAYS.length)];
    const kill = randomKill(random, milliseconds * (preload.includes("slow_disk") ? 1.3 : 1.05));
    const ended = await benchRun(out, temporary, preload, kill);
    story.push(
      `${kill.signal} after ${Math.round(kill.after)} ms${preload.length ? `, ${preload}` : ""}`,
    );
    const isInterrupt = kill.signal === "SIGINT" && ended.signal === null;
    const codes = isInterrupt ? [0, 130] : [0, 1, 130, 137, 143];
    expect(
      codes.includes(ended.code),
      `${story.at(-1)}: exit code ${ended.code}: ${ended.stderr.slice(-300)}`,
    );
    await checkPlanted(out);
    await checkWhole(out);
  }
  const last = await benchRun(out, temporary);
  expect(
    last.code === 0,
    `${story.join("; ")}: at its end ${last.code}: ${last.stderr.slice(-400)}`,
  );
  expect(
    valuesText(last.stdout) === values,
    `${story.join("; ")}: other numbers than an unbroken run`,
  );
  await checkPlanted(out);
  checkTidy(out, temporary);
  return story.join("; ");
}
