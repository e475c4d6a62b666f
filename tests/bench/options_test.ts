import { assertEquals, assertThrows } from "@std/assert";
import {
  defaultOptions,
  helpText,
  parseCommandLine,
  toArguments,
  UsageError,
} from "../../bench/options.ts";

function optionsOf(...args: string[]) {
  const command = parseCommandLine(args);
  if (command.kind !== "run") throw new Error("expected a run");
  return command.options;
}

Deno.test("without flags: the published experiment", () => {
  assertEquals(optionsOf(), {
    styles: ["keras", "keras-advanced", "torch"],
    dataset: "cifar10",
    dataDir: null,
    epochs: 5,
    batchSize: 32,
    limit: null,
    mode: "seed",
    seed: 1,
    device: "cpu",
    kerasEngine: "auto",
    out: "report",
  });
});

Deno.test("every flag is read, with a space or an equals sign; styles keep the bench's order", () => {
  const args = "--styles torch,keras --dataset shapes10 --data-dir /d --epochs=2 --batch-size 64 " +
    "--limit 1000 --mode fixed --seed 7 --device webgpu --keras-engine=tfjs-node --out r";
  assertEquals(optionsOf(...args.split(" ")), {
    styles: ["keras", "torch"],
    dataset: "shapes10",
    dataDir: "/d",
    epochs: 2,
    batchSize: 64,
    limit: 1000,
    mode: "fixed",
    seed: 7,
    device: "webgpu",
    kerasEngine: "tfjs-node",
    out: "r",
  });
});

Deno.test("what is not allowed is named with what is", () => {
  const cases: [string[], string][] = [
    [["--epoch", "2"], "unknown flag --epoch; did you mean --epochs?"],
    [["--epochs", "0"], '--epochs: "0" is not allowed; expected a whole number from 1 to 10000'],
    [["--epochs", "1e3"], '--epochs: "1e3" is not allowed'],
    [["--epochs"], "--epochs: needs a value"],
    [["--limit", "-5"], '--limit: "-5" is not allowed; expected a whole number from 10 to 50000'],
    [["--limit", "9"], '--limit: "9" is not allowed'],
    [["--mode", "right"], '--mode: "right" is not allowed; expected one of seed, fixed'],
    [
      ["--styles", "keras,jax"],
      '"keras,jax" is not allowed; expected one or more of keras, keras-adv',
    ],
    [["--styles", "keras,keras"], "each once"],
    [["--device", "tpu"], "expected one of cpu, cuda, webgpu"],
    [["run"], 'unexpected argument "run"'],
    [["-x"], "unknown flag -x"],
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(() => parseCommandLine(args), UsageError, message) as Error;
    assertEquals(error.message.split("\n").length, 1, args.join(" "));
  }
});

Deno.test("the flags that reproduce a run bring about the same options", () => {
  const options = optionsOf("--limit", "500", "--data-dir", "/with space", "--mode", "fixed");
  assertEquals(toArguments(options), [
    "--data-dir",
    "'/with space'",
    "--limit",
    "500",
    "--mode",
    "fixed",
  ]);
  assertEquals(toArguments(defaultOptions()), []);
});

Deno.test("help names every flag and the exit codes", () => {
  assertEquals(parseCommandLine(["--help"]), { kind: "help" });
  const text = helpText();
  for (const flag of ["--styles", "--data-dir", "--keras-engine", "--out", "130 interrupted"]) {
    assertEquals(text.includes(flag), true, flag);
  }
});
