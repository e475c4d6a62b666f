/** `bench parity` as a command: flags, exit codes, the file it writes. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { inFolder } from "../../in_folder.ts";
import { run as runBench } from "../bench_process.ts";
import { parseArguments } from "../../../bench/cli/parse.ts";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { parityFlags, readParityOptions } from "../../../bench/parity/mod.ts";

const example = fileURLToPath(
  new URL("../../../bench/parity/examples/small_network.ts", import.meta.url),
);

const run = (args: string[]) => runBench(["parity", ...args]);

const quick = ["--dataset", "shapes10", "--limit", "100", "--steps", "2", "--batch-size", "4"];

Deno.test("the example agrees: exit code 0, tables, parity.json", () =>
  inFolder(async (folder) => {
    const out = ["--out", `${folder}/report`];
    const { code, stdout, stderr } = await run([...quick, "--model", example, ...out]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "conv2d ~ features.0");
    assertStringIncludes(stdout, "losses: agree over 2 steps");
    assertStringIncludes(stderr, "parity.json");
    const report = JSON.parse(await Deno.readTextFile(`${folder}/report/parity.json`));
    assertEquals([report.agrees, report.options.model, report.steps.length], [true, example, 2]);
    const written = [...Deno.readDirSync(`${folder}/report`)].map(({ name }) => name).sort();
    assertEquals(written, [
      ...[".tandem.json", "charts", "parity.json", "report.html", "report.json", "report.md"],
    ]);
  }));

Deno.test("a wrong port: exit code 1, its layer named, JSON alone on standard output", () =>
  inFolder(async (folder) => {
    const text = await Deno.readTextFile(example);
    const wrong = `${folder}/wrong.ts`;
    await Deno.writeTextFile(wrong, text.replace("padding: 1, groups", "padding: 0, groups"));
    const out = ["--out", `${folder}/report`];
    const { code, stdout, stderr } = await run(
      [...quick, "--model", wrong, ...out, "--json", "--quiet"],
    );
    assertEquals([code, stderr], [1, ""]);
    const report = JSON.parse(stdout);
    assertEquals(report.firstDifferent.keras, "separable_conv2d");
    assertStringIncludes(report.firstDifferent.why, "shapes differ");
    assertEquals([report.agrees, report.steps], [false, []]);
    assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/report/parity.json`)), report);
  }));

Deno.test("a file that is not there: one line, exit code 2, nothing trained", () =>
  inFolder(async (folder) => {
    const out = ["--out", `${folder}/report`];
    const { code, stdout, stderr } = await run(["--model", `${folder}/none.ts`, ...out]);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(stderr, `--model: there is no file "${folder}/none.ts"`);
  }));

Deno.test("--help shows every flag with what it takes, and examples", async () => {
  const { code, stdout } = await run(["--help"]);
  assertEquals(code, 0);
  for (const part of ["--model LIST", "--tolerance X", "(default 200)", "Examples:", "--json"]) {
    assertStringIncludes(stdout, part);
  }
});

const read = (args: string[]) => parseArguments(args, { flags: parityFlags, switches: ["json"] });

Deno.test("flags are read, with their defaults", () => {
  const options = readParityOptions(read(["--steps=7", "--tolerance", "1e-4", "--json"]));
  assertEquals([options.steps, options.tolerance], [7, 1e-4]);
  assertEquals([options.model, options.batchSize, options.limit, options.out], [
    null,
    16,
    10_000,
    "report",
  ]);
});

Deno.test("a command line that cannot be carried out is one line that says what is allowed", () => {
  const cases: [string[], string][] = [
    [["--stpes", "3"], "unknown flag --stpes; did you mean --steps?"],
    [["--tolerance", "0"], '--tolerance: "0" is not allowed; expected a number above 0'],
    [["--tolerance=x"], '--tolerance: "x" is not allowed'],
    [["--steps", "0.5"], '--steps: "0.5" is not allowed; expected an integer from 0'],
    [["--steps", "-5"], '--steps: "-5" is not allowed'],
    [["--steps"], "--steps: needs a value"],
    [["--model="], "--model: needs a value; expected one or more names or files"],
    [["model.ts"], 'unexpected argument "model.ts"; it takes flags only'],
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(() => read(args), UsageError);
    assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("\n"), false);
  }
});
