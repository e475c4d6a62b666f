import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { commands } from "../../../bench/cli/commands/mod.ts";
import { helpOf, overview } from "../../../bench/cli/help.ts";
import { defaultOptions, readOptions, toArguments } from "../../../bench/cli/options.ts";
import { parseArguments } from "../../../bench/cli/parse.ts";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { commandLine } from "../../../bench/output/markdown.ts";
import { experimentNamed, fakeRun } from "../runner/fake_run.ts";

const [run] = commands;
const compare = experimentNamed("compare");

function optionsOf(...args: string[]) {
  return readOptions(parseArguments(args, run));
}

Deno.test("without flags: the published experiment", () => {
  assertEquals(optionsOf(), {
    model: ["published_cnn"],
    recipe: ["published"],
    dataset: ["cifar10"],
    styles: ["keras", "keras-advanced", "torch"],
    ablation: null,
    dataDir: null,
    datasetOptions: null,
    epochs: null,
    batchSize: null,
    learningRate: null,
    limit: null,
    seed: 1,
    seeds: 1,
    warmup: 3,
    threads: null,
    peers: null,
    weights: null,
    skipWeights: [],
    untilAccuracy: null,
    profile: false,
    strictDevice: false,
    shard: null,
    device: "cpu",
    kerasEngine: "auto",
    stepsPerCall: 1,
    out: "report",
  });
});

