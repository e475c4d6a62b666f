/** `bench report`. @module */
import type { ParsedArguments } from "../command_line/mod.ts";
import { prepareFolder, readReport } from "../report_files.ts";
import { type Command, exitCodes } from "./command.ts";
import { mannerOf, printReport } from "./grid_command.ts";
import { writeOutputs } from "./outputs.ts";

/** Writes the pages and pictures of a report again. */
export const reportCommand: Command = {
  name: "report",
  summary: "writes the pages and pictures of a report.json again",
  placeholder: "REPORT",
  flags: ["out", "junit"],
  switches: ["json"],
  positional: { name: "reports", least: 1, most: 1 },
  examples: [["report old/report.json --out page", "report.html, report.md and the charts"]],
  run: report,
};

async function report(args: ParsedArguments): Promise<number> {
  const out = args.value("out");
  const read = await readReport(args.positional[0]);
  await prepareFolder(out);
  const files = await writeOutputs(read, { out, junit: args.value("junit") }, "whole");
  printReport(read, files, mannerOf(args));
  return exitCodes.done;
}
