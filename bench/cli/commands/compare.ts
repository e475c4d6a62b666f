/** `bench compare`. @module */
import type { ParsedArguments } from "../mod.ts";
import {
  compareReports,
  comparisonBadge,
  formatComparison,
  historyText,
  readHistory,
} from "../../results/compare_mod.ts";
import { type OutputFile, readReport, writeFiles } from "../../results/report_files.ts";
import { type Command, exitCodes } from "../command.ts";

/** Holds a report against an older one. */
export const compareCommand: Command = {
  name: "compare",
  summary: "says what got slower, faster, better or worse than in an older report",
  placeholder: "OLD NEW",
  flags: ["fail-over", "history", "badge"],
  switches: ["json"],
  positional: { name: "reports", least: 2, most: 2 },
  examples: [
    ["compare old/report.json report/report.json", "exit code 1 on a regression beyond 10 %"],
    ["compare old new --fail-over 5% --history history.jsonl", "with the noise of earlier runs"],
  ],
  run: compare,
};

async function compare(args: ParsedArguments): Promise<number> {
  const [before, after] = await Promise.all(args.positional.map(readReport));
  const historyFile = args.value("history");
  const history = historyFile === null ? [] : await readHistory(historyFile);
  const failOver = args.value("fail-over");
  const comparison = compareReports(before, after, { failOver, history });
  // Printed first: a file that cannot be written costs no answer.
  console.log(
    args.has("json") ? JSON.stringify(comparison) : formatComparison(comparison, failOver),
  );
  const files: OutputFile[] = [];
  if (historyFile !== null) {
    files.push({ path: historyFile, content: historyText(history, after) });
  }
  const badge = args.value("badge");
  if (badge !== null) {
    files.push({ path: badge, content: JSON.stringify(comparisonBadge(comparison)) + "\n" });
  }
  await writeFiles(files);
  return comparison.regressions === 0 ? exitCodes.done : exitCodes.failed;
}
