/** Reports that were written: read, merged, compared, shown to CI systems. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CompareError, compareReports } from "../../../bench/results/compare.ts";
import {
  appendToHistory,
  HistoryError,
  historyLine,
  readHistory,
} from "../../../bench/results/history.ts";
import { comparisonBadge, formatComparison } from "../../../bench/output/comparison.ts";
import { reportText } from "../../../bench/output/files.ts";
import { formatJUnit } from "../../../bench/output/junit.ts";
import { MergeError, mergeReports } from "../../../bench/results/merge.ts";
import { missingTrials, type Report } from "../../../bench/results/report.ts";
import { readReport, ReportError, reportsIn } from "../../../bench/results/read_report.ts";
import schema from "../../../bench/results/report.schema.json" with { type: "json" };
import { formatMarkdown } from "../../../bench/output/markdown.ts";
import { failing, fakeRun, launcherOf } from "../runner/fake_run.ts";
import { inFolder } from "../../in_folder.ts";

/** Reports whose torch accuracies and step times are given, seed by seed. */
function measured(accuracies: number[], stepMs = 15): Promise<Report> {
  const launch = launcherOf({
    torch: ({ seed }) => ({
      testAccuracy: accuracies[seed - 1],
      stepMs: { median: stepMs, p95: stepMs, mean: stepMs, count: 4 },
    }),
  });
  return fakeRun({ styles: ["torch"], seeds: accuracies.length }, { launch });
}

Deno.test("a report is read back as it was written; from its folder too", () =>
  inFolder(async (folder) => {
    const report = await fakeRun();
    await Deno.writeTextFile(`${folder}/report.json`, reportText(report));
    const plain = JSON.parse(JSON.stringify(report));
    assertEquals(await readReport(folder) as unknown, plain);
    assertEquals(await readReport(`${folder}/report.json`) as unknown, plain);
  }));

Deno.test("a report that cannot be read is named, with its version or what is damaged", () =>
  inFolder(async (folder) => {
    const write = (content: string) => Deno.writeTextFile(`${folder}/report.json`, content);
    const refused = (message: string) =>
      assertRejects(() => readReport(folder), ReportError, message);
    await refused("there is no such file");
    await write("{");
    await refused("cannot be read as a report");
    await write('{"schemaVersion": 1}');
    await refused("is a report of version 1, expected version 3; run the bench again");
    await write('{"schemaVersion": 4}');
    await refused("expected version 3; use a newer Tandem");
    await write('{"hello": 1}');
    await refused("no schemaVersion");
    await write(JSON.stringify({ ...await fakeRun(), results: [{ trial: 3 }] }));
    await refused("is a damaged report: /results/0");
    await write('{"schemaVersion": 2, "command": "run"}');
    await refused("is a damaged report: /");
    await write(JSON.stringify({ ...await fakeRun(), parity: { steps: 3 } }));
    await refused("is a damaged report: /parity");
  }));

const shard = (index: number, count: number, others = {}) =>
  fakeRun({ styles: ["keras", "torch"], seeds: 2, shard: { index, count }, ...others });

Deno.test("shards join to the report of the whole; it says what is missing", async () => {
  const [a, b, c] = await Promise.all([shard(1, 3), shard(2, 3), shard(3, 3)]);
  assertEquals([a.complete, missingTrials(a)], [true, []]);
  const named = [c, a, b].map((report, i) => ({ name: `part ${i}`, report }));
  const whole = mergeReports(named);
  assertEquals([whole.complete, whole.options.shard, whole.parts.length], [true, null, 3]);
  assertEquals(whole.results.map(({ trial }) => trial), whole.plan.map(({ id }) => id));
  assertEquals(whole.configurations.map(({ seeds }) => seeds), [[1, 2], [1, 2]]);
  const part = mergeReports(named.slice(0, 2));
  assertEquals([part.complete, missingTrials(part)], [false, ["torch/seed-1"]]);
  assertStringIncludes(formatMarkdown(part), "missing: torch/seed-1");
});

