/** The grid: order, shards, what an interrupted run left. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cellsOf, parseShard, planCells } from "../../bench/runner/mod.ts";
import { formatLadder, ladderSteps } from "../../bench/results/ablation_steps.ts";
import { rungChanges, rungNames } from "../../bench/experiments/ablation.ts";
import { changeRecipe, loadRecipe } from "../../bench/recipes/mod.ts";
import type { StyleRunner } from "../../bench/styles/style.ts";
import { fakeRun, fakeRunner, fakeRunners } from "./fake_run.ts";
import { inFolder } from "../in_folder.ts";

const ids = (command: Parameters<typeof planCells>[0], seeds: number) =>
  planCells(command, { styles: ["keras", "torch"], seed: 7, seeds }).map(({ id }) => id);

Deno.test("styles take turns from seed to seed", () => {
  assertEquals(ids("run", 3), [
    ...["keras/seed-7", "torch/seed-7"],
    ...["torch/seed-8", "keras/seed-8"],
    ...["keras/seed-9", "torch/seed-9"],
  ]);
});

Deno.test("the ladder has every rung and the Keras variant, the layouts both of every style", () => {
  assertEquals(ids("ladder", 1), [
    "torch/published/seed-7",
    "torch/one-softmax/seed-7",
    "torch/dropout-in-training-only/seed-7",
    "torch/keras-rmsprop/seed-7",
    "torch/keras-initialization/seed-7",
    "torch/keras-input-range/seed-7",
    "keras/seed-7",
  ]);
  assertEquals(ids("layout", 1), [
    "keras/channels-first/seed-7",
    "keras/channels-last/seed-7",
    "torch/channels-first/seed-7",
    "torch/channels-last/seed-7",
  ]);
});

Deno.test("every rung differs from the one before in one thing, the last is the Keras variant's setting", async () => {
  let recipe = await loadRecipe("published");
  for (const name of rungNames.slice(1)) {
    const next = changeRecipe(recipe, rungChanges[name], name);
    const keys = Object.keys(next.torch) as (keyof typeof next.torch)[];
    const changed = keys.filter((key) =>
      JSON.stringify(next.torch[key]) !== JSON.stringify(recipe.torch[key])
    );
    assertEquals(changed.length, 1, `rung ${name}: ${changed}`);
    recipe = next;
  }
  assertEquals(recipe.torch, {
    optimizer: { name: "RMSprop", lr: 0.001, alpha: 0.9, momentum: 0, eps: 1e-7, weightDecay: 0 },
    softmaxBeforeLoss: false,
    dropoutAtEvaluation: false,
    initialization: "keras",
    inputRange: [0, 1],
  });
});

Deno.test("shards have every cell once", () => {
  const plan = planCells("run", { styles: ["keras", "torch"], seed: 1, seeds: 4 });
  const shards = [1, 2, 3].map((index) => cellsOf(plan, { index, count: 3 }));
  assertEquals(shards.map((cells) => cells.length), [3, 3, 2]);
  assertEquals(new Set(shards.flat().map(({ id }) => id)).size, plan.length);
  assertEquals(cellsOf(plan, null), plan);
  assertEquals(parseShard("2/3"), { index: 2, count: 3 });
  for (const wrong of ["0/3", "4/3", "1", "a/b", "1/3/4", "-1/3", "1/99999"]) {
    assertEquals(parseShard(wrong), undefined, wrong);
  }
});

Deno.test("the ladder's table has each rung's change", async () => {
  let accuracy = 0.5;
  const climbing: StyleRunner = async (context) => {
    await fakeRunner(context);
    context.outcome.testAccuracy = accuracy += 0.02;
  };
  const report = await fakeRun(
    {},
    { runners: fakeRunners({ torch: climbing, keras: climbing }) },
    "ladder",
  );
  const steps = ladderSteps(report);
  assertEquals(steps.length, 7);
  assertEquals(steps[0].change, null);
  assert(steps.slice(1).every(({ change }) => Math.abs(change!.value - 0.02) < 1e-12));
  assertStringIncludes(formatLadder(report), "+2.00");
});

/** A runner with a state of one number a finished epoch, which stops the run after some epochs. */
function stopping(
  after: number,
  controller: AbortController | null,
  seen: number[][],
): StyleRunner {
  return async ({ checkpoint, recipe, trial, outcome, progress, clock }) => {
    let state: number[] = [];
    const file = (folder: string) => `${folder}/state.json`;
    const done = await checkpoint.restore(async (folder) => {
      state = JSON.parse(await Deno.readTextFile(file(folder)));
    });
    for (let epoch = done + 1; epoch <= recipe.epochs; epoch++) {
      progress.epochStart(epoch, 1);
      clock.record(epoch);
      state.push(epoch * trial.seed);
      progress.epochEnd({ loss: epoch, accuracy: 0.5, valLoss: 1, valAccuracy: 0.5 });
      await checkpoint.keep((folder) => Deno.writeTextFile(file(folder), JSON.stringify(state)));
      if (epoch === after) {
        controller!.abort();
        throw new Error("aborted");
      }
    }
    seen.push(state);
    const figures = { fitSeconds: 1, testLoss: 1, testAccuracy: 0.5, inferenceSeconds: 1 };
    Object.assign(outcome, { engine: "fake", provider: "cpu", parameters: 1, ...figures });
  };
}

