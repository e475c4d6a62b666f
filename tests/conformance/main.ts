/**
 * `deno task conformance`: TensorFlow.js' own tests against the `onnxruntime` engine.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { bundleTests, findTests } from "./bundle.ts";
import { runSpecs, type SpecResult } from "./jasmine_run.ts";
import { compare, type Comparison, parseKnownFailures } from "./known_failures.ts";
import { showTable, tally } from "./subjects.ts";

const USAGE = `Runs TensorFlow.js' own tests against the onnxruntime engine.

  --on-runtime   nothing is computed in JavaScript: also the smallest work goes to ONNX Runtime
  --filter TEXT  only tests whose name contains the text
  --verbose      the whole message of each unexpected failure
  --help         this text`;

const LIST = new URL("./known_failures.json", import.meta.url);

function show({ name, messages }: SpecResult, verbose: boolean): string {
  const message = messages.join("\n");
  const text = verbose ? message : message.split("\n")[0].slice(0, 200);
  return `FAILED ${name}\n  ${text.replaceAll("\n", "\n  ")}`;
}

function report({ unexpected, passing, unknown }: Comparison, verbose: boolean): void {
  for (const result of unexpected) console.log(show(result, verbose));
  for (const name of passing) {
    console.log(`PASSES NOW ${name}\n  take it off known_failures.json`);
  }
  for (const entry of unknown) {
    console.log(`NO SUCH TEST ${entry}\n  take it off known_failures.json`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseArgs([...args], {
    string: ["filter"],
    boolean: ["on-runtime", "verbose", "help"],
  });
  if (flags.help) {
    console.log(USAGE);
    return 0;
  }
  const onRuntime = flags["on-runtime"];
  const known = parseKnownFailures(await Deno.readTextFile(LIST));
  const begin = performance.now();
  const code = await bundleTests(findTests(), onRuntime ? 0 : undefined);
  const bundled = performance.now();
  const { filter } = flags;
  const results = await runSpecs(code, (name) => filter === undefined || name.includes(filter));
  if (results.length === 0) {
    console.error(`no test has a name that contains "${filter}"`);
    return 2;
  }
  const comparison = compare(known, results, filter === undefined);
  report(comparison, flags.verbose);
  console.log(showTable(tally(results)));
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  console.log(
    `bundled in ${seconds(bundled - begin)} s, run in ${seconds(performance.now() - bundled)} s`,
  );
  const { unexpected, passing, unknown, expected } = comparison;
  const passed = results.filter(({ outcome }) => outcome === "passed").length;
  console.log(
    `${passed} passed, ${unexpected.length + expected.length} failed: ` +
      `${expected.length} known, ${unexpected.length} unexpected; ` +
      `${passing.length + unknown.length} to take off the list`,
  );
  return unexpected.length + passing.length + unknown.length > 0 ? 1 : 0;
}

// Tests leave timers behind.
Deno.exit(await main(Deno.args));
