import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defaultOptions,
  parseArguments,
  readOptions,
  toArguments,
  UsageError,
} from "../../bench/cli/mod.ts";
import { commands, helpOf, overview } from "../../bench/cli/commands/mod.ts";

const [run] = commands;

function optionsOf(...args: string[]) {
  return readOptions(parseArguments(args, run), "run");
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
    seeds: 1,
    warmup: 3,
    shard: null,
    device: "cpu",
    kerasEngine: "auto",
    out: "report",
  });
});

Deno.test("every flag is read, with a space or an equals sign; styles keep the bench's order", () => {
  const args = "--styles torch,keras --dataset shapes10 --data-dir /d --epochs=2 --batch-size 64 " +
    "--limit 1000 --mode fixed --seed 7 --seeds 3 --warmup 0 --shard 2/5 --device webgpu " +
    "--keras-engine=tfjs-node --out r";
  assertEquals(optionsOf(...args.split(" ")), {
    styles: ["keras", "torch"],
    dataset: "shapes10",
    dataDir: "/d",
    epochs: 2,
    batchSize: 64,
    limit: 1000,
    mode: "fixed",
    seed: 7,
    seeds: 3,
    warmup: 0,
    shard: { index: 2, count: 5 },
    device: "webgpu",
    kerasEngine: "tfjs-node",
    out: "r",
  });
});

Deno.test("values that do not fit together are refused before any work", () => {
  assertEquals(optionsOf("--seed", "4294967294", "--seeds", "2").seeds, 2);
  assertThrows(
    () => optionsOf("--seed", "4294967294", "--seeds", "3"),
    UsageError,
    "--seeds: the last of 3 seeds from 4294967294 on is 4294967296, expected at most 4294967295",
  );
  const layout = commands.find(({ name }) => name === "layout")!;
  assertThrows(
    () => readOptions(parseArguments(["--mode", "parity"], layout), "layout"),
    UsageError,
    '--mode: "parity" is not for layout; expected one of seed, fixed',
  );
});

Deno.test("a flag that parity mode would not heed is refused", async () => {
  for (const others of [["--seeds", "3"], ["--styles", "torch"], ["--epochs", "2"]]) {
    const parsed = parseArguments(["--mode", "parity", "--limit", "100", ...others], run);
    await assertRejects(
      async () => await run.run(parsed),
      UsageError,
      `${others[0]} means nothing`,
    );
  }
});

Deno.test("what is not allowed is named with what is", () => {
  const cases: [string[], string][] = [
    [["--epoch", "2"], "unknown flag --epoch; did you mean --epochs?"],
    [["--epochs", "0"], '--epochs: "0" is not allowed; expected an integer from 1 to 10000'],
    [["--epochs", "1e3"], '--epochs: "1e3" is not allowed'],
    [["--epochs"], "--epochs: needs a value"],
    [["--limit", "-5"], '--limit: "-5" is not allowed; expected an integer from 10 to 50000'],
    [["--limit", "9"], '--limit: "9" is not allowed'],
    [["--out", ""], "--out: needs a value; expected a path"],
    [["--mode", "right"], '--mode: "right" is not allowed; expected one of seed, fixed, parity'],
    [
      ["--styles", "keras,jax"],
      '"keras,jax" is not allowed; expected one or more of keras, keras-adv',
    ],
    [["--styles", "keras,keras"], "each once"],
    [["--device", "tpu"], "expected one of cpu, cuda, webgpu"],
    [["more"], 'unexpected argument "more"; it takes flags only'],
    [["--seeds", "0"], '--seeds: "0" is not allowed'],
    [["--shard", "3/2"], '--shard: "3/2" is not allowed; expected I/N with 1 <= I <= N'],
    [["--shard", "0/2"], "is not allowed"],
    [["--fail-over", "5%"], "unknown flag --fail-over"],
    [["-x"], "unknown flag -x"],
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(() => parseArguments(args, run), UsageError, message) as Error;
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

Deno.test("a shard is written as it is typed", () => {
  assertEquals(toArguments({ ...defaultOptions(), shard: { index: 2, count: 8 } }), [
    "--shard",
    "2/8",
  ]);
});

Deno.test("every subcommand's help names its flags, with examples that it takes", () => {
  for (const command of commands) {
    const text = helpOf(command);
    for (const flag of [...command.flags, ...command.switches]) {
      assertEquals(text.includes(`--${flag}`), true, `${command.name} ${flag}`);
    }
    for (const [line] of command.examples) {
      // What follows a redirection is the shell's; a pattern is as many arguments as there are files.
      const [words] = line.split(" > ");
      const args = words.split(" ").filter((word) => word !== "" && word !== command.name);
      parseArguments(args, command);
    }
  }
  assertEquals(overview(commands).includes("130 interrupted"), true);
});

Deno.test("a percentage is read with and without its sign", () => {
  const compare = commands.find(({ name }) => name === "compare")!;
  const read = (text: string) =>
    parseArguments(["a", "b", "--fail-over", text], compare).value("fail-over");
  assertEquals([read("10%"), read("2.5")], [0.1, 0.025]);
  assertThrows(() => read("0"), UsageError, "a percentage above 0");
  assertThrows(
    () => parseArguments(["a"], compare),
    UsageError,
    "got 1 reports, expected at least 2",
  );
  assertThrows(
    () => parseArguments(["a", "b", "c"], compare),
    UsageError,
    "takes at most 2 reports",
  );
});
