/** Experiments as data: which configurations they have, in which order they run, what their single changes are. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { defaultOptions } from "../../../bench/cli/options.ts";
import { ablations, changesBetween } from "../../../bench/experiments/ablation_list.ts";
import { AblationError, checkAblation } from "../../../bench/experiments/check_ablation.ts";
import { ExperimentError, resolveExperiment } from "../../../bench/experiments/resolve.ts";
import { modelNames } from "../../../bench/models/mod.ts";
import { formatMarkdown } from "../../../bench/output/markdown.ts";
import { networkTables } from "../../../bench/output/network_table.ts";
import { reportPage } from "../../../bench/output/page/mod.ts";
import { formatSteps } from "../../../bench/output/step_table.ts";
import { verdictLines } from "../../../bench/output/verdicts.ts";
import { changeRecipe, loadRecipe, recipeNames } from "../../../bench/recipes/mod.ts";
import { readPeerSteps } from "../../../bench/results/peer_steps.ts";
import { ReportError } from "../../../bench/results/read_report.ts";
import type { Report } from "../../../bench/results/report.ts";
import { stepsOf } from "../../../bench/results/steps.ts";
import type { BenchOptions } from "../../../bench/runner/options.ts";
import type { TrialLauncher } from "../../../bench/runner/processes/launch.ts";
import { parseShard, planTrials, trialsOf } from "../../../bench/runner/plan.ts";
import { inFolder } from "../../in_folder.ts";
import {
  experimentNamed,
  fakeLauncher,
  fakeRun,
  launcherOf,
  variedLauncher,
} from "../runner/fake_run.ts";

async function configurationsOf(name: string, options: Partial<BenchOptions> = {}) {
  const experiment = experimentNamed(name);
  const { input } = await resolveExperiment(experiment, { ...defaultOptions(), ...options });
  return experiment.configurations(input);
}

const namesOf = async (name: string, options: Partial<BenchOptions> = {}) =>
  (await configurationsOf(name, options)).map(({ name }) => name);

const two = { styles: ["keras" as const, "torch" as const] };

Deno.test("configurations take turns from seed to seed", async () => {
  const plan = planTrials(await configurationsOf("compare", two), { seed: 7, seeds: 3 });
  assertEquals(plan.map(({ id }) => id), [
    ...["keras/seed-7", "torch/seed-7"],
    ...["torch/seed-8", "keras/seed-8"],
    ...["keras/seed-9", "torch/seed-9"],
  ]);
});

Deno.test("the ablation has every step and the Keras variant, the layouts both of every style", async () => {
  assertEquals(await namesOf("ablation"), [
    "torch/published",
    "torch/one-softmax",
    "torch/dropout-in-training-only",
    "torch/keras-rmsprop",
    "torch/keras-initialization",
    "torch/keras-input-range",
    "keras",
  ]);
  assertEquals(await namesOf("layout", two), [
    "keras/channels-first",
    "keras/channels-last",
    "torch/channels-first",
    "torch/channels-last",
  ]);
});

Deno.test("axes are multiplied, and only those that vary stand in the names", async () => {
  const options = { ...two, model: ["mlp", "published_cnn"], dataset: ["shapes10"] };
  assertEquals(await namesOf("compare", options), [
    ...["mlp/keras", "mlp/torch", "published_cnn/keras", "published_cnn/torch"],
  ]);
  const all = await namesOf("compare", { ...options, recipe: ["published", "fixed"] });
  assertEquals([all.length, all[1], all[6]], [
    8,
    "mlp/published/torch",
    "published_cnn/fixed/keras",
  ]);
  const layouts = await namesOf("layout", { ...options, styles: ["torch"] });
  assertEquals(layouts[2], "published_cnn/torch/channels-first");
});

Deno.test("every step differs from the one before in one thing, the last trains as the Keras variant", async () => {
  const all = await configurationsOf("ablation", { epochs: 2 });
  const steps = all.slice(0, -1);
  for (const [i, { recipe, before }] of steps.slice(1).entries()) {
    assertEquals(before, steps[i].name);
    const changes = changesBetween(steps[i].recipe, recipe, "torch");
    const parts = new Set(changes.map(({ name }) => name.split(".").slice(0, 2).join(".")));
    assertEquals(parts.size, 1, `step ${i + 1}: ${[...parts]}`);
  }
  const { torch, keras, epochs } = steps.at(-1)!.recipe;
  assertEquals(epochs, 2);
  assertEquals([torch.softmaxBeforeLoss, torch.dropoutAtEvaluation], [false, false]);
  assertEquals([torch.initialization, torch.inputRange], ["keras", keras.inputRange]);
  const { optimizer: a } = torch;
  const { optimizer: b } = keras;
  assert(a.name === "RMSprop" && b.name === "RMSprop");
  assertEquals([a.lr, a.alpha, a.eps], [b.learningRate, b.rho, b.epsilon]);
});

Deno.test("from one recipe to another: a step a value that differs, at the end the other recipe", async () => {
  const steps = await configurationsOf("ablation", {
    recipe: ["published", "fixed"],
    styles: ["torch"],
  });
  assertEquals(steps.map(({ name }) => name), [
    "torch/published",
    "torch/torch.softmaxBeforeLoss",
    "torch/torch.dropoutAtEvaluation",
  ]);
  const fixed = await loadRecipe("fixed");
  assertEquals(steps.at(-1)!.recipe.torch, fixed.torch);
  assertEquals(steps[1].title, "torch.softmaxBeforeLoss: false, not true");
  const published = await loadRecipe("published");
  const sgd = { name: "SGD", lr: 0.1, momentum: 0.9, nesterov: true } as const;
  const other = changeRecipe(published, {
    labelSmoothing: 0.1,
    torch: { optimizer: sgd },
    keras: { softmaxInModel: false },
  }, "test");
  const changes = changesBetween(published, other, "torch");
  assertEquals(changes.map(({ title }) => title), [
    "labelSmoothing: 0.1, not 0",
    "torch.optimizer: SGD, not RMSprop",
  ]);
  const last = changes.reduce(
    (recipe, { recipe: change }) => changeRecipe(recipe, change, ""),
    published,
  );
  assertEquals([last.torch, last.labelSmoothing], [other.torch, 0.1]);
});

Deno.test("between any two recipes every step can be trained by, in every style, and the last one is the other recipe", async () => {
  const base = await loadRecipe("published");
  const sgd = { name: "SGD", momentum: 0.9, nesterov: true } as const;
  const [momentum, plain] = [sgd, { ...sgd, momentum: 0, nesterov: false }].map((optimizer) =>
    changeRecipe(base, {
      keras: { optimizer: { ...optimizer, learningRate: 0.1 } },
      torch: { optimizer: { ...optimizer, lr: 0.1 } },
    }, "test")
  );
  const accumulating = changeRecipe(base, { accumulation: 2 }, "test");
  const averaging = changeRecipe(base, {
    ...{
      weightAverage: { decay: 0.9, overwriteEvery: null },
      testTimeFlip: true,
      testTimeShift: 1,
    },
    torch: { dropoutAtEvaluation: false },
  }, "test");
  const presets = await Promise.all((await recipeNames()).map((name) => loadRecipe(name)));
  const all = [...presets, momentum, plain, accumulating, averaging];
  for (const [i, from] of all.entries()) {
    for (const [k, to] of all.entries()) {
      for (const style of ["torch", "keras"] as const) {
        const changes = changesBetween(from, to, style);
        if (changes.length === 0) continue;
        const place = `${i} to ${k}, ${style}`;
        const last = changes.reduce((one, { recipe }) => changeRecipe(one, recipe, place), from);
        assertEquals({ ...last, name: "", title: "" }, { ...to, name: "", title: "" }, place);
        const seen = changes.map(({ name }) => name);
        assertEquals(new Set(seen).size, seen.length, place);
        assert(!seen.some((name) => name.startsWith(style === "torch" ? "keras" : "torch")), place);
      }
    }
  }
  const names = await namesOf("ablation", { recipe: ["published", "airbench"] });
  assert(names.includes("torch/testTimeFlip"));
});

Deno.test("what does not fit together is one line before any work", async () => {
  const refused = async (name: string, options: Partial<BenchOptions>, message: string) => {
    const error = await assertRejects(() => configurationsOf(name, options), ExperimentError);
    assertStringIncludes(error.message, message);
    assertEquals(error.message.split("\n").length, 1);
  };
  const recipe = ["published", "fixed"];
  await refused("ablation", { recipe: ["fixed"] }, "expected two for an ablation");
  await refused("ablation", { recipe, ablation: "published" }, "leave out --recipe");
  await refused(
    "ablation",
    { styles: ["keras"] },
    "--styles: keras is not what the ablation published trains, which is torch",
  );
  assertEquals((await namesOf("ablation", { styles: ["torch"] })).length, 7);
  await refused("compare", { dataDir: "d", dataset: ["cifar10", "shapes10"] }, "--data-dir");
  await assertRejects(
    () => configurationsOf("ablation", { ablation: "publshed" }),
    AblationError,
    "did you mean published?",
  );
});

Deno.test("shards have every trial once", async () => {
  const plan = planTrials(await configurationsOf("compare", two), { seed: 1, seeds: 4 });
  const shards = [1, 2, 3].map((index) => trialsOf(plan, { index, count: 3 }));
  assertEquals(shards.map((trials) => trials.length), [3, 3, 2]);
  assertEquals(new Set(shards.flat().map(({ id }) => id)).size, plan.length);
  assertEquals(trialsOf(plan, null), plan);
  assertEquals(parseShard("2/3"), { index: 2, count: 3 });
  for (const wrong of ["0/3", "4/3", "1", "a/b", "1/3/4", "-1/3", "1/99999"]) {
    assertEquals(parseShard(wrong), undefined, wrong);
  }
});

Deno.test("a part of the plan without trials is complete", async () => {
  const { results, complete } = await fakeRun({ shard: { index: 9, count: 9 } });
  assertEquals([results, complete], [[], true]);
});

Deno.test("the table of steps has each step's change", async () => {
  let accuracy = 0.5;
  const climbing = () => ({ testAccuracy: accuracy += 0.02 });
  const launch = launcherOf({ torch: climbing, keras: climbing });
  const report = await fakeRun({}, { launch }, "ablation");
  const steps = stepsOf(report);
  assertEquals(steps.length, 7);
  assertEquals(steps[0].change, null);
  assert(steps.slice(1).every(({ change }) => Math.abs(change!.value - 0.02) < 1e-12));
  assertStringIncludes(formatSteps(report), "+2.00");
});

Deno.test("every ablation of the bench has steps that change its recipe", async () => {
  for (const { name, changes } of ablations) {
    const steps = await configurationsOf("ablation", { ablation: name });
    assert(steps.length > changes.length);
    const own = steps.slice(0, changes.length + 1).map(({ recipe }) => JSON.stringify(recipe));
    assertEquals(new Set(own).size, own.length, name);
  }
});

Deno.test("bench models: all networks, in every style that they are written in", async () => {
  const { defaults } = experimentNamed("models");
  const names = await namesOf("models", { ...defaults, ...two });
  assertEquals(names.length, 2 * (await modelNames()).length);
  assert(names.includes("resnet20/keras") && names.includes("resnet20/torch"));
});

/** A run of two networks whose steps and accuracies are as given: of the Keras and the PyTorch idiom, seed by seed. */
async function networksRun(figures: Record<string, [ms: number[], accuracy: number[]]>) {
  const launch: TrialLauncher = async (request, data, watch) => {
    const result = await fakeLauncher(request, data, watch);
    const { model, style } = request.trial.axes;
    const [ms, accuracy] = figures[`${model}/${style}`];
    const seed = request.trial.seed - 1;
    const stepMs = { median: ms[seed], p95: 1, mean: 1, count: 4 };
    return { ...result, stepMs, testAccuracy: accuracy[seed] };
  };
  const seeds = Object.values(figures)[0][0].length;
  return await fakeRun({ ...two, model: ["mlp", "resnet20"], seeds }, { launch }, "models");
}

