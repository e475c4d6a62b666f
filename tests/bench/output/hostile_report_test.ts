/** Reports in which every text is an attack, through every output. */
import { assertEquals } from "@std/assert";
import { formatComparison } from "../../../bench/output/comparison.ts";
import { compareReports } from "../../../bench/results/compare.ts";
import { readReport } from "../../../bench/results/read_report.ts";
import { mergeReports } from "../../../bench/results/merge.ts";
import { fakeRun, variedLauncher } from "../runner/fake_run.ts";
import { parityReport } from "./page_reports.ts";
import { inFolder } from "../../in_folder.ts";
import { attack, drawnFaults, markdownFaults, textFaults, withEveryText } from "./shown_report.ts";

const row = {
  ...{ name: "dense", keras: "dense", torch: "fc", part: "output", kind: "activation" as const },
  ...{ pass: "training" as const, shape: [2], maxDifference: 1, relative: 1, at: [0] },
  ...{ kerasValue: 1, torchValue: 2, agrees: false, why: "because" },
  ...{ status: "differs" as const, histogram: [{ exponent: -2, count: 3 }] },
};
const plain = await fakeRun({ seeds: 2, styles: ["torch"] }, { launch: variedLauncher });
const steps = await fakeRun({ seeds: 2 }, { launch: variedLauncher }, "ablation");
const parity = await parityReport();
const withRow = { ...parity, parity: { ...parity.parity!, firstDifferent: row, layers: [row] } };

const reports = { compare: plain, ablation: steps, parity: withRow };

for (const [name, report] of Object.entries(reports)) {
  Deno.test(`every text an attack, nothing but words anywhere: ${name}`, () =>
    inFolder(async (folder) => {
      assertEquals(textFaults(report), [], "the harmless one");
      const hostile = withEveryText(report, attack);
      if (hostile.results[0]) hostile.results[0].error = attack;
      hostile.environment.gitCommit = "0; touch owned";
      await Deno.writeTextFile(`${folder}/report.json`, JSON.stringify(hostile));
      const read = await readReport(folder);
      assertEquals(textFaults(read), []);
      // Drawing takes seconds; the other kinds' pages are `deno task fuzz`'s.
      if (report === plain) assertEquals(await drawnFaults(read), []);
      if (report === withRow) return;
      const merged = mergeReports([{ name: "a", report: read }]);
      assertEquals(textFaults(merged), []);
      const compared = compareReports(read, read, { failOver: 0.1 });
      compared.notes.push(attack);
      assertEquals(markdownFaults(formatComparison(compared, 0.1)), []);
    }));
}
