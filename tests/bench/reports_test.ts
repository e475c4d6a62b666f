/** Reports that were written: read, merged, compared, shown to CI systems. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import {
  CompareError,
  compareReports,
  comparisonBadge,
  formatComparison,
  historyLine,
  historyText,
  readHistory,
} from "../../bench/results/compare_mod.ts";
import { formatJUnit } from "../../bench/output/junit.ts";
import { MergeError, mergeReports, missingCells } from "../../bench/results/merge.ts";
import type { Report } from "../../bench/results/report.ts";
import {
  OutputError,
  readReport,
  ReportError,
  reportsIn,
  reportText,
  writeFiles,
} from "../../bench/results/report_files.ts";
import { formatMarkdown } from "../../bench/output/markdown.ts";
import type { StyleRunner } from "../../bench/styles/style.ts";
import { fakeRun, fakeRunner, fakeRunners } from "./fake_run.ts";
import { inFolder } from "../in_folder.ts";

/** Reports whose torch accuracies and step times are given, seed by seed. */
function measured(accuracies: number[], stepMs = 15): Promise<Report> {
  const runner: StyleRunner = async (context) => {
    await fakeRunner({
      ...context,
      clock: Object.assign(Object.create(context.clock), {
        record: () => context.clock.record(stepMs),
      }),
    });
    context.outcome.testAccuracy = accuracies[context.trial.seed - 1];
  };
  const options = { styles: ["torch" as const], seeds: accuracies.length };
  return fakeRun(options, { runners: fakeRunners({ torch: runner }) });
}

Deno.test("a report is read back as it was written; from its folder too", () =>
  inFolder(async (folder) => {
    const report = await fakeRun();
    await writeFiles([{ path: `${folder}/report.json`, content: reportText(report) }]);
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
    await refused("is a report of version 1, expected version 2; run the bench again");
    await write('{"schemaVersion": 3}');
    await refused("expected version 2; use a newer Tandem");
    await write('{"hello": 1}');
    await refused("no schemaVersion");
    await write(JSON.stringify({ ...await fakeRun(), results: [{ cell: 3 }] }));
    await refused("is a damaged report: /results/0");
    await write(JSON.stringify({ ...await fakeRun(), parity: { steps: 3 } }));
    await refused("is a damaged report: /parity");
  }));

Deno.test("a file that cannot be written is named; the one before it is whole, nothing half-written stays", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/in-the-way`, "");
    const error = await assertRejects(() =>
      writeFiles([
        { path: `${folder}/first`, content: "whole" },
        { path: `${folder}/in-the-way/second`, content: "lost" },
      ]), OutputError);
    assertStringIncludes(error.message, "in-the-way");
    assertEquals(await Deno.readTextFile(`${folder}/first`), "whole");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "first",
      "in-the-way",
    ]);
  }));

const shard = (index: number, count: number, others = {}) =>
  fakeRun({ styles: ["keras", "torch"], seeds: 2, shard: { index, count }, ...others });

Deno.test("shards join to the report of the whole; it says what is missing", async () => {
  const [a, b, c] = await Promise.all([shard(1, 3), shard(2, 3), shard(3, 3)]);
  assertEquals([a.complete, missingCells(a)], [true, []]);
  const named = [c, a, b].map((report, i) => ({ name: `part ${i}`, report }));
  const whole = mergeReports(named);
  assertEquals([whole.complete, whole.options.shard, whole.parts.length], [true, null, 3]);
  assertEquals(whole.results.map(({ cell }) => cell), whole.plan.map(({ id }) => id));
  assertEquals(whole.groups.map(({ seeds }) => seeds), [[1, 2], [1, 2]]);
  const part = mergeReports(named.slice(0, 2));
  assertEquals([part.complete, missingCells(part)], [false, ["torch/seed-1"]]);
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
    '"a" and "b" are of different experiments: option batchSize is 32 in the one and 8 in the other',
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

Deno.test("JUnit: a case a training, with errors and what is missing", async () => {
  const report = await fakeRun({ styles: ["keras", "torch"] }, {
    runners: fakeRunners({ keras: () => Promise.reject(new Error('broken <by> "us"')) }),
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
    dataset: { ...report.dataset, testImages: 10_000 },
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
  const other = { ...now, options: { ...now.options, epochs: 9 } };
  assertThrows(
    () => compareReports(old, other, { failOver: 0.1 }),
    CompareError,
    "option epochs: 2, 9",
  );
});

Deno.test("compare: from an accuracy of 0 is a change like any other, in numbers that JSON has", async () => {
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
  const broken = fakeRunners({ torch: () => Promise.reject(new Error("broken")) });
  const comparison = compareReports(old, await fakeRun({}, { runners: broken }), { failOver: 0.1 });
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
    await Deno.writeTextFile(path, historyText([], report));
    const lines = await readHistory(path);
    assertEquals(lines[0].figures.torch.testAccuracy, 0.6);
    assertEquals(historyText(lines, report).split("\n").length, 2, "the same report is there once");
    const [line] = lines;
    const damaged = [
      "oh",
      "null",
      JSON.stringify({ ...line, figures: null }),
      JSON.stringify({ ...line, figures: { torch: { stepMs: "1" } } }),
      JSON.stringify({ ...line, experiment: undefined }),
    ];
    for (const text of damaged) {
      await Deno.writeTextFile(path, `${historyText(lines, report)}${text}\n`);
      await assertRejects(() => readHistory(path), OutputError, "line 2");
    }
  }));
