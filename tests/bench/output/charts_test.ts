/** The charts of reports: which there are, and what they draw. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chartsFor, chartsOf } from "../../../bench/output/charts/mod.ts";
import { cutTo, frameOf, isCut } from "../../../bench/output/charts/frame.ts";
import { junitIn, plannedFiles, writePart, writeWhole } from "../../../bench/output/files.ts";
import { OutputFolder } from "../../../bench/output/folder.ts";
import { formatMarkdown } from "../../../bench/output/markdown.ts";
import type { TrialResult } from "../../../bench/runner/trials/trial.ts";
import { decodePng } from "../../../plotting/mod.ts";
import { parityReport, reportOf, reportsOfAllKinds } from "./page_reports.ts";

const names = (charts: readonly { name: string }[]) => charts.map(({ name }) => name);

Deno.test("each kind of report has its charts", async () => {
  const shared = ["validation-accuracy", "validation-loss", "accuracy-against-time", "fit-time"];
  const confusions = (names: string[]) => names.map((name) => `confusion-${name}`);
  assertEquals(names(chartsFor(await reportOf("compare", 1))), [
    ...shared,
    ...["step-time", "throughput"],
    ...confusions(["keras", "keras-advanced", "torch"]),
  ]);
  const ablation = names(chartsFor(await reportOf("ablation", 2)));
  assertEquals(ablation.slice(0, 7), ["steps", ...shared, "step-time", "throughput"]);
  assertEquals(ablation.slice(7, 9), confusions(["torch-published", "torch-one-softmax"]));
  const layout = names(chartsFor(await reportOf("layout", 1)));
  assertEquals(layout.slice(0, 5), ["step-time", ...shared]);
  assertEquals(names(chartsFor(await parityReport())), ["parity"]);
});

Deno.test("a report without trainings, or with broken figures, has no such charts", async () => {
  const report = await reportOf("compare", 1);
  assertEquals(chartsFor({ ...report, results: [] }), []);
  for (const result of report.results) {
    result.fitSeconds = NaN;
    result.stepMs = result.imagesPerSecond = null;
    result.confusion = [[1]];
    for (const epoch of result.history) epoch.valLoss = Infinity;
  }
  assertEquals(names(chartsFor(report)), ["validation-accuracy", "accuracy-against-time"]);
});

Deno.test("a trial that was cut short counts in no chart's means, as in no table's; where none is done all show how far they came", async () => {
  const report = await reportOf("compare", 3);
  const at = report.results.findIndex(({ axes }) => axes.style === "torch");
  const [cut] = report.results.splice(at, 1);
  const tables = (results: TrialResult[]) =>
    chartsFor({ ...report, results }).map(({ name, table }) => [name, table]);
  const done = tables(report.results);
  assert(done.length > 6);
  for (const state of ["stopped", "failed", "diverged", "incomplete"] as const) {
    const [epoch] = cut.history;
    const short: TrialResult = {
      ...{ ...cut, state, fitSeconds: 0.01, imagesPerSecond: 1 },
      stepMs: { median: 900, p95: 900, mean: 900, count: 1 },
      history: [{ ...epoch, valAccuracy: 0, valLoss: 90 }],
    };
    assertEquals(tables([...report.results, short]), done, state);
    const alone = Object.fromEntries(tables([short])) as Record<string, { rows: string[][] }>;
    assertEquals(alone["fit-time"].rows[0][1], "0.01 s");
    assertEquals(alone["step-time"].rows[0][1], "900.0 ms");
  }
});

Deno.test("curves: means and intervals over the seeds, one line a configuration", async () => {
  const report = await reportOf("compare", 3);
  const [accuracy] = await chartsOf(report);
  const keras = report.results.filter(({ axes }) => axes.style === "keras");
  const mean = keras.reduce((sum, { history }) => sum + history[2].valAccuracy, 0) / keras.length;
  const row = accuracy.table.rows.find(([name, epoch]) => name === "keras" && epoch === "3")!;
  assertEquals(row[2], `${(mean * 100).toFixed(2)} %`);
  assertStringIncludes(row[3], " to ");
  assertEquals(row[4], "3");
  // A band, a line and a legend's entry for each of the three configurations, on both grounds.
  for (const svg of [accuracy.light, accuracy.dark]) {
    assertEquals(svg.match(/fill-opacity="0\.14"|opacity="0\.14"/g)?.length, 3);
    for (const { name } of report.configurations) assertStringIncludes(svg, `>${name}</text>`);
  }
  const [single] = await chartsOf(await reportOf("compare", 1));
  assert(!single.light.includes('opacity="0.14"'), "a band without an interval");
  assertStringIncludes(single.caption, "no interval");
});

Deno.test("fit time: the parts of a bar add up to the whole, told apart by colour and order", async () => {
  const report = await reportOf("compare", 1);
  const time = (await chartsOf(report)).find(({ name }) => name === "fit-time")!;
  const [, total, , ...parts] = time.table.rows[0];
  const sum = parts.reduce((all, part) => all + parseFloat(part), 0);
  assert(Math.abs(sum - parseFloat(total)) < 0.06, `${time.table.rows[0]}`);
  for (const word of ["compiling", "engine", "JavaScript"]) {
    assertStringIncludes(time.light, `>${word}</text>`);
  }
  assert(!time.light.includes("not told apart"), "a part that is nothing");
  for (const result of report.results) result.engineSeconds = result.compileSeconds = null;
  for (const result of report.results) result.javascriptSeconds = null;
  const whole = (await chartsOf(report)).find(({ name }) => name === "fit-time")!;
  assertStringIncludes(whole.light, ">not told apart</text>");
});

Deno.test("the waterfall's changes lead from the first accuracy to the last", async () => {
  const report = await reportOf("ablation", 2);
  const [steps] = await chartsOf(report);
  const rows = steps.table.rows;
  assertEquals(rows.length, 7);
  const number = (text: string) => Number(text.replace("−", "-"));
  const changes = rows.slice(1).map((row) => number(row[3]));
  const led = number(rows[0][1]) + changes.reduce((sum, change) => sum + change, 0);
  assert(Math.abs(led - number(rows[6][1])) < 0.5, JSON.stringify(rows));
  assert(changes.some((change) => change < 0) && changes.some((change) => change > 0));
  for (const word of ["gain", "loss"]) assertStringIncludes(steps.light, `>${word}</text>`);
});

Deno.test("confusions: counts of all seeds in the table, shares of the row in the squares", async () => {
  const report = await reportOf("compare", 2);
  const chart = chartsFor(report).find(({ name }) => name === "confusion-torch")!;
  const total = chart.table.rows.flatMap(([, ...cells]) => cells.map(Number))
    .reduce((sum, count) => sum + count, 0);
  assertEquals(total, 2 * report.datasets[0].testImages);
  const svg = (await chartsOf(report)).find(({ name }) => name === "confusion-torch")!.light;
  for (const name of report.datasets[0].classNames) assertStringIncludes(svg, `>${name}</text>`);
});

Deno.test("parity: the tolerance, and the step where the losses are furthest apart", async () => {
  const [chart] = await chartsOf(await parityReport());
  assertStringIncludes(chart.description, "furthest apart at step 60");
  assertStringIncludes(chart.description, "1e-3 is allowed");
  assertStringIncludes(chart.light, ">tolerance</text>");
});

Deno.test("report.md fits a job's summary, however long the notes; the table is first", async () => {
  const report = await reportOf("compare", 1);
  const short = formatMarkdown(report);
  assert(short.indexOf("| fit time") < short.indexOf("## "), "the table does not come first");
  assert(!short.includes("Cut off"));
  report.results[0].notes.push(
    ...Array.from({ length: 3000 }, (_, i) => `${i} ${"é".repeat(300)}`),
  );
  const long = formatMarkdown(report);
  const bytes = new TextEncoder().encode(long).length;
  assert(bytes > 990_000 && bytes <= 1_000_000, `${bytes} bytes`);
  assertStringIncludes(long, "| fit time");
  assert(long.endsWith("\nCut off here; the rest is in report.json.\n"));
});

Deno.test("frame: intervals that dwarf the values are cut off, others shown whole", () => {
  const near = [{ value: 1, low: 0.9, high: 1.1 }, { value: 2, low: 1.9, high: 2.1 }];
  const shown = frameOf(near);
  assert(shown[0] < 0.9 && shown[1] > 2.1 && !isCut(near, shown));
  const far = [{ value: 1, low: -90, high: 110 }, { value: 2, low: 1.9, high: 2.1 }];
  const cut = frameOf(far);
  assert(cut[0] > -1 && cut[1] < 4 && isCut(far, cut));
  assertEquals(cutTo(far[0], cut), { value: 1, low: cut[0], high: cut[1] });
  assertEquals(
    frameOf([{ value: 0.99, low: 0.5, high: 1.5 }, { value: 0.6, low: 0.5, high: 0.7 }], [0, 1])[1],
    1,
  );
  const one = frameOf([{ value: 3, low: null, high: null }]);
  assert(one[0] < 3 && one[1] > 3);
});

Deno.test("a whole report is written with its page and charts, a part without", async () => {
  const out = await Deno.makeTempDir();
  try {
    const report = await reportOf("compare", 1);
    await using folder = await OutputFolder.open(out, plannedFiles(report.configurations));
    const listed = () =>
      [...Deno.readDirSync(out)].map(({ name }) => name).filter((name) => !name.startsWith("."))
        .sort();
    await writePart(report, folder);
    assertEquals(listed(), ["report.json", "report.md"]);
    await Deno.mkdir(`${out}/charts`, { recursive: true });
    await Deno.writeTextFile(`${out}/charts/of_somebody_else.svg`, "");
    await folder.write([{ path: "charts/of_another_report.svg", content: "<svg/>" }]);
    const files = await writeWhole(report, folder, null);
    assertEquals(await Deno.stat(`${out}/charts/of_another_report.svg`).catch(() => null), null);
    assertEquals(listed(), ["charts", "report.html", "report.json", "report.md"]);
    assertEquals(files.map((file) => file.slice(out.length + 1)), [
      "report.json",
      "report.md",
      "report.html",
      "charts",
    ]);
    const drawn = names(chartsFor(report)).flatMap((name) => [`${name}.png`, `${name}.svg`]);
    assertEquals(
      [...Deno.readDirSync(`${out}/charts`)].map(({ name }) => name).sort(),
      [...drawn, "of_somebody_else.svg"].sort(),
    );
    // A JUnit file in the folder is one of its files, also the next time.
    const junit = `${out}/junit.xml`;
    assertEquals(junitIn(out, junit), ["junit.xml"]);
    for (let round = 0; round < 2; round++) {
      assert((await writeWhole(report, folder, junit)).includes(junit));
    }
    const { width } = await decodePng(await Deno.readFile(`${out}/charts/fit-time.png`));
    assert(width > 500, `${width} pixels`);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("every chart that a report has is among the files that are looked for before any work", async () => {
  for (const [kind, report] of await reportsOfAllKinds()) {
    const planned = plannedFiles(report.configurations);
    const missing = names(chartsFor(report)).filter((n) => !planned.includes(`charts/${n}.svg`));
    assertEquals(missing, [], kind);
  }
});
