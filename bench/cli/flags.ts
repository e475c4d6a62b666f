/**
 * The flags of all subcommands: what each takes, what is allowed, its default. The parser, its messages, `--help` and the
 * shell's completion are all made from this one table.
 *
 * @module
 */
import { datasetNames } from "../../fixtures/mod.ts";
import { parseShard, type Shard } from "../runner/plan.ts";
import {
  type BenchDevice,
  type KerasEngine,
  type StyleName,
  styleNames,
} from "../runner/trials/trial.ts";
import { OWN_NAMES } from "../weights/names.ts";
import { SCALING_AXES, type ScalingAxis } from "../scaling/points.ts";
import {
  datasetOptions,
  type Flag,
  integer,
  listOf,
  names,
  oneOf,
  path,
  percent,
  positiveNumber,
  share,
  type Switch,
} from "./flag.ts";

/** The generators of both idioms take 32 bits. */
export const MOST_SEED = 2 ** 32 - 1;

/** Every flag with a value, by its name on the command line. */
export const flags = {
  styles: listOf<StyleName>(styleNames, {
    placeholder: "LIST",
    help: "which styles to run, separated by commas",
    byDefault: [...styleNames],
  }),
  model: names({
    placeholder: "LIST",
    help: "networks, separated by commas: names of those below, all, or files of one's own",
    byDefault: ["published_cnn"],
    isPath: true,
  }),
  recipe: names({
    placeholder: "LIST",
    help:
      "how to train, separated by commas: published, with its quirks, fixed, without, others below, or files",
    byDefault: ["published"],
    isPath: true,
  }),
  ablation: path<string | null>({
    placeholder: "NAME",
    help: "list of changes: a name, or a file; default: published, or what two --recipe differ in",
    byDefault: null,
  }),
  peers: path<string | null>({
    placeholder: "DIR",
    help: "what bench:peers wrote on this machine: steps of PyTorch and Keras beside the trials'",
    byDefault: null,
  }),
  dataset: listOf<string>([...datasetNames], {
    placeholder: "LIST",
    help: "images, separated by commas; cifar10 falls back to shapes10 where it cannot be had; " +
      "folder: one's own, one sub-folder of --data-dir a class",
    byDefault: ["cifar10"],
  }),
  "dataset-options": datasetOptions({
    placeholder: "LIST",
    help: "how images are read, such as size=64,resize=fit,channels=1 of folder",
    byDefault: null,
  }),
  "keras-dump": path({
    placeholder: "FILE",
    help:
      "a real Keras model's results, written by bench/parity/dump/tandem_dump.py; with --torch-dump or --model",
    byDefault: null,
  }),
  "torch-dump": path({
    placeholder: "FILE",
    help:
      "a real PyTorch model's results, written by bench/parity/dump/tandem_dump.py; with --keras-dump or --model",
    byDefault: null,
  }),
  "data-dir": path({
    placeholder: "DIR",
    help: "folder or archive with the data set's files; default: the cache, else a download",
    byDefault: null,
  }),
  epochs: integer<number | null>(1, 10_000, {
    placeholder: "N",
    help: "epochs to train; default: the recipe's",
    byDefault: null,
  }),
  "batch-size": integer<number | null>(1, 50_000, {
    placeholder: "N",
    help: "images in a training step; default: the recipe's",
    byDefault: null,
  }),
  // 10 is the fewest that fixtures take: 8 + 2 of training and validation, 2 of test.
  limit: integer<number | null>(10, 10_000_000, {
    placeholder: "N",
    help:
      "only the first N training images, a share of them for validation, and N/5 test images; default: all, in parity 10000",
    byDefault: null,
  }),
  seed: integer(0, MOST_SEED, {
    placeholder: "S",
    help: "seed of the weights, the shuffling and the dropout; with --seeds the first one",
    byDefault: 1,
  }),
  seeds: integer(1, 1000, {
    placeholder: "N",
    help:
      "how often to train each configuration, with seeds S, S+1, ...; intervals and tests need 2 or more",
    byDefault: 1,
  }),
  warmup: integer(0, 10_000, {
    placeholder: "N",
    help:
      "first steps of a trial, and after it is gone on with, that are left out of the step times",
    byDefault: 3,
  }),
  "until-accuracy": share<number | null>({
    placeholder: "SHARE",
    help: "stop a trial at this validation accuracy, and report the time until then",
    byDefault: null,
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
  "steps-per-call": integer(1, 10_000, {
    placeholder: "N",
    help:
      "training steps in one call into onnxruntime: weights stay on the device between them; same values",
    byDefault: 1,
  }),
  threads: integer<number | null>(1, 1024, {
    placeholder: "N",
    help: "threads of onnxruntime's operators; default: as many as the machine has cores",
    byDefault: null,
  }),
  shard: {
    placeholder: "I/N",
    help: "train only part I of N, counted from 1; `merge` joins the parts' reports",
    allowed: "I/N with 1 <= I <= N <= 10000, such as 2/8",
    byDefault: null,
    read: parseShard,
  } as Flag<Shard | null>,
  out: path({
    placeholder: "DIR",
    help: "folder for the report's files",
    byDefault: "report",
  }),
  junit: path({
    placeholder: "FILE",
    help: "write the outcome of every trial as JUnit XML too",
    byDefault: null,
  }),
  "fail-over": percent({
    placeholder: "P%",
    help: "how much slower or worse is a regression",
    byDefault: 0.1,
  }),
  history: path({
    placeholder: "FILE",
    help: "JSON lines to which the new report's figures are added; earlier lines tell the noise",
    byDefault: null,
  }),
  steps: integer(0, 100_000, {
    placeholder: "N",
    help: "training steps; 0 compares layers only",
    byDefault: 200,
  }),
  "max-steps": integer(1, 100_000, {
    placeholder: "N",
    help: "measured steps of a point at most; slow ones get fewer",
    byDefault: 200,
  }),
  tolerance: positiveNumber({
    placeholder: "X",
    help: "how far apart the two losses of a step may be",
    byDefault: 1e-3,
  }),
  "learning-rate": positiveNumber<number | null>({
    placeholder: "X",
    help: "of the optimizers of both idioms; default: the recipe's (in parity 0.000003 for a file)",
    byDefault: null,
  }),
  to: oneOf<"keras" | "torch">(["keras", "torch"], {
    placeholder: "IDIOM",
    help: "the idiom that is given the weights",
    byDefault: "keras",
  }),
  names: oneOf<string>([OWN_NAMES, "torchvision", "timm"], {
    placeholder: "NAMING",
    help: "how a state dict that is written names its parameters; own: as the model here",
    byDefault: OWN_NAMES,
  }),
  weights: path<string | null>({
    placeholder: "FILE",
    help:
      "weights that every training begins with: safetensors, torch.save's, or Keras' of either idiom",
    byDefault: null,
  }),
  "skip-weights": {
    placeholder: "LIST",
    help: "modules of the PyTorch idiom, such as conv1,fc, whose weights stay as they are drawn",
    allowed: "names of modules or parameters, separated by commas",
    byDefault: [],
    read: (text) => {
      const names = text.split(",").map((name) => name.trim());
      return names.every((name) => name !== "") ? names : undefined;
    },
  } as Flag<string[]>,
  "image-shape": {
    placeholder: "SHAPE",
    help: "of the images that the model is made for",
    allowed: "height, width and channels, such as 32,32,3",
    byDefault: [32, 32, 3],
    read: (text) => {
      const sizes = /^\d+,\d+,\d+$/.test(text) ? text.split(",").map(Number) : [];
      return sizes.length === 3 && sizes.every((size) => size >= 1) ? sizes : undefined;
    },
  } as Flag<number[]>,
  classes: integer(2, 1_000_000, {
    placeholder: "N",
    help: "of the model",
    byDefault: 10,
  }),
  axes: listOf<ScalingAxis>(SCALING_AXES, {
    placeholder: "LIST",
    help: "what grows, separated by commas",
    byDefault: [...SCALING_AXES],
  }),
  tensorboard: path<string | null>({
    placeholder: "DIR",
    help: "write TensorBoard's event files of every trial there while it is trained",
    byDefault: null,
  }),
  badge: path({
    placeholder: "FILE",
    help: "write a badge for shields.io's endpoint, as JSON",
    byDefault: null,
  }),
};

/** Every flag that stands alone. */
export const switches = {
  "strict-device": {
    help: "refuse, by name, whatever the --device leaves to the CPU",
  },
  profile: { help: "measure forward, backward and update of a step apart" },
  fresh: { help: "start anew, even where an interrupted run could go on" },
  json: { help: "print the report as JSON on standard output, nothing else" },
  quiet: { help: "print no progress" },
  verbose: { help: "print what is planned and done, and where an error came from" },
} satisfies Record<string, Switch>;

/** A flag's name as typed, without the dashes. */
export type FlagName = keyof typeof flags;
/** The name of a flag that stands alone. */
export type SwitchName = keyof typeof switches;
/** The value a flag has when it was read. */
export type FlagValue<Name extends FlagName> = typeof flags[Name] extends Flag<infer Value> ? Value
  : never;