Deno.test("an interrupted run goes on after the last finished epoch, and trains nothing twice", () =>
  inFolder(async (out) => {
    const controller = new AbortController();
    const seen: number[][] = [];
    const options = { out, styles: ["torch" as const], seeds: 2, epochs: 5 };
    const whole = stopping(-1, null, seen);
    let trainings = 0;
    const first: StyleRunner = (context) =>
      ++trainings === 2 ? stopping(3, controller, seen)(context) : whole(context);
    const { signal } = controller;
    const cut = await fakeRun(options, { runners: fakeRunners({ torch: first }), signal });
    assertEquals([cut.complete, cut.results.map(({ complete }) => complete)], [false, [
      true,
      false,
    ]]);
    const report = await fakeRun(options, { runners: fakeRunners({ torch: whole }), earlier: cut });
    assertEquals(seen, [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10]]);
    assertEquals(report.complete, true);
    const [, result] = report.results;
    assertEquals(result.history.map(({ loss }) => loss), [1, 2, 3, 4, 5]);
    assertEquals(result.stepMs!.count, 5);
    assertStringIncludes(result.notes.join(), "went on after epoch 3");
    assertEquals([...Deno.readDirSync(`${out}/unfinished`)], [], "what is finished is not kept");
  }));

Deno.test("a state is kept until the report with its result is written", () =>
  inFolder(async (out) => {
    const seen: number[][] = [];
    const options = { out, styles: ["torch" as const], epochs: 3 };
    const runners = fakeRunners({ torch: stopping(-1, null, seen) });
    const state = `${out}/unfinished/torch_seed-1/epoch-3/state.json`;
    await fakeRun(options, {
      runners,
      onReport: async () => (await Deno.stat(state)).isDirectory, // As where the disk is full.
    });
    assertEquals(await Deno.readTextFile(state), "[1,2,3]");
    const again = await fakeRun(options, { runners });
    assertStringIncludes(again.results[0].notes.join(), "went on after epoch 3");
    assertEquals([...Deno.readDirSync(`${out}/unfinished`)], []);
  }));

Deno.test("a progress file that is no progress is none", () =>
  inFolder(async (out) => {
    const options = { out, styles: ["torch" as const], epochs: 3 };
    const runners = fakeRunners({ torch: stopping(-1, null, []) });
    await fakeRun(options, { runners, onReport: () => Promise.resolve(false) });
    const file = `${out}/unfinished/torch_seed-1/progress.json`;
    const progress = JSON.parse(await Deno.readTextFile(file));
    for (const text of ["null", "{", JSON.stringify({ ...progress, history: [] })]) {
      await Deno.writeTextFile(file, text);
      const { results: [{ notes, error }] } = await fakeRun(options, {
        runners,
        onReport: () => Promise.resolve(false),
      });
      assertEquals([notes, error], [[], null], text);
    }
  }));

Deno.test("a part of the plan without trainings is complete", async () => {
  const { results, complete } = await fakeRun({ shard: { index: 9, count: 9 } });
  assertEquals([results, complete], [[], true]);
});

Deno.test("a state of other options is not taken; a damaged one is an error that says what to do", () =>
  inFolder(async (out) => {
    const controller = new AbortController();
    const seen: number[][] = [];
    const options = { out, styles: ["torch" as const], epochs: 4 };
    const runners = (runner: StyleRunner) => ({ runners: fakeRunners({ torch: runner }) });
    await fakeRun(options, {
      ...runners(stopping(2, controller, seen)),
      signal: controller.signal,
    });
    const other = await fakeRun(
      { ...options, batchSize: 8, out: await copyOf(out) },
      runners(stopping(-1, null, seen)),
    );
    assertEquals(other.results[0].notes, []);
    await Deno.writeTextFile(`${out}/unfinished/torch_seed-1/epoch-2/state.json`, "{");
    const damaged = await fakeRun(options, runners(stopping(-1, null, seen)));
    assertStringIncludes(damaged.results[0].error!, "cannot go on from");
    assertStringIncludes(damaged.results[0].error!, "--fresh");
  }));

/** A folder that is removed with the one it is copied from. */
async function copyOf(out: string): Promise<string> {
  const copy = `${out}/copy`;
  for (const file of ["progress.json", "epoch-2/state.json"]) {
    const to = `${copy}/unfinished/torch_seed-1/${file}`;
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(`${out}/unfinished/torch_seed-1/${file}`, to);
  }
  return copy;
}