Deno.test("a row a network: who is ahead, by how much, and whether the interval allows a verdict", async () => {
  const report = await networksRun({
    "mlp/keras": [[20, 21, 20], [0.5, 0.51, 0.5]],
    "mlp/torch": [[10, 10.2, 10.1], [0.6, 0.62, 0.61]],
    "resnet20/keras": [[10, 12, 8], [0.8, 0.7, 0.9]],
    "resnet20/torch": [[11, 9, 12], [0.79, 0.8, 0.8]],
  });
  const [speed, accuracy] = networkTables(report).map(({ rows }) => rows);
  assertEquals(speed[0], ["", "step, keras", "step, torch", "faster"]);
  assertEquals(accuracy[0], ["", "test accuracy, keras", "test accuracy, torch", "more accurate"]);
  assertEquals(speed[1].slice(0, 3), ["mlp", "20.3 ms", "10.1 ms"]);
  assertMatch(speed[1][3], /^torch 2\.01 times \[1\.9\d, 2\.\d\d\]$/);
  assertMatch(accuracy[1][3], /^torch \+10\.67 points \[\+9\.\d\d, \+1\d\.\d\d\]$/);
  assertMatch(speed[2][3], /^no verdict: keras 1\.\d\d times \[0\.\d\d, \d\.\d\d\]$/);
  assertMatch(accuracy[2][3], /^no verdict: keras \+0\.33 points \[−/);
  assertStringIncludes(formatMarkdown(report), "torch 2.01 times");
  assertStringIncludes(await reportPage(report, []), "torch 2.01 times");
});

Deno.test("one seed is no verdict; steps of other frameworks stand beside those of the same batch", async () => {
  const report = await networksRun({
    "mlp/keras": [[20], [0.5]],
    "mlp/torch": [[30], [0.6]],
    "resnet20/keras": [[10], [0.8]],
    "resnet20/torch": [[10], [0.8]],
  });
  const title = "PyTorch eager";
  report.peers = [
    { model: "mlp", batch: 32, title, stepMs: 15 },
    { model: "resnet20", batch: 128, title, stepMs: 15 },
  ];
  const [{ rows: [head, mlp, resnet20] }, accuracy] = networkTables(report);
  assertEquals(accuracy.rows[2][3], "equal (one seed)");
  assertEquals([head[4], mlp[3]], ["step, PyTorch eager", "keras 1.50 times (one seed)"]);
  assertEquals([mlp[4], resnet20[4]], ["15.0 ms (2.00)", "–"]);
  const [dataset] = report.datasets;
  const others: Partial<Report>[] = [
    { datasets: [{ ...dataset, imageShape: [28, 28, 1] }] },
    { datasets: [{ ...dataset, imageShape: undefined }] },
    { datasets: [{ ...dataset, classNames: ["a", "b"] }] },
    { options: { ...report.options, model: ["./mlp.ts"] } },
  ];
  for (const other of others) {
    const [{ rows }] = networkTables({ ...report, ...other });
    assertEquals(rows[1][4], "–", "the networks are others");
  }
});

Deno.test("--peers: only steps of other frameworks, of proven networks, of this machine and its threads, out of a file that is checked", () =>
  inFolder(async (folder) => {
    const { environment } = await fakeRun();
    const step = { model: "mlp", measure: "step", batch: 32, side: "pytorch", error: null };
    const rows = [
      { ...step, rounds: [3, 1, 2] },
      { ...step, measure: "inference", rounds: [9] },
      { ...step, side: "torch_style", rounds: [9] },
      { ...step, side: "keras", rounds: [] },
      { ...step, model: "lenet5", rounds: [9] },
      { ...step, model: "resnet20", rounds: [9] },
      { ...step, batch: 128, rounds: [9], error: "it took more than 300 s" },
    ];
    const proof = { peer: "pytorch", error: null };
    const proofs = [
      { ...proof, model: "mlp" },
      { ...proof, model: "mlp", peer: "keras" },
      { ...proof, model: "lenet5", error: "loss of step 1 from the same weights: 2 here, 3 there" },
      { ...proof, model: "resnet20", peer: "keras" },
    ];
    const { cpuModel, cores } = environment;
    const write = (value: unknown) =>
      Deno.writeTextFile(`${folder}/peers.json`, JSON.stringify(value));
    const threads = cores!;
    const good = { experiment: "peers", environment: { cpuModel, cores }, threads, proofs, rows };
    await write(good);
    const here = { environment, threads: null };
    const expected = [{ model: "mlp", batch: 32, title: "PyTorch eager", stepMs: 2 }];
    assertEquals(await readPeerSteps(folder, here), expected);
    assertEquals(await readPeerSteps(folder, { ...here, threads }), expected);
    const refused = async (value: unknown, message: string) => {
      await write(value);
      const error = await assertRejects(() => readPeerSteps(folder, here), ReportError);
      assertStringIncludes(error.message, message);
    };
    await refused({ ...good, environment: { cpuModel: "other", cores } }, "another machine");
    await refused({ ...good, rows: [{ ...rows[0], rounds: ["1"] }] }, "/rows/0/rounds/0");
    await refused({ ...good, rows: [{ ...rows[0], error: undefined }] }, "'error'");
    await refused({ ...good, proofs: undefined }, "'proofs'");
    await refused({ ...good, experiment: "compare" }, "none of bench:peers");
    await refused(
      { ...good, threads: threads + 1 },
      `was timed on ${threads + 1} threads, these trials have ${threads}; expected the same number`,
    );
    await assertRejects(
      () => readPeerSteps(`${folder}/none`, here),
      ReportError,
      "there is no such file",
    );
  }));

Deno.test("verdicts are on pairs that differ in one axis: of layouts within a style, of models within a style", async () => {
  const layout = await fakeRun({ seeds: 3 }, { launch: variedLauncher }, "layout");
  const lines = verdictLines(layout);
  assertEquals(lines.length, 3);
  assert(lines.every((line) => line.includes("channels-first") && line.includes("channels-last")));
  const options = { ...two, model: ["published_cnn", "mlp"], seeds: 3 };
  const product = await fakeRun(options, { launch: variedLauncher });
  assertEquals(product.comparisons.length, 12, "every pair by accuracy and time");
  // Two models in each of two styles, two styles for each of two models; by accuracy and time.
  assertEquals(verdictLines(product).length, 8);
});

Deno.test("a user's ablation is checked field by field; a file may hold it", async () => {
  const good = { ...ablations[0], name: "mine" };
  assertEquals(checkAblation("it", good).changes.length, 5);
  const cases: [unknown, string][] = [
    [{ ...good, changes: [] }, "changes"],
    [{ ...good, style: "jax" }, "keras, keras-advanced, torch"],
    [{ ...good, name: "a b" }, 'name is "a b"'],
    [{ ...good, chnages: [] }, "chnages"],
    [{ ...good, changes: [good.changes[0], good.changes[0]] }, 'two changes are called "one-'],
    [null, "it is null"],
  ];
  for (const [value, message] of cases) {
    const error = await assertRejects(
      () => Promise.resolve().then(() => checkAblation("--ablation: f", value)),
      AblationError,
    );
    assertStringIncludes(error.message, message);
    assertEquals(error.message.split("\n").length, 1);
  }
  await inFolder(async (folder) => {
    const { fromTitle: _, ...mine } = { ...good, changes: good.changes.slice(0, 2), end: null };
    await Deno.writeTextFile(`${folder}/mine.json`, JSON.stringify(mine));
    const names = await namesOf("ablation", { ablation: `${folder}/mine.json` });
    assertEquals(names.at(-1), "torch/dropout-in-training-only");
  });
});