Deno.test("the reports in a folder of shards, and not what else lies there", () =>
  inFolder(async (folder) => {
    for (const name of ["10", "9", "logs"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/slurm_9.txt`, "");
    assertEquals(await reportsIn(folder), [folder], "none: reading it will say so");
    for (const name of ["10", "9"]) await Deno.writeTextFile(`${folder}/${name}/report.json`, "{}");
    assertEquals(await reportsIn(folder), [join(folder, "9"), join(folder, "10")]);
    assertEquals(await reportsIn(`${folder}/9`), [`${folder}/9`]);
    assertEquals(await reportsIn(`${folder}/none`), [`${folder}/none`]);
  }));

Deno.test("reports of different experiments are refused with what differs", async () => {
  const [a, b] = await Promise.all([shard(1, 2), shard(2, 2, { batchSize: 8 })]);
  assertThrows(
    () => mergeReports([{ name: "a", report: a }, { name: "b", report: b }]),
    MergeError,
    '"a" and "b" are of different experiments: option batchSize is null in the one and 8 in the other',
  );
  assertThrows(() => mergeReports([]), MergeError, "nothing to merge");
  const packages = { "onnxruntime-node": "1.0.0" };
  const other = { ...a, environment: { ...a.environment, packages } };
  assertThrows(
    () => mergeReports([{ name: "a", report: a }, { name: "b", report: other }]),
    MergeError,
    "the set of packages is",
  );
});

Deno.test("JUnit: a case a trial, with errors and what is missing", async () => {
  const report = await fakeRun({ styles: ["keras", "torch"] }, {
    launch: launcherOf({ keras: failing('broken <by> "us"') }),
  });
  report.results.pop();
  const xml = formatJUnit(report);
  assertStringIncludes(xml, 'tests="2" failures="1"');
  assertStringIncludes(xml, "broken &lt;by> &quot;us&quot;");
  assert(/<testcase name="torch\/seed-1"[^>]*>\s*<skipped/.test(xml), xml);
});

Deno.test("compare: beyond the noise of the seeds is better or worse, within is the same", async () => {
  const old = await measured([0.60, 0.61, 0.62]);
  const [accuracy, step] =
    compareReports(old, await measured([0.50, 0.51, 0.52], 30), { failOver: 0.1 }).changes;
  assertEquals([accuracy.kind, accuracy.regression, accuracy.noiseFrom], ["worse", true, "seeds"]);
  assertEquals([step.figure, step.kind, step.relative, step.regression], [
    "stepMs",
    "worse",
    1,
    true,
  ]);
  const [same] = compareReports(old, await measured([0.62, 0.59, 0.61]), { failOver: 0.1 }).changes;
  assertEquals([same.kind, same.regression], ["same", false]);
  const [better] =
    compareReports(old, await measured([0.70, 0.71, 0.72]), { failOver: 0.1 }).changes;
  assertEquals(better.kind, "better");
  const small = compareReports(old, await measured([0.58, 0.59, 0.60]), { failOver: 0.1 });
  assertEquals(small.regressions, 0, "worse, but not by a tenth");
});

Deno.test("compare: with one seed the history tells the noise", async () => {
  const old = await measured([0.6], 20);
  const now = await measured([0.6], 25);
  const noisy = [20, 26, 15, 24, 18].map((ms, i) => {
    const line = historyLine(old);
    return { ...line, date: `day ${i}`, figures: { torch: { stepMs: ms } } };
  });
  const step = (history: typeof noisy) =>
    compareReports(old, now, { failOver: 0.1, history }).changes[1];
  assertEquals([step([]).kind, step([]).noise, step([]).regression], ["worse", null, true]);
  assertEquals([step(noisy).kind, step(noisy).noiseFrom], ["same", "history"]);
  const elsewhere = noisy.map((line) => ({ ...line, machine: "another" }));
  assertEquals(step(elsewhere).noise, null);
});

Deno.test("compare: an accuracy is known no better than its number of images allows", async () => {
  const accuracy = (a: Report, b: Report) => compareReports(a, b, { failOver: 0.1 }).changes[0];
  const [old, now] = [await measured([0.6]), await measured([0.45])];
  assertEquals([accuracy(old, now).kind, accuracy(old, now).noiseFrom], ["same", "test images"]);
  const many = (report: Report) => ({
    ...report,
    datasets: [{ ...report.datasets[0], testImages: 10_000 }],
  });
  assertEquals(accuracy(many(old), many(now)).kind, "worse");
});

Deno.test("compare: times of another machine are not judged, other experiments are refused", async () => {
  const old = await measured([0.6], 20);
  const now = await measured([0.6], 90);
  const elsewhere = { ...now, environment: { ...now.environment, cpuModel: "another" } };
  const comparison = compareReports(old, elsewhere, { failOver: 0.1 });
  assertEquals(comparison.changes[1].kind, "unjudged");
  assertEquals(comparison.regressions, 0);
  assertStringIncludes(comparison.notes.join(), "the machines differ");
  const [recipe] = now.recipes;
  const other = { ...now, recipes: [{ ...recipe, epochs: 9 }] };
  assertThrows(
    () => compareReports(old, other, { failOver: 0.1 }),
    CompareError,
    "epochs of recipe published: 2, 9",
  );
});

Deno.test("compare: from an accuracy of 0 is a change like any other, in values that JSON has", async () => {
  const [change] = compareReports(
    await measured([0, 0.001, 0.002]),
    await measured([0.5, 0.501, 0.502]),
    { failOver: 0.1 },
  ).changes;
  assertEquals(change.kind, "better");
  const old = await measured([0, 0]);
  const [none] = compareReports(old, await measured([0.5, 0.51]), { failOver: 0.1 }).changes;
  assertEquals([none.kind, none.relative, none.noise], ["better", null, null]);
  assertStringIncludes(
    formatComparison({ changes: [none], regressions: 0, notes: [] }, 0.1),
    "from 0",
  );
});

Deno.test("compare: where the noise is unknown, only the limit makes a change", async () => {
  const step = async (ms: number) => {
    const [old, now] = [await measured([0.6], 20), await measured([0.6], ms)];
    return compareReports(old, now, { failOver: 0.1 }).changes[1].kind;
  };
  assertEquals([await step(21), await step(19), await step(23), await step(17)], [
    "same",
    "same",
    "worse",
    "better",
  ]);
});

Deno.test("compare: what could not be measured any more is a regression, what was not asked for is none", async () => {
  const old = await fakeRun();
  const launch = launcherOf({ torch: failing("broken") });
  const comparison = compareReports(old, await fakeRun({}, { launch }), { failOver: 0.1 });
  assertEquals(comparison.regressions, 1);
  assertStringIncludes(comparison.notes.join(), "torch could not be measured");
  const fewer = compareReports(old, await fakeRun({ styles: ["keras"] }), { failOver: 0.1 });
  assertEquals(fewer.regressions, 0);
  assertStringIncludes(fewer.notes.join(), "torch is in the old report only");
});

Deno.test("compare: an option that only the newer report has is a difference", async () => {
  const old = await measured([0.6]);
  const now = { ...old, options: { ...old.options, momentum: 0.9 } } as Report;
  for (const [a, b] of [[old, now], [now, old]]) {
    assertThrows(() => compareReports(a, b, { failOver: 0.1 }), CompareError, "option momentum");
  }
});

Deno.test("a report that is older than an option or a field of recipes is of the same experiment as one of today without it", () =>
  inFolder(async (folder) => {
    const now = await fakeRun();
    const old = JSON.parse(reportText(now));
    const { properties, required } = schema.properties.options;
    const newer = Object.keys(properties).filter((name) => !required.includes(name));
    assert(newer.length > 5);
    for (const name of newer) delete old.options[name];
    for (const name of ["firstLayerEpochs", "lookahead", "testTimeShift"]) {
      delete old.recipes[0][name];
    }
    await Deno.writeTextFile(`${folder}/report.json`, JSON.stringify(old));
    const read = await readReport(folder);
    assertEquals(read, JSON.parse(reportText(now)));
    for (const pair of [[read, now], [now, read]] as const) {
      assertEquals(compareReports(...pair, { failOver: 0.1 }).regressions, 0);
      const both = mergeReports(pair.map((report, i) => ({ name: `${i}`, report })));
      assertEquals(both.complete, true);
    }
    const threads = { ...now, options: { ...now.options, threads: 1 } };
    assertThrows(() => compareReports(read, threads, { failOver: 0.1 }), CompareError, "threads");
    const evidence = new URL("../../../bench/evidence/resnet20/report.json", import.meta.url);
    const { options, recipes: [recipe] } = await readReport(fileURLToPath(evidence));
    assertEquals(Object.keys(options).sort(), Object.keys(now.options).sort());
    assertEquals(Object.keys(recipe).sort(), Object.keys(now.recipes[0]).sort());
  }));

Deno.test("compare: text and badge", async () => {
  const [old, now] = [await measured([0.9], 20), await measured([0.1], 20)];
  const comparison = compareReports(old, now, { failOver: 0.1 });
  const text = formatComparison(comparison, 0.1);
  assertStringIncludes(text, "**worse: regression**");
  assertStringIncludes(text, "1 regression beyond 10 %.");
  assertEquals(comparisonBadge(comparison), {
    schemaVersion: 1,
    label: "tandem bench",
    message: "1 regression",
    color: "red",
  });
});

Deno.test("the history grows by a line a report; a damaged line is named", () =>
  inFolder(async (folder) => {
    const path = `${folder}/history.jsonl`;
    assertEquals(await readHistory(path), []);
    const report = await measured([0.6]);
    await appendToHistory(path, report);
    await appendToHistory(path, report);
    const lines = await readHistory(path);
    assertEquals(lines.length, 1, "the same report is there once");
    assertEquals(lines[0].figures.torch.testAccuracy, 0.6);
    const whole = await Deno.readTextFile(path);
    const [line] = lines;
    const damaged = [
      "oh",
      "null",
      JSON.stringify({ ...line, figures: null }),
      JSON.stringify({ ...line, figures: { torch: { stepMs: "1" } } }),
      JSON.stringify({ ...line, experiment: undefined }),
    ];
    for (const text of damaged) {
      await Deno.writeTextFile(path, `${whole}${text}\n`);
      await assertRejects(() => readHistory(path), HistoryError, "line 2");
      await assertRejects(() => appendToHistory(path, dated(report, 2)), HistoryError, "line 2");
      assertEquals(await Deno.readTextFile(path), `${whole}${text}\n`);
    }
  }));

const dated = (report: Report, day: number): Report => ({
  ...report,
  environment: { ...report.environment, date: `2026-01-${String(day).padStart(2, "0")}` },
});

Deno.test("of many appends to a history at once each adds its line, after a killed one too", () =>
  inFolder(async (folder) => {
    const path = `${folder}/deep/history.jsonl`;
    const report = await measured([0.6]);
    const all = Array.from({ length: 20 }, (_, i) => dated(report, i + 1));
    await Promise.all(all.map((one) => appendToHistory(path, one)));
    const dates = (await readHistory(path)).map(({ date }) => date).sort();
    assertEquals(dates, all.map(({ environment }) => environment.date));
    const whole = await Deno.readTextFile(path);
    for (const cut of ["{", '{"date":"2026-01-21","mach']) {
      await Deno.writeTextFile(path, whole + cut);
      assertEquals((await readHistory(path)).length, 20);
      await appendToHistory(path, dated(report, 22));
      assertEquals((await readHistory(path)).length, 21);
      assert((await Deno.readTextFile(path)).startsWith(whole));
    }
    // A whole line without its end, as an editor may leave it.
    await Deno.writeTextFile(path, whole.trimEnd());
    await appendToHistory(path, dated(report, 23));
    assertEquals((await readHistory(path)).length, 21);
    await Deno.writeTextFile(path, "my notes");
    await assertRejects(() => appendToHistory(path, report), HistoryError, "line 1");
    assertEquals(await Deno.readTextFile(path), "my notes");
  }));

const file = (name: string) => new URL(`./report_v2_${name}.json`, import.meta.url);

Deno.test("a report of version 2 is read as one of today: the same figures under today's names", async () => {
  const old = JSON.parse(await Deno.readTextFile(file("run")));
  const report = await readReport(fileURLToPath(file("run")));
  assertEquals(report.experiment.name, "compare");
  assertEquals(report.results.map(({ trial }) => trial), old.results.map((r: Old) => r.cell));
  assertEquals(report.configurations.map(({ name }) => name), old.groups.map((g: Old) => g.name));
  for (const [i, { seeds, figures }] of report.configurations.entries()) {
    assertEquals(seeds, old.groups[i].seeds);
    for (const [name, figure] of Object.entries(old.groups[i].figures)) {
      assertEquals(figures[name as keyof typeof figures] as unknown, figure, name);
    }
  }
  assertEquals(report.comparisons, old.comparisons);
  assertEquals(report.results[0].testLoss, old.results[0].testLoss);
  assertEquals([report.results[0].state, report.results[0].inputMs], ["done", null]);
  assertEquals([report.recipes[0].name, report.recipes[0].epochs], ["published", 2]);
  assertStringIncludes(formatMarkdown(report), "deno task bench --epochs 2");
  // It can be written, read, merged and compared as any.
  assertEquals(compareReports(report, report, { failOver: 0.1 }).regressions, 0);
  assertEquals(mergeReports([{ name: "old", report }]).complete, report.complete);
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/report.json`, reportText(report));
    assertEquals(await readReport(folder), JSON.parse(JSON.stringify(report)));
  });
});

