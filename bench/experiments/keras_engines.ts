/**
 * `deno task bench:engines`: how fast the Keras idiom trains on `onnxruntime` and on `tfjs-node`, and TensorFlow.js' own
 * `fit` on `tfjs-node`; and whether memory stays flat over an epoch. Every epoch is a process of its own, they take turns.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { markdownTable } from "markdown-table";
import { median, quantile } from "simple-statistics";
import { tfjsNodeLoader } from "../../keras_style/engine/tfjs_node.ts";
import type { EngineEpoch } from "./engine_epoch.ts";
import { TRAINERS } from "./trainers.ts";
import { NO_LINKER_VARIABLES } from "../../onnx/runtime/linker_variables.ts";

const HELP = `deno task bench:engines [--rounds N] [--steps N]

Trains the experiment's network on both engines of the Keras idiom and by TensorFlow.js' own fit on tfjs-node
("plain"), in turns, each time in a process of its own.
  --rounds N   epochs on each engine (3)
  --steps N    measured steps an epoch, batches of 32 (150)`;

/** What a command line asks for. */
export interface EnginesOptions {
  readonly help: boolean;
  readonly rounds: number;
  readonly steps: number;
}

/** @throws {RangeError} naming the flag, its value and what was expected */
export function parseEnginesOptions(args: readonly string[]): EnginesOptions {
  const parsed = parseArgs([...args], {
    string: ["rounds", "steps"],
    boolean: ["help"],
    unknown: (argument) => {
      throw new RangeError(`${argument} is unknown, expected --rounds, --steps or --help`);
    },
  });
  return {
    help: parsed.help,
    rounds: count("--rounds", parsed.rounds ?? "3"),
    steps: count("--steps", parsed.steps ?? "150"),
  };
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new RangeError(`${flag} is "${text}", expected an integer from 1 to 1000`);
}

/** The order in a round: rotated from one to the next, so that drift meets all alike. */
export function orderOf(round: number): readonly string[] {
  return round % 2 === 0 ? TRAINERS : [...TRAINERS].reverse();
}

/** What the epochs say together. */
export interface Summary {
  /** A line an epoch. */
  readonly table: string;
  /** How many times as fast onnxruntime is as each other one that was measured. */
  readonly ratios: readonly Ratio[];
}

/** How many times as fast onnxruntime is. */
export interface Ratio {
  readonly than: string;
  /** By the median step. */
  readonly median: number;
  /** By the quickest tenth of the steps, which other work on the machine disturbs least. */
  readonly undisturbed: number;
}

/** Brings epochs on both engines together. */
export function summaryOf(epochs: readonly EngineEpoch[]): Summary {
  const stepsOn = (engine: string) =>
    epochs.filter((epoch) => epoch.engine === engine).flatMap(({ stepMs }) => stepMs);
  const ratioAt = (share: number, than: string) =>
    quantile(stepsOn(than), share) / quantile(stepsOn("onnxruntime"), share);
  const rows = epochs.map((epoch) => [
    epoch.engine,
    `${median(epoch.stepMs).toFixed(1)} ms`,
    `${quantile(epoch.stepMs, 0.1).toFixed(1)} ms`,
    epoch.runMs === null ? "–" : `${epoch.runMs.toFixed(1)} ms`,
    `${epoch.start.numTensors} → ${epoch.end.numTensors}`,
    `${epoch.start.rssMiB.toFixed(0)} → ${epoch.end.rssMiB.toFixed(0)} MiB`,
    epoch.unreliable ? "no" : "yes",
    epoch.loss.toFixed(4),
  ]);
  const header = [
    "engine",
    "step, median",
    "quickest tenth",
    "ONNX Runtime's, mean",
    "numTensors",
    "resident",
    "tf.memory() reliable",
    "loss",
  ];
  return {
    table: markdownTable([header, ...rows]),
    ratios: TRAINERS.filter((name) => name !== "onnxruntime" && stepsOn(name).length > 0)
      .map((than) => ({ than, median: ratioAt(0.5, than), undisturbed: ratioAt(0.1, than) })),
  };
}

async function epochIn(engine: string, steps: number): Promise<EngineEpoch> {
  const program = new URL("./engine_epoch.ts", import.meta.url).href;
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--permission-set=bench", "--no-check", program, engine, String(steps)],
    env: NO_LINKER_VARIABLES,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (success) return JSON.parse(text(stdout).split("\n").at(-1)!);
  throw new Error(`an epoch on ${engine} failed:\n${text(stderr)}`);
}

async function main(args: readonly string[]): Promise<number> {
  const { help, rounds, steps } = parseEnginesOptions(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (!await tfjsNodeLoader.find("tfjs-node")) {
    console.error("tfjs-node is not installed: deno task setup:tfjs-node puts it in place");
    return 1;
  }
  const epochs: EngineEpoch[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const engine of orderOf(round)) {
      epochs.push(await epochIn(engine, steps));
      const { stepMs } = epochs.at(-1)!;
      console.error(`round ${round + 1}/${rounds} ${engine}: ${median(stepMs).toFixed(1)} ms`);
    }
  }
  const { table, ratios } = summaryOf(epochs);
  const lines = ratios.map(({ than, median, undisturbed }) =>
    `onnxruntime is ${median.toFixed(2)} times as fast as ${than} by the median step, ` +
    `${undisturbed.toFixed(2)} times by the quickest tenth`
  );
  console.log([table, "", ...lines].join("\n"));
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    console.error(`bench:engines: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
}
