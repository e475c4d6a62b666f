import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Ajv } from "ajv";
import schema from "../../bench/results/report.schema.json" with { type: "json" };
import type { Report } from "../../bench/results/report.ts";
import { formatMarkdown } from "../../bench/output/markdown.ts";
import type { StyleRunner } from "../../bench/styles/style.ts";
import { formatTable, tableRows } from "../../bench/output/table.ts";
import { fakeRun, fakeRunner, fakeRunners } from "./fake_run.ts";

const validate = new Ajv({ allErrors: true }).compile(schema);

function assertFitsSchema(report: Report): void {
  const fits = validate(JSON.parse(JSON.stringify(report)));
  assert(fits, JSON.stringify(validate.errors));
}

Deno.test("a whole run: one complete result a style, in a report that fits its schema", async () => {
  const seen: number[] = [];
  const report = await fakeRun({}, {
    onReport: (r) => {
      seen.push(r.results.length);
      return Promise.resolve(true);
    },
  });
  assertEquals(seen, [1, 2, 3]);
  assertFitsSchema(report);
  assertEquals([report.complete, report.interrupted], [true, false]);
  const { dataset, results } = report;
  assertEquals([dataset.trainImages, dataset.validationImages, dataset.testImages], [
    32,
    8,
    8,
  ]);
  assertEquals(results.map((r) => r.style), ["keras", "keras-advanced", "torch"]);
  const [first] = results;
  assertEquals(first.stepMs, { median: 15, p95: 20, mean: 15, count: 4 });
  assertEquals(first.history.map((e) => [e.epoch, e.valAccuracy]), [[1, 0.05], [2, 0.1]]);
  assert(first.peakMemoryMiB! > 10);
  assertEquals([first.complete, first.error], [true, null]);
});

Deno.test("a report that lacks a field or has one too many does not fit the schema", async () => {
  const report = await fakeRun();
  const { results: _, ...lacking } = report;
  assertEquals(validate(lacking), false);
  assertEquals(validate({ ...report, extra: 1 }), false);
});

Deno.test("a style that fails is one line in the report, and the next one runs", async () => {
  const report = await fakeRun({}, {
    runners: fakeRunners({
      keras: ({ outcome }) => {
        outcome.engine = "fake";
        throw new TypeError("the engine is broken\n    at secret.ts:1");
      },
    }),
  });
  assertFitsSchema(report);
  assertEquals(report.complete, false);
  assertEquals(report.results.map((r) => r.complete), [false, true, true]);
  assertEquals(report.results[0].error, "the engine is broken");
  assertEquals(report.results[0].engine, "fake");
  assertStringIncludes(formatMarkdown(report), "**keras/seed-1 failed:** the engine is broken");
});

Deno.test("a style that leaves something unmeasured is incomplete", async () => {
  const report = await fakeRun({ styles: ["torch"] }, {
    runners: fakeRunners({
      torch: async (context) => {
        await fakeRunner(context);
        context.outcome.testLoss = null;
      },
    }),
  });
  assertEquals([report.complete, report.results[0].complete], [false, false]);
});

Deno.test("after an abort the figures so far are kept, marked, and no further style starts", async () => {
  const controller = new AbortController();
  let steps = 0;
  const report = await fakeRun({}, {
    signal: controller.signal,
    runners: fakeRunners({
      "keras-advanced": (context) => {
        const clock = Object.create(context.clock, {
          record: {
            value: (ms: number) => {
              context.clock.record(ms);
              if (++steps === 3) controller.abort();
            },
          },
        });
        return fakeRunner({ ...context, clock });
      },
    }),
  });
  assertFitsSchema(report);
  assertEquals([report.complete, report.interrupted], [false, true]);
  assertEquals(report.results.map((r) => [r.style, r.complete, r.error]), [
    ["keras", true, null],
    ["keras-advanced", false, null],
  ]);
  assertEquals(report.results[1].history.length, 1);
  assertEquals(report.results[1].stepMs?.count, 3);
  assertStringIncludes(formatMarkdown(report), "**Incomplete:** the run was interrupted");
});

Deno.test("the table has a column a style and says what was not measured", async () => {
  const report = await fakeRun({ styles: ["keras", "torch"] });
  const rows = new Map(tableRows(report).map(([name, ...cells]) => [name, cells]));
  assertEquals(rows.get(""), ["keras", "torch"]);
  assertEquals(rows.get("fit time"), ["12.35 s", "12.35 s"]);
  assertEquals(rows.get("step, p95"), ["20.0 ms", "20.0 ms"]);
  assertEquals(rows.get("validation accuracy, epoch 2"), ["0.1000", "0.1000"]);
  assertEquals(rows.get("inference, exported ONNX"), ["–", "–"]);
  assertEquals(rows.get("parameters"), ["430,102", "430,102"]);
  assertEquals(rows.has("published: fit time"), false);
  const lines = formatTable(report).split("\n");
  assertEquals(new Set(lines.map((line) => line.length)).size, 1, "columns are aligned");
});

Deno.test("a mean over seeds leaves out trainings that were cut short; alone such a one is shown", async () => {
  const cutShort: StyleRunner = async (context) => {
    await fakeRunner(context);
    if (context.trial.seed < 3) return;
    context.outcome.fitSeconds = 1;
    throw new Error("broken");
  };
  const fitTime = async (seed: number, seeds: number) => {
    const options = { styles: ["torch" as const], seed, seeds };
    const rows = tableRows(await fakeRun(options, { runners: fakeRunners({ torch: cutShort }) }));
    return rows.find(([name]) => name === "fit time")![1];
  };
  assertEquals([await fitTime(1, 3), await fitTime(3, 1)], ["12.35 s", "1.00 s"]);
});

Deno.test("the published figures stand beside the published experiment only", async () => {
  const report = await fakeRun({ epochs: 5 });
  report.dataset.name = "cifar10";
  const names = tableRows(report).map(([name]) => name);
  assert(names.includes("published: test accuracy"));
  assertEquals(formatMarkdown(report).includes("another experiment"), false);
  report.options.mode = "fixed";
  assertEquals(tableRows(report).some(([name]) => name.startsWith("published")), false);
  assertStringIncludes(formatMarkdown(report), "mode fixed, not seed");
});

Deno.test("report.md names the images, the substitute, the machine and how to reproduce", async () => {
  const text = formatMarkdown(await fakeRun({ limit: 40 }));
  for (
    const part of [
      "on shapes10",
      "**Note:** instead of CIFAR-10",
      "32 training, 8 validation and 8 test images",
      "onnxruntime-node 1.30.0",
      "deno task bench --epochs 2 --limit 40",
      "- keras/seed-1, keras-advanced/seed-1, torch/seed-1: figures are made up",
    ]
  ) assertStringIncludes(text, part);
});
