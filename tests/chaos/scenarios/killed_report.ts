/** `bench report` is killed while it writes, and run again. */
import type { Random } from "../../../fixtures/random.ts";
import { expect, namesBelow } from "../../fuzz/target.ts";
import {
  checkPlanted,
  checkTidy,
  checkWhole,
  plantFiles,
  randomKill,
  runProgram,
} from "../world.ts";
import { unbrokenRun } from "./bench_run.ts";

interface Pages {
  readonly files: ReadonlyMap<string, string>;
  readonly milliseconds: number;
}

let unbroken: Promise<Pages> | undefined;

async function readAll(out: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of namesBelow(out)) {
    const path = `${out}/${name}`;
    if ((await Deno.stat(path)).isFile) files.set(name, String(await Deno.readFile(path)));
  }
  return files;
}

export async function killedReport(
  folder: string,
  shared: string,
  random: Random,
): Promise<string> {
  const { out: source } = await unbrokenRun(shared);
  const temporary = `${folder}/temporary`;
  await Deno.mkdir(temporary);
  const write = (
    out: string,
    preload: readonly string[] = [],
    kill?: ReturnType<typeof randomKill>,
  ) =>
    runProgram(
      "bench/main.ts",
      ["report", `${source}/report.json`, "--out", out, "--junit", `${out}/junit.xml`],
      { preload, temporary },
      kill,
    );
  const whole = await (unbroken ??= (async () => {
    const out = `${shared}/pages`;
    const { code, stderr, milliseconds } = await write(out);
    expect(code === 0, `bench report ends with ${code}: ${stderr.slice(-300)}`);
    return { files: await readAll(out), milliseconds };
  })());
  const out = `${folder}/out`;
  await plantFiles(out);
  const preload = random.below(2) === 0 ? ["slow_disk"] : [];
  const kill = randomKill(random, whole.milliseconds * (preload.length > 0 ? 2 : 1.1));
  const story = `${kill.signal} after ${Math.round(kill.after)} ms${
    preload.length ? `, ${preload}` : ""
  }`;
  await write(out, preload, kill);
  await checkPlanted(out);
  await checkWhole(out);
  const last = await write(out);
  expect(last.code === 0, `${story}: at its end ${last.code}: ${last.stderr.slice(-300)}`);
  const files = await readAll(out);
  for (const [name, content] of whole.files) {
    expect(
      files.get(name) === content,
      `${story}: ${name} is ${files.has(name) ? "another" : "missing"}`,
    );
  }
  await checkPlanted(out);
  checkTidy(out, temporary);
  return story;
}
