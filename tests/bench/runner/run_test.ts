import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Ajv } from "ajv";
import schema from "../../../bench/results/report.schema.json" with { type: "json" };
import type { Report } from "../../../bench/results/report.ts";
import { formatMarkdown } from "../../../bench/output/markdown.ts";
import {
  figureTables,
  formatTables,
  overviewRows,
  tableRows,
} from "../../../bench/output/table.ts";
import { failing, fakeLauncher, fakeRun, launcherOf } from "./fake_run.ts";

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

function assertFitsSchema(report: Report): void {
  const fits = validate(JSON.parse(JSON.stringify(report)));
  assert(fits, JSON.stringify(validate.errors));
}

Deno.test("a whole run: one result a style that is done, in a report that fits its schema", async () => {
  const seen: string[] = [];
  const report = await fakeRun({}, {
    onReport: ({ trial }) => {
      seen.push(trial);
      return Promise.resolve();
    },
  });
  assertEquals(seen, ["keras/seed-1", "keras-advanced/seed-1", "torch/seed-1"]);
  assertFitsSchema(report);
  assertEquals([report.complete, report.interrupted], [true, false]);
  const { datasets: [dataset], results } = report;
  assertEquals([dataset.trainImages, dataset.validationImages, dataset.testImages], [
    32,
    8,
    8,
  ]);
  assertEquals(results.map((r) => r.axes.style), ["keras", "keras-advanced", "torch"]);
  const [first] = results;
  assertEquals(first.history.map((e) => [e.epoch, e.valAccuracy]), [[1, 0.05], [2, 0.1]]);
  assertEquals([first.state, first.error], ["done", null]);
});

Deno.test("what a trial is asked: its recipe with the flags, its own seed, the images as they are piped", async () => {
  const requests: Parameters<typeof fakeLauncher>[0][] = [];
  await fakeRun({ styles: ["torch"], seeds: 2, learningRate: 0.5, untilAccuracy: 0.6 }, {
    launch: (request, data, watch) => {
      requests.push(request);
      assertEquals([data.train.count, data.validation.count, data.test.count], [32, 8, 8]);
      return fakeLauncher(request, data, watch);
    },
  });
  assertEquals(requests.map(({ trial, showsMistakes }) => [trial.seed, showsMistakes]), [
    [1, true],
    [2, false],
  ]);
  const [{ recipe, untilAccuracy, data, model }] = requests;
  assertEquals([recipe.epochs, recipe.torch.optimizer.lr, untilAccuracy], [2, 0.5, 0.6]);
  assertEquals(model, { name: "published_cnn", file: null });
  assertEquals([data.imageShape, data.train.imagesType, data.test.count], [
    [32, 32, 3],
    "Uint8Array",
    8,
  ]);
});

Deno.test("a report that lacks a field or has one too many does not fit the schema", async () => {
  const report = await fakeRun();
  const { results: _, ...lacking } = report;
  assertEquals(validate(lacking), false);
  assertEquals(validate({ ...report, extra: 1 }), false);
});

Deno.test("a trial that fails is one line in the report, and the next one runs", async () => {
  const report = await fakeRun({}, {
    launch: launcherOf({ keras: failing("the engine is broken") }),
  });
  assertFitsSchema(report);
  assertEquals(report.complete, false);
  assertEquals(report.results.map((r) => r.state), ["failed", "done", "done"]);
  assertStringIncludes(formatMarkdown(report), "**keras/seed-1 failed:** the engine is broken");
});

Deno.test("a trial that diverged is told as such, and the report is not complete", async () => {
  const diverged = () => ({ state: "diverged" as const, error: "loss is NaN at step 3" });
  const report = await fakeRun({}, { launch: launcherOf({ torch: diverged }) });
  assertEquals(report.complete, false);
  assertEquals(tableRows(report).find(([name]) => name === "state")!.at(-1), "diverged");
  assertStringIncludes(formatMarkdown(report), "**torch/seed-1 diverged:** loss is NaN at step 3");
});

Deno.test("a trial that leaves something unmeasured is incomplete", async () => {
  const report = await fakeRun({ styles: ["torch"] }, {
    launch: launcherOf({ torch: () => ({ testLoss: null, state: "incomplete" }) }),
  });
  assertEquals([report.complete, report.results[0].state], [false, "incomplete"]);
});

Deno.test("after an abort the figures so far are kept, marked, and no further trial starts", async () => {
  const controller = new AbortController();
  const report = await fakeRun({}, {
    signal: controller.signal,
    launch: async (request, data, watch) => {
      const result = await fakeLauncher(request, data, watch);
      if (request.trial.axes.style === "keras") return result;
      controller.abort();
      return { ...result, history: result.history.slice(0, 1), state: "stopped" };
    },
  });
  assertFitsSchema(report);
  assertEquals([report.complete, report.interrupted], [false, true]);
  assertEquals(report.results.map((r) => [r.axes.style, r.state, r.error]), [
    ["keras", "done", null],
    ["keras-advanced", "stopped", null],
  ]);
  assertStringIncludes(formatMarkdown(report), "**Incomplete:** the run was interrupted");
});