Deno.test("a ladder and a layout of version 2 keep their steps, their modes and their failures", async () => {
  const ladder = await readReport(fileURLToPath(file("ladder")));
  const text = formatMarkdown(ladder);
  assertStringIncludes(text, "| torch/one-softmax");
  assertStringIncludes(text, "no softmax before the loss");
  assertStringIncludes(text, "the Keras variant itself");
  assertStringIncludes(text, "deno task bench ablation");
  assertEquals(ladder.configurations.map(({ before }) => before).slice(0, 2), [
    null,
    "torch/published",
  ]);
  const layout = await readReport(fileURLToPath(file("layout")));
  assertEquals(layout.results.map(({ state }) => state), ["done", "failed"]);
  assertEquals([layout.complete, layout.recipes[0].name], [false, "fixed"]);
  assertStringIncludes(formatMarkdown(layout), "layout --recipe fixed --styles torch");
});

Deno.test("merge: reports whose trials depend on other files or pixels are refused", async () => {
  const [a, b] = await Promise.all([shard(1, 2), shard(2, 2)]);
  b.configurations[0].fingerprint = "of other pixels";
  assertThrows(
    () => mergeReports([{ name: "a", report: a }, { name: "b", report: b }]),
    MergeError,
    "what trials depend on",
  );
});

// deno-lint-ignore no-explicit-any
type Old = any;
