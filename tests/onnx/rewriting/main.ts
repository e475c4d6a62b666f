/**
 * `deno task test:rewriting [--graphs 2000] [--seed N]`: that many random graphs, rewritten and as recorded. With `--seed` the
 * one graph that it stands for.
 */
import { parseArgs } from "@std/cli/parse-args";
import { differenceIn } from "./compare.ts";
import { randomGraph } from "./random_graph.ts";

const { graphs, seed } = parseArgs(Deno.args, { string: ["graphs", "seed"] });
const first = seed === undefined ? 1 : Number(seed);
const count = seed === undefined ? Number(graphs ?? 2000) : 1;
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  console.error(`--graphs ${graphs} --seed ${seed}: expected integers, at least one graph`);
  Deno.exit(2);
}
let failed = 0;
for (let i = first; i < first + count; i++) {
  const graph = randomGraph(i);
  if (seed !== undefined) console.log(graph.steps.join("\n"));
  const difference = await differenceIn(graph).catch((error) => `graph ${i}: ${error.stack}`);
  if (!difference) continue;
  failed++;
  console.error(`${difference}\nagain: deno task test:rewriting --seed ${i}`);
}
console.log(`${count} graphs, ${failed} of them rewritten wrongly`);
Deno.exit(failed === 0 ? 0 : 1);