Deno.test("the table has a column a style and says what was not measured", async () => {
  const report = await fakeRun({ styles: ["keras", "torch"] });
  const rows = new Map(tableRows(report).map(([name, ...cells]) => [name, cells]));
  assertEquals(rows.get(""), ["keras", "torch"]);
  assertEquals(rows.get("fit time"), ["12.35 s", "12.35 s"]);
  assertEquals(rows.get("step, p95"), ["20.0 ms", "20.0 ms"]);
  assertEquals(rows.get("preparing a batch, median"), ["1.00 ms", "1.00 ms"]);
  assertEquals(rows.get("images a second"), ["2,000", "2,000"]);
  assertEquals(rows.get("operations of a step"), ["1.50 GFLOP", "1.50 GFLOP"]);
  assertEquals(rows.get("share of the machine's peak"), ["25.00 %", "25.00 %"]);
  assertEquals(rows.get("validation accuracy, epoch 2"), ["0.1000", "0.1000"]);
  assertEquals(rows.get("inference, exported ONNX"), ["–", "–"]);
  assertEquals(rows.get("parameters"), ["430,102", "430,102"]);
  assertEquals(rows.has("published: fit time"), false);
  assertEquals(rows.has("of a step, forward"), false);
  const lines = formatTables(report)[0].split("\n");
  assertEquals(new Set(lines.map((line) => line.length)).size, 1, "columns are aligned");
});

Deno.test("what is measured only when asked for has rows of its own", async () => {
  const split = { forwardMs: 4, backwardMs: 8, updateMs: 1 };
  const report = await fakeRun({ styles: ["torch"], profile: true, untilAccuracy: 0.5 }, {
    launch: launcherOf({ torch: () => ({ split, secondsToAccuracy: 7.5 }) }),
  });
  const rows = new Map(tableRows(report).map(([name, ...cells]) => [name, cells]));
  assertEquals(rows.get("of a step, backward"), ["8.0 ms"]);
  assertEquals(rows.get("time to validation accuracy 0.5"), ["7.50 s"]);
});

Deno.test("many configurations: a table for every model and recipe, its name over it", async () => {
  const report = await fakeRun({
    model: ["published_cnn", "mlp"],
    recipe: ["published", "fixed"],
  });
  assertEquals(report.configurations.length, 12);
  assertEquals(report.configurations[5].name, "published_cnn/fixed/torch");
  const tables = figureTables(report);
  assertEquals(tables.map(({ title, rows }) => [title, rows[0].length]), [
    ["published_cnn, published", 4],
    ["published_cnn, fixed", 4],
    ["mlp, published", 4],
    ["mlp, fixed", 4],
  ]);
  assertStringIncludes(formatMarkdown(report), "### mlp, fixed");
  const overview = overviewRows(report)!;
  assertEquals(overview[0], [
    ...["", "test accuracy", "fit time", "step, median", "images a second", "state"],
  ]);
  assertEquals([overview.length, overview[12][0], overview[12][1]], [
    13,
    "mlp/fixed/torch",
    "0.2500",
  ]);
  assertFitsSchema(report);
});

Deno.test("a mean over seeds leaves out trials that were cut short; alone such a one is shown", async () => {
  const cutShort = launcherOf({
    torch: ({ seed }) => seed < 3 ? {} : { fitSeconds: 1, state: "failed", error: "broken" },
  });
  const fitTime = async (seed: number, seeds: number) => {
    const options = { styles: ["torch" as const], seed, seeds };
    const rows = tableRows(await fakeRun(options, { launch: cutShort }));
    return rows.find(([name]) => name === "fit time")![1];
  };
  assertEquals([await fitTime(1, 3), await fitTime(3, 1)], ["12.35 s", "1.00 s"]);
});

Deno.test("the published figures stand beside the published experiment only", async () => {
  const report = await fakeRun({ epochs: 5 });
  report.datasets[0].name = "cifar10";
  const names = tableRows(report).map(([name]) => name);
  assert(names.includes("published: test accuracy"));
  assertEquals(formatMarkdown(report).includes("another experiment"), false);
  const begun = { ...report, options: { ...report.options, weights: "trained.safetensors" } };
  assertEquals(tableRows(begun).some(([name]) => name.startsWith("published")), false);
  assertStringIncludes(formatMarkdown(begun), "it begins with weights of a file");
  const fixed = await fakeRun({ epochs: 5, recipe: ["fixed"] });
  assertEquals(tableRows(fixed).some(([name]) => name.startsWith("published")), false);
  assertStringIncludes(formatMarkdown(fixed), "the recipe is fixed, not published");
});

Deno.test("recipes that keep different shares for validation have their own counts of images", async () => {
  const report = await fakeRun({ styles: ["torch"], recipe: ["published", "fixed", "resnet20"] });
  assertFitsSchema(report);
  assertStringIncludes(
    formatMarkdown(report),
    "by published 32 training and 8 validation images; by fixed 32 training and 8 validation images; " +
      "by resnet20 39 training and 1 validation images; 8 test images.",
  );
  assertEquals((await fakeRun({ recipe: ["published", "fixed"] })).datasets[0].byRecipe, undefined);
});

Deno.test("report.md names the images, the substitute, the machine and how to reproduce", async () => {
  const text = formatMarkdown(await fakeRun({ limit: 40 }));
  for (
    const part of [
      "on shapes10",
      "**Note:** instead of CIFAR-10",
      "32 training, 8 validation and 8 test images",
      "onnxruntime-node 1.30.0",
      "deno task bench --dataset shapes10 --epochs 2 --limit 40",
      "- keras/seed-1, keras-advanced/seed-1, torch/seed-1: figures are made up",
    ]
  ) assertStringIncludes(text, part);
});