Deno.test("every flag is read, with a space or an equals sign; styles keep the bench's order", () => {
  const args = "--styles torch,keras --model mlp,./mine.ts --recipe fixed,own.json " +
    "--dataset shapes10,cifar10 --data-dir /d --dataset-options size=8 --epochs=2 --batch-size 64 --learning-rate 1e-4 " +
    "--limit 1000 --seed 7 --seeds 3 --warmup 0 --until-accuracy .65 --profile --shard 2/5 " +
    "--device webgpu --keras-engine=tfjs-node --steps-per-call 8 --threads 2 --weights w.pt --skip-weights fc,conv1 --out r";
  assertEquals(optionsOf(...args.split(" ")), {
    model: ["mlp", "./mine.ts"],
    recipe: ["fixed", "own.json"],
    dataset: ["cifar10", "shapes10"],
    styles: ["keras", "torch"],
    ablation: null,
    dataDir: "/d",
    datasetOptions: "size=8",
    epochs: 2,
    batchSize: 64,
    learningRate: 1e-4,
    limit: 1000,
    seed: 7,
    seeds: 3,
    warmup: 0,
    threads: 2,
    peers: null,
    weights: "w.pt",
    skipWeights: ["fc", "conv1"],
    untilAccuracy: 0.65,
    profile: true,
    strictDevice: false,
    shard: { index: 2, count: 5 },
    device: "webgpu",
    kerasEngine: "tfjs-node",
    stepsPerCall: 8,
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
  const ablation = experimentNamed("ablation");
  const accepted = commands.find(({ name }) => name === "ablation")!;
  const styles = (list: string) =>
    readOptions(parseArguments(["--styles", list], accepted), ablation);
  assertEquals(styles("torch").styles, ["torch"]);
  for (const list of ["keras,torch", "keras,keras-advanced,torch"]) {
    assertThrows(() => styles(list), UsageError, "expected one: an ablation trains one style");
  }
  assertThrows(
    () => optionsOf("--skip-weights", "fc,conv1"),
    UsageError,
    '--skip-weights: "fc,conv1" skips weights of a file, and there is none',
  );
  const models = commands.find(({ name }) => name === "models")!;
  assertThrows(
    () => readOptions(parseArguments(["--peers", "p", "--device", "cuda"], models)),
    UsageError,
    "--peers: its steps were timed on the CPU, and --device is cuda; expected cpu",
  );
});

Deno.test("a flag of earlier versions says what to use", () => {
  const cases: [string[], string][] = [
    [["--mode=seed"], "--mode is gone; use --recipe published (was seed)"],
    [["--mode=fixed"], "--mode is gone; use --recipe fixed"],
    [["--mode=parity"], "--mode is gone; use the subcommand parity"],
    [["--mode", "seed"], "--mode is gone; use --recipe published (was seed) or --recipe fixed"],
  ];
  for (const [args, message] of cases) {
    for (const command of commands.filter(({ flags }) => flags.includes("recipe"))) {
      assertThrows(() => parseArguments(args, command), UsageError, message);
    }
  }
});

Deno.test("what is not allowed is named with what is", () => {
  const cases: [string[], string][] = [
    [["--epoch", "2"], "unknown flag --epoch; did you mean --epochs?"],
    [["--epochs", "0"], '--epochs: "0" is not allowed; expected an integer from 1 to 10000'],
    [["--epochs", "1e3"], '--epochs: "1e3" is not allowed'],
    [["--epochs"], "--epochs: needs a value"],
    [["--limit", "-5"], '--limit: "-5" is not allowed; expected an integer from 10 to 10000000'],
    [["--limit", "9"], '--limit: "9" is not allowed'],
    [["--out", ""], "--out: needs a value; expected a path"],
    [["--model", "a,,b"], '--model: "a,,b" is not allowed; expected one or more names or files'],
    [["--recipe", "a,a"], "each once"],
    [["--dataset", "imagenet"], '"imagenet" is not allowed; expected one or more of cifar10'],
    [["--dataset", "mnist,cifar1"], '"mnist,cifar1" is not allowed; did you mean cifar10?'],
    [["--dataset-options", "sise=3"], '--dataset-options: "sise" is no option of data sets'],
    [["--until-accuracy", "65"], "expected a share above 0 and below 1, such as 0.65"],
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
    [["--ablation", "published"], "unknown flag --ablation"],
    [["-x"], "unknown flag -x"],
    [["--_", "x"], "unknown flag --_"],
    [["--data_dir=x"], "unknown flag --data_dir; did you mean --data-dir?"],
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(() => parseArguments(args, run), UsageError, message) as Error;
    assertEquals(error.message.split("\n").length, 1, args.join(" "));
  }
});

Deno.test("the arguments that reproduce a run bring about the same options", () => {
  const given = [
    ...["--recipe", "fixed", "--data-dir", "/with space", "--limit", "500"],
    ...["--profile", "--strict-device"],
  ];
  const options = optionsOf(...given);
  assertEquals(toArguments(options, compare), given);
  assertEquals(optionsOf(...toArguments(options, compare)), options);
  assertEquals(toArguments(defaultOptions(), compare), []);
  assertEquals(toArguments(defaultOptions(), experimentNamed("layout")), ["layout"]);
});

Deno.test("a shell takes the command line of a report, whatever stands in its arguments", async () => {
  const report = await fakeRun();
  report.arguments = ["--data-dir", "/with space", "--model", "it's $(rm -rf x)"];
  assertEquals(
    commandLine(report),
    `deno task bench --data-dir '/with space' --model 'it'\\''s $(rm -rf x)'`,
  );
});

Deno.test("a shard is written as it is typed", () => {
  const options = { ...defaultOptions(), shard: { index: 2, count: 8 } };
  assertEquals(toArguments(options, compare), ["--shard", "2/8"]);
});

Deno.test("every subcommand's help names its flags, with examples that it takes", async () => {
  for (const command of commands) {
    const text = await helpOf(command);
    for (const flag of [...command.flags, ...command.switches]) {
      assertEquals(text.includes(`--${flag}`), true, `${command.name} ${flag}`);
    }
    for (const [line] of command.examples) {
      // What follows a redirection is the shell's; a pattern is as many arguments as there are files.
      const [words] = line.split(" > ");
      const args = words.split(" ").filter((word) => word !== "" && word !== command.name);
      parseArguments(args, command);
    }
    const describes = text.includes("fashion-mnist  grey images");
    assertEquals(describes, (command.flags as string[]).includes("dataset"), command.name);
  }
  assertStringIncludes(overview(commands), "130 interrupted");
});

Deno.test("a subcommand's help has its own defaults, and the names that its flags know", async () => {
  const helpTo = async (wanted: string) =>
    await helpOf(commands.find(({ name }) => name === wanted)!);
  assertMatch(await helpTo("models"), /--model LIST .*\(default all\)/);
  assertMatch(await helpTo("run"), /--model LIST .*\(default published_cnn\)/);
  assertMatch(
    await helpTo("run"),
    /Networks:\n {2}airbench94, .*\n\nRecipes:\n {2}published, airbench, /,
  );
  assertMatch(await helpTo("ablation"), /Lists of changes:\n.*\n {2}resnet20-defaults: /);
});

Deno.test("arguments that look like numbers stay as they are typed", () => {
  const merge = commands.find(({ name }) => name === "merge")!;
  const names = ["01", "1.10", "1e3", "0x10", "a", "+5"];
  assertEquals(parseArguments(names, merge).positional, names);
  assertEquals(parseArguments(["--out", "007", "--", "01", "-2"], merge).positional, ["01", "-2"]);
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
