/** A run whose disk gets full: the figures are printed all the same, and with room again it comes to its end. */
import type { Random } from "../../../fixtures/random.ts";
import { expect } from "../../fuzz/target.ts";
import { checkPlanted, checkTidy, checkWhole, plantFiles } from "../world.ts";
import { benchRun, unbrokenRun, valuesText } from "./bench_run.ts";

async function mount(args: readonly string[], command = "mount"): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Whether small disks can be made here: that takes root on Linux. */
export async function canMount(folder: string): Promise<boolean> {
  await Deno.mkdir(`${folder}/disk`, { recursive: true });
  if (!await mount(["-t", "tmpfs", "-o", "size=64k", "tmpfs", `${folder}/disk`])) return false;
  return await mount([`${folder}/disk`], "umount");
}

export async function fullDisk(folder: string, shared: string, random: Random): Promise<string> {
  const { values } = await unbrokenRun(shared);
  const [disk, temporary] = [`${folder}/disk`, `${folder}/temporary`];
  await Deno.mkdir(disk);
  await Deno.mkdir(temporary);
  const kilobytes = 40 + random.below(4_000);
  const mounted = await mount(["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", disk]);
  expect(mounted, "a small disk cannot be made");
  try {
    const out = `${disk}/out`;
    await plantFiles(out);
    const story = `${kilobytes} kB`;
    const run = await benchRun(out, temporary);
    expect(
      [0, 1, 2].includes(run.code),
      `${story}: exit code ${run.code}: ${run.stderr.slice(-300)}`,
    );
    // Refused before any work where not even the lock fits, else with all its figures on standard output.
    if (run.code === 2) {
      expect(kilobytes < 100, `${story}: refused: ${run.stderr.slice(-300)}`);
    } else {expect(
        valuesText(run.stdout) === values,
        `${story}: other numbers: ${run.stderr.slice(-300)}`,
      );}
    expect(!/\n\s+at /.test(run.stderr), `${story}: a stack: ${run.stderr.slice(-300)}`);
    await checkPlanted(out);
    await checkWhole(out);
    expect(await mount(["-o", "remount,size=64m", disk]), "the disk cannot be made larger");
    const last = await benchRun(out, temporary);
    expect(last.code === 0, `${story}: with room ${last.code}: ${last.stderr.slice(-400)}`);
    expect(valuesText(last.stdout) === values, `${story}: other numbers with room`);
    await checkPlanted(out);
    checkTidy(out, temporary);
    return `${story}: ${run.code}${run.code === 0 ? "" : ` ${run.stderr.trim().slice(0, 200)}`}`;
  } finally {
    await mount([disk], "umount");
  }
}
