/** `bench compare`. @module */
import { comparisonBadge, formatComparison, isBadge } from "../../output/comparison.ts";
import { terminalJson } from "../../output/escape.ts";
import { proveReplaceable, writeFile } from "../../output/folder.ts";
import { compareReports } from "../../results/compare.ts";
import { appendToHistory, readHistory } from "../../results/history.ts";
import { readReport } from "../../results/read_report.ts";
import { type Command, exitCodes } from "../command.ts";
import type { ParsedArguments } from "../parse.ts";

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
  const badge = args.value("badge");
  if (badge !== null) await proveReplaceable("--badge", badge, isBadge);
  const [before, after] = await Promise.all(args.positional.map(readReport));
  const historyFile = args.value("history");
  const history = historyFile === null ? [] : await readHistory(historyFile);
  const failOver = args.value("fail-over");
  const comparison = compareReports(before, after, { failOver, history });
  // Printed first: a file that cannot be written costs no answer.
  console.log(
    args.has("json") ? terminalJson(comparison) : formatComparison(comparison, failOver),
  );
  if (historyFile !== null) await appendToHistory(historyFile, after);
  if (badge !== null) await writeFile(badge, JSON.stringify(comparisonBadge(comparison)) + "\n");
  return comparison.regressions === 0 ? exitCodes.done : exitCodes.failed;
}
