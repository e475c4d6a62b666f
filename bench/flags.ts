/**
 * The flags of `deno task bench`: what each takes, what is allowed, its default. The parser, its messages and `--help`
 * are all made from this one table.
 *
 * @module
 */
import { type StyleName, styleNames } from "./style.ts";

/** Whose quirks: `seed` is the published experiment with them, `fixed` the same network trained rightly in both. */
export type BenchMode = "seed" | "fixed";
/** Where onnxruntime runs. */
export type BenchDevice = "cpu" | "cuda" | "webgpu";
/** What computes under the Keras idiom. */
export type KerasEngine = "auto" | "onnxruntime" | "tfjs-node" | "tfjs-node-gpu";
/** The data sets `--dataset` takes. */
export type DatasetName = "cifar10" | "shapes10";

/** One flag that takes a value. */
export interface Flag<Value> {
  /** Stands for the value in the help, such as `N`. */
  readonly placeholder: string;
  readonly help: string;
  /** What is allowed, to follow "expected". */
  readonly allowed: string;
  /** The value when the flag is not given. */
  readonly byDefault: Value;
  /** The value that the text means; undefined when it is not allowed. */
  readonly read: (text: string) => Value | undefined;
}

/** Every flag with a value, by its name on the command line. */
export const flags = {
  styles: listOf<StyleName>(styleNames, {
    placeholder: "LIST",
    help: "which styles to run, separated by commas",
    byDefault: [...styleNames],
  }),
  dataset: oneOf<DatasetName>(["cifar10", "shapes10"], {
    placeholder: "NAME",
    help: "pictures to train on; cifar10 falls back to shapes10 where it cannot be had",
    byDefault: "cifar10",
  }),
  "data-dir": path({
    placeholder: "DIR",
    help:
      "folder or archive with the data set's official files; default: the cache, else a download",
    byDefault: null,
  }),
  epochs: wholeNumber(1, 10_000, { placeholder: "N", help: "epochs to train", byDefault: 5 }),
  "batch-size": wholeNumber(1, 50_000, {
    placeholder: "N",
    help: "pictures in a training step",
    byDefault: 32,
  }),
  // 10 is the fewest that fixtures take: 8 + 2 of training and validation, 2 of test.
  limit: wholeNumber<number | null>(10, 50_000, {
    placeholder: "N",
    help: "only the first N training pictures (split 80/20) and N/5 test pictures; default: all",
    byDefault: null,
  }),
  mode: oneOf<BenchMode>(["seed", "fixed"], {
    placeholder: "MODE",
    help: "seed: the published experiment with its quirks; fixed: trained rightly in both",
    byDefault: "seed",
  }),
  seed: wholeNumber(0, 2 ** 32 - 1, {
    placeholder: "S",
    help: "seed of the weights, the shuffling and the dropout",
    byDefault: 1,
  }),
  device: oneOf<BenchDevice>(["cpu", "cuda", "webgpu"], {
    placeholder: "NAME",
    help: "execution provider of onnxruntime",
    byDefault: "cpu",
  }),
  "keras-engine": oneOf<KerasEngine>(["auto", "onnxruntime", "tfjs-node", "tfjs-node-gpu"], {
    placeholder: "NAME",
    help:
      "what computes under the Keras idiom; auto: tfjs-node-gpu where it loads, else onnxruntime",
    byDefault: "auto",
  }),
  out: path({
    placeholder: "DIR",
    help: "folder for report.json and report.md",
    byDefault: "report",
  }),
};

/** A flag's name as typed, without the dashes. */
export type FlagName = keyof typeof flags;

type FlagText<Value> = Pick<Flag<Value>, "placeholder" | "help" | "byDefault">;

function oneOf<Name extends string>(names: readonly Name[], text: FlagText<Name>): Flag<Name> {
  return {
    ...text,
    allowed: `one of ${names.join(", ")}`,
    read: (given) => names.find((name) => name === given),
  };
}

function listOf<Name extends string>(names: readonly Name[], text: FlagText<Name[]>): Flag<Name[]> {
  return {
    ...text,
    allowed: `one or more of ${names.join(", ")}, separated by commas, each once`,
    read: (given) => {
      const parts = given.split(",").map((part) => part.trim());
      const found = names.filter((name) => parts.includes(name));
      return found.length === parts.length ? found : undefined;
    },
  };
}

function wholeNumber<Value extends number | null = number>(
  least: number,
  most: number,
  text: FlagText<Value>,
): Flag<Value | number> {
  return {
    ...text,
    allowed: `a whole number from ${least} to ${most}`,
    read: (given) => {
      // Digits only: Number() would also take "", "1e3", "0x10" and " 5".
      const value = /^\d+$/.test(given) ? Number(given) : NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

function path<Value extends string | null>(text: FlagText<Value>): Flag<Value | string> {
  return { ...text, allowed: "a path", read: (given) => given.trim() === "" ? undefined : given };
}
