/**
 * What the command line asks the trials to be.
 * @module
 */
import type { Shard } from "./plan.ts";
import type { BenchDevice, KerasEngine, StyleName } from "./trials/trial.ts";

/** What the command line asks for; the same names stand under `options` in report.json. */
export interface BenchOptions {
  /** Names, or files. */
  model: string[];
  /** Names, or files. */
  recipe: string[];
  dataset: string[];
  styles: StyleName[];
  /** Name or file of an ablation; null where the recipes say what changes, and in other experiments. */
  ablation: string | null;
  /** Folder or file of `bench:peers`, whose steps stand beside the trials'; null: none. */
  peers: string | null;
  /** null: the cache folder, else a download, else the fallback. */
  dataDir: string | null;
  /** How images are read, as the command line has it; null: as the data set says. */
  datasetOptions: string | null;
  /** File of weights that every training begins with; null: they are drawn. */
  weights: string | null;
  /** Modules of the PyTorch idiom whose weights are drawn all the same. */
  skipWeights: string[];
  /** null: the recipe's. */
  epochs: number | null;
  /** null: the recipe's. */
  batchSize: number | null;
  /** Of the optimizers of both idioms; null: the recipe's. */
  learningRate: number | null;
  /** Training images, before the split; null: all. */
  limit: number | null;
  /** Of one trial; in a report, the first one of several. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Steps left out of the step times. */
  warmup: number;
  /** Validation accuracy at which a trial stops; shares of 1; null: it trains all epochs. */
  untilAccuracy: number | null;
  /** Whether forward, backward and update are measured apart. */
  profile: boolean;
  /** Whether a trial fails that the device leaves nodes of to the CPU. */
  strictDevice: boolean;
  device: BenchDevice;
  kerasEngine: KerasEngine;
  /** Training steps in one call into the engine. */
  stepsPerCall: number;
  /** Of ONNX Runtime's operators; null: as many as the machine has cores. */
  threads: number | null;
  /** The part of the trials; null: all. */
  shard: Shard | null;
  /** Folder of the reports. */
  out: string;
}
