/**
 * The table of verdicts on all small pairs: `deno task parity:pairs [PART OF A NAME]`. Exit code 1 where one is wrong.
 */
import { markdownTable } from "markdown-table";
import { kinds } from "./all.ts";
import { type CaseResult, runCase } from "./run_case.ts";

const [part = ""] = Deno.args;
const results: (CaseResult & { readonly kind: string })[] = [];
for (const [kind, cases] of Object.entries(kinds)) {
  for (const one of cases.filter(({ name }) => `${kind}: ${name}`.includes(part))) {
    results.push({ kind, ...await runCase(one) });
  }
}
if (results.length === 0) {
  console.error(`no pair's name has "${part}" in it`);
  Deno.exit(2);
}
const head = ["kind", "pair", "expected", "found", ""];
const short = (text: string) => text.length > 90 ? `${text.slice(0, 89)}…` : text;
console.log(markdownTable([
  head,
  ...results.map(({ kind, name, expected, found, isRight }) => [
    kind,
    name,
    expected === "agrees" ? "agrees" : "differs",
    short(found.replaceAll("|", "/")),
    isRight ? "right" : `WRONG, expected ${expected.replaceAll("|", "/")}`,
  ]),
]));
const wrong = results.filter(({ isRight }) => !isRight);
if (part !== "") { for (const { text } of wrong) console.log(`\n${text}`); }
console.log(
  `\n${results.length} pairs, ${
    results.length - wrong.length
  } verdicts right, ${wrong.length} wrong`,
);
Deno.exit(wrong.length > 0 ? 1 : 0);
