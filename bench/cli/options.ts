/**
 * What the command line asks the trials to be.
 * @module
 */
import type { Experiment } from "../experiments/experiment.ts";
import type { BenchOptions } from "../runner/options.ts";
import { type FlagName, MOST_SEED, type SwitchName } from "./flags.ts";
import { parseArguments, type ParsedArguments } from "./parse.ts";
import { UsageError } from "./usage_error.ts";

const trialFlags = [
  "data-dir",
  "dataset-options",
  "weights",
  "skip-weights",
  "epochs",
  "batch-size",
  "learning-rate",
  "limit",
  "seed",
  "seeds",
  "warmup",
  "until-accuracy",
  "device",
  "keras-engine",
  "steps-per-call",
  "threads",
  "shard",
  "out",
] as const satisfies readonly FlagName[];

/** The switches of every experiment. */
export const experimentSwitches = [
  "profile",
  "strict-device",
  "fresh",
  "json",
  "quiet",
  "verbose",
] as const satisfies readonly SwitchName[];

/** The flags that an experiment's trials take. */
export function experimentFlags({ flags }: Pick<Experiment, "flags">): FlagName[] {
  return [...flags, ...trialFlags];
}

/**
 * The options of a command line that was read.
 *
 * @throws {UsageError} where values that are allowed by themselves do not fit together
 */
export function readOptions(
  parsed: ParsedArguments,
  { defaults = {}, flags = [] }: Partial<Pick<Experiment, "defaults" | "flags">> = {},
): BenchOptions {
  const named = (name: "model" | "recipe") =>
    parsed.isGiven(name) ? parsed.value(name) : defaults[name] ?? parsed.value(name);
  const options: BenchOptions = {
    model: named("model"),
    recipe: named("recipe"),
    dataset: parsed.value("dataset"),
    styles: parsed.value("styles"),
    ablation: parsed.value("ablation"),
    peers: parsed.value("peers"),
    dataDir: parsed.value("data-dir"),
    datasetOptions: parsed.value("dataset-options"),
    weights: parsed.value("weights"),
    skipWeights: parsed.value("skip-weights"),
    epochs: parsed.value("epochs"),
    batchSize: parsed.value("batch-size"),
    learningRate: parsed.value("learning-rate"),
    limit: parsed.value("limit"),
    seed: parsed.value("seed"),
    seeds: parsed.value("seeds"),
    warmup: parsed.value("warmup"),
    untilAccuracy: parsed.value("until-accuracy"),
    profile: parsed.has("profile"),
    strictDevice: parsed.has("strict-device"),
    device: parsed.value("device"),
    kerasEngine: parsed.value("keras-engine"),
    stepsPerCall: parsed.value("steps-per-call"),
    threads: parsed.value("threads"),
    shard: parsed.value("shard"),
    out: parsed.value("out"),
  };
  if (flags.includes("ablation") && parsed.isGiven("styles") && options.styles.length > 1) {
    throw new UsageError(
      `--styles: "${options.styles}" is ${options.styles.length}, expected one: an ablation trains one style`,
    );
  }
  if (options.skipWeights.length > 0 && options.weights === null) {
    throw new UsageError(
      `--skip-weights: "${options.skipWeights}" skips weights of a file, and there is none; name one with --weights`,
    );
  }
  if (options.peers !== null && options.device !== "cpu") {
    throw new UsageError(
      `--peers: its steps were timed on the CPU, and --device is ${options.device}; expected cpu`,
    );
  }
  const last = options.seed + options.seeds - 1;
  if (last > MOST_SEED) {
    throw new UsageError(
      `--seeds: the last of ${options.seeds} seeds from ${options.seed} on is ${last}, ` +
        `expected at most ${MOST_SEED}`,
    );
  }
  return options;
}

/** The options when no flag is given. */
export function defaultOptions(): BenchOptions {
  return readOptions(parseArguments([], { flags: [], switches: [] }));
}

/** The arguments that bring about these options, less those at their defaults: for "how to reproduce". */
export function toArguments(
  options: BenchOptions,
  experiment: Pick<Experiment, "flags" | "command" | "defaults">,
): string[] {
  const byDefault = { ...defaultOptions(), ...experiment.defaults };
  const values = experimentFlags(experiment).flatMap((name) => {
    const key = optionKey(name);
    const value = asTyped(options[key]);
    return value === null || value === asTyped(byDefault[key]) ? [] : [`--${name}`, value];
  });
  const name = experiment.command === "run" ? [] : [experiment.command];
  const switches = [
    ...options.profile ? ["--profile"] : [],
    ...options.strictDevice ? ["--strict-device"] : [],
  ];
  return [...name, ...values, ...switches];
}

function asTyped(value: BenchOptions[keyof BenchOptions]): string | null {
  if (value === null) return null;
  if (typeof value === "object" && "index" in value) return `${value.index}/${value.count}`;
  return String(value);
}

/** data-dir to dataDir. */
function optionKey(name: FlagName): keyof BenchOptions {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof BenchOptions;
}
