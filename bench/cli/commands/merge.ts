/** `bench merge`. @module */
import type { ParsedArguments } from "../mod.ts";
import { mergeReports, missingCells } from "../../results/merge.ts";
import { prepareFolder, readReport, reportsIn } from "../../results/report_files.ts";
import { type Command, exitCodes } from "../command.ts";
import { mannerOf, printReport } from "../run_experiment.ts";
import { writeOutputs } from "../../output/files.ts";

/** Joins the reports of shards. */
export const mergeCommand: Command = {
  name: "merge",
  summary: "joins the reports of shards into one and says which trainings are missing",
  placeholder: "REPORT...",
  flags: ["out", "junit"],
  switches: ["json"],
  positional: { name: "reports", least: 1, most: 10_000 },
  examples: [
    ["merge shards --out report", "one report of all shards' folders in shards"],
    ["merge first/report.json second --out report", "of the reports that are named"],
  ],
  run: merge,
};

async function merge(args: ParsedArguments): Promise<number> {
  const out = args.value("out");
  const names = (await Promise.all(args.positional.map(reportsIn))).flat();
  const reports = await Promise.all(
    names.map(async (name) => ({ name, report: await readReport(name) })),
  );
  const merged = mergeReports(reports);
  await prepareFolder(out);
  const files = await writeOutputs(merged, { out, junit: args.value("junit") }, "whole");
  printReport(merged, files, mannerOf(args));
  const missing = missingCells(merged);
  if (missing.length === 0) return exitCodes.done;
  console.error(`missing ${missing.length} of ${merged.plan.length}: ${missing.join(", ")}`);
  return exitCodes.failed;
}
