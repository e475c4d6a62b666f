/** report.json out of anybody's hands: reading, every output, comparing, merging and the commands that do it. */
import { main } from "../../../bench/main.ts";
import { formatComparison } from "../../../bench/output/comparison.ts";
import { compareReports } from "../../../bench/results/compare.ts";
import { mergeReports } from "../../../bench/results/merge.ts";
import { readReport } from "../../../bench/results/read_report.ts";
import type { Report } from "../../../bench/results/report.ts";
import type { Random } from "../../../fixtures/random.ts";
import {
  attack,
  drawnFaults,
  markdownFaults,
  textFaults,
  withEveryText,
} from "../../bench/output/shown_report.ts";
import { reportsOfAllKinds } from "../../bench/output/page_reports.ts";
import { mutatedBytes, mutatedJson, mutatedLeaves, mutatedValue, pick } from "../mutation.ts";
import { attempt, expect, namesBelow, type Outcome, type Target } from "../target.ts";

/** A damaged report; now and then one in which every text is an attack. */
function mutatedReport(report: unknown, random: Random): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  switch (random.below(8)) {
    case 0:
      return mutatedBytes(encoder.encode(JSON.stringify(report)), random);
    case 1:
      return encoder.encode(JSON.stringify(mutatedValue(withEveryText(report, attack), random)));
    case 2:
    case 3:
    case 4:
      return encoder.encode(JSON.stringify(mutatedLeaves(report, random)));
    default:
      return encoder.encode(mutatedJson(mutatedValue(report, random), random));
  }
}

/** Runs a command as somebody would; what it prints is looked at too. */
async function command(args: readonly string[]): Promise<number> {
  const printed: string[] = [];
  const kept = { log: console.log, error: console.error };
  console.log = console.error = (...parts: unknown[]) => printed.push(parts.join(" "));
  try {
    const result = await attempt(() => main(args));
    expect("value" in result, "the command threw what it should have said");
    // deno-lint-ignore no-control-regex
    const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.exec(
      printed.join("\n"),
    );
    expect(control === null, "a command printed control characters");
    const code = (result as { value: number }).value;
    if (code === 2) {
      expect(printed.join("").length < 400, `a message of ${printed.join("").length}`);
    }
    return code;
  } finally {
    Object.assign(console, kept);
  }
}

const target: Target = {
  name: "report",
  async prepare(folder) {
    const path = `${folder}/report.json`;
    const old = [..."run ladder layout".split(" ")].map((name) =>
      JSON.parse(Deno.readTextFileSync(`tests/bench/results/report_v2_${name}.json`))
    );
    const whole: Report[] = (await reportsOfAllKinds()).map(([, report]) => report);
    const seeds: unknown[] = [...whole, ...old];
    await Deno.writeTextFile(`${folder}/old.json`, JSON.stringify(whole[0]));
    let number = 0;
    return async (random): Promise<Outcome> => {
      const seed = pick(random, seeds);
      await Deno.writeFile(path, mutatedReport(seed, random));
      if (random.below(60) === 0) return await throughCommands(`${folder}/out${number++}`, random);
      const read = await attempt(() => readReport(path), [path]);
      if ("error" in read) return "refused";
      const report = read.value;
      const faults = textFaults(report);
      if (random.below(12) === 0) faults.push(...await drawnFaults(report));
      expect(faults.length === 0, faults.slice(0, 3).join("; "));
      for (const [a, b] of [[report, whole[0]], [whole[0], report], [report, report]]) {
        const compared = await attempt(() => compareReports(a, b, { failOver: 0.1 }));
        if ("value" in compared) {
          const found = markdownFaults(formatComparison(compared.value, 0.1));
          expect(found.length === 0, found.slice(0, 3).join("; "));
        }
        const merged = await attempt(() =>
          mergeReports([{ name: "a", report: a }, { name: "b", report: b }])
        );
        if ("value" in merged) expect(textFaults(merged.value).length === 0, "a merged report");
      }
      return "taken";
    };

    async function throughCommands(out: string, random: Random): Promise<Outcome> {
      const args = pick(random, [
        ["report", path, "--out", out, "--junit", `${out}/junit.xml`],
        ["merge", path, `${folder}/old.json`, "--out", out],
        ["compare", `${folder}/old.json`, path, "--badge", `${folder}/badge.json`],
        ["compare", path, path, "--history", `${folder}/history.jsonl`],
      ]);
      const code = await command(args);
      const names = await Deno.stat(out).then(() => namesBelow(out), () => []);
      // Invalid: refused before anything is written.
      if (code === 2) expect(names.length === 0, `refused, yet ${names} were written`);
      expect(names.every((name) => !name.endsWith(".part")), `half-written: ${names}`);
      await Deno.remove(out, { recursive: true }).catch(() => {});
      return code === 2 ? "refused" : "taken";
    }
  },
};

export default target;
