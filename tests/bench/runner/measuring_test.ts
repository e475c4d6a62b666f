/** Clock, statistics, memory, environment. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { pinnedPackages, readEnvironment } from "../../../bench/results/environment.ts";
import { readGitCommit } from "../../../bench/results/git_commit.ts";
import { PeakMemory } from "../../../bench/runner/measuring/peak_memory.ts";
import { summarizeTimes } from "../../../bench/runner/measuring/times.ts";
import { StepClock, withoutWarmup } from "../../../bench/runner/measuring/step_clock.ts";
import { pathToFileURL } from "node:url";

Deno.test("times are summed up by median, 95th percentile and mean", () => {
  const times = Array.from({ length: 100 }, (_, i) => 100 - i);
  const summary = summarizeTimes(times)!;
  assertEquals([summary.median, summary.mean, summary.count], [50.5, 50.5, 100]);
  assertAlmostEquals(summary.p95, 95, 1);
  assertEquals(times[0], 100, "not sorted in place");
  assertEquals(summarizeTimes([]), null);
});

Deno.test("the clock takes each step's time and tells of it", () => {
  let now = 0;
  let told = 0;
  const clock = new StepClock({ now: () => now, onStep: () => told++ });
  clock.start();
  now = 7;
  assertEquals(clock.stop(), 7);
  clock.start();
  now = 10;
  clock.start(); // The step before failed and is forgotten.
  now = 15;
  clock.stop();
  assertEquals([...clock.milliseconds], [7, 5]);
  assertEquals(told, 2);
  assertThrows(() => clock.stop(), Error, "no step was started");
  assertThrows(() => clock.record(-1), RangeError, "-1");
});

Deno.test("the clock takes the time of preparing each batch, beside the step's", () => {
  let now = 0;
  const clock = new StepClock({ now: () => now });
  clock.prepare();
  now = 3;
  clock.start();
  now = 10;
  clock.stop();
  now = 11; // Somebody else's millisecond.
  clock.prepare(0.5);
  now = 13;
  clock.start();
  now = 20;
  clock.stop();
  assertEquals([...clock.inputMilliseconds], [3, 2.5]);
  assertEquals([...clock.milliseconds], [7, 7]);
});

Deno.test("the clock tells the engine's share of a step from the framework's", () => {
  let now = 0;
  let engine = { compileMs: 0, runMs: 0 };
  const clock = new StepClock({ now: () => now });
  clock.engine = () => engine;
  clock.start();
  [now, engine] = [10, { compileMs: 3, runMs: 6 }];
  clock.stop();
  clock.start();
  [now, engine] = [15, { compileMs: 3, runMs: 10.5 }];
  clock.stop();
  assertEquals([...clock.frameworkMilliseconds], [1, 0.5]);
});

Deno.test("the first steps of each process of a training are told from the others", () => {
  const clock = new StepClock();
  for (const milliseconds of [90, 1, 2]) clock.record(milliseconds);
  const resumed = new StepClock();
  resumed.resume(clock.times);
  for (const milliseconds of [80, 3]) resumed.record(milliseconds);
  const again = new StepClock();
  again.resume(resumed.times);
  again.record(70);
  const { times } = again;
  assertEquals(times.beginnings, [0, 3, 5]);
  const split = (warmup: number) => withoutWarmup(times.stepMilliseconds, times, warmup);
  assertEquals(split(1), { rest: [1, 2, 3], first: [90, 80, 70] });
  assertEquals(split(2), { rest: [2], first: [90, 1, 80, 3, 70] });
  assertEquals(split(0).first, []);
  assertEquals(withoutWarmup([], times, 3), { rest: [], first: [] });
});

Deno.test("peak memory is the highest sample, in MiB", () => {
  const readings = [3, 9, 4, 1].map((mebibytes) => mebibytes * 2 ** 20);
  using watch = new PeakMemory(() => readings.shift() ?? 0);
  watch.sample();
  watch.sample();
  assertEquals(watch.peakMiB, 9);
});

Deno.test("the environment names machine, Deno and pinned packages", async () => {
  const environment = await readEnvironment();
  assertEquals(environment.deno, Deno.version.deno);
  assertEquals(environment.packages["onnxruntime-node"], "1.30.0");
  assert(environment.cores! >= 1);
  const root = new URL("../../../", import.meta.url);
  assertEquals(environment.gitCommit, await readGitCommit(root), "the project's own commit");
  assert(!Number.isNaN(Date.parse(environment.date)));
  assertEquals(
    pinnedPackages({ a: "npm:@scope/a@1.2.3/sub.js", b: "npm:b@4", c: "jsr:@std/assert@1" }),
    { "@scope/a": "1.2.3", b: "4" },
  );
});

Deno.test("the commit is read from a branch, packed refs, a detached head, or is unknown", async () => {
  const folder = await Deno.makeTempDir();
  const root = pathToFileURL(`${folder}/`);
  const [loose, packed] = ["a".repeat(40), "b".repeat(40)];
  try {
    assertEquals(await readGitCommit(root), null);
    await Deno.mkdir(`${folder}/.git/refs/heads`, { recursive: true });
    await Deno.writeTextFile(`${folder}/.git/HEAD`, "ref: refs/heads/main\n");
    assertEquals(await readGitCommit(root), null);
    await Deno.writeTextFile(`${folder}/.git/packed-refs`, `# pack\n${packed} refs/heads/main\n`);
    assertEquals(await readGitCommit(root), packed);
    await Deno.writeTextFile(`${folder}/.git/refs/heads/main`, `${loose}\n`);
    assertEquals(await readGitCommit(root), loose);
    await Deno.writeTextFile(`${folder}/.git/HEAD`, `${packed}\n`);
    assertEquals(await readGitCommit(root), packed);
    await Deno.writeTextFile(`${folder}/.git/HEAD`, "ref: refs/heads/mend#3\n");
    await Deno.writeTextFile(`${folder}/.git/refs/heads/mend#3`, `${loose}\n`);
    assertEquals(await readGitCommit(root), loose);
    const worktree = `${folder}/.git/worktrees/other`;
    await Deno.mkdir(worktree, { recursive: true });
    await Deno.writeTextFile(`${worktree}/HEAD`, "ref: refs/heads/main\n");
    await Deno.writeTextFile(`${worktree}/commondir`, "../..\n");
    await Deno.mkdir(`${folder}/other`);
    for (const gitdir of [worktree, "../.git/worktrees/other"]) {
      await Deno.writeTextFile(`${folder}/other/.git`, `gitdir: ${gitdir}\n`);
      assertEquals(await readGitCommit(pathToFileURL(`${folder}/other/`)), loose);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
