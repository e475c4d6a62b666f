/**
 * Parity mode as a whole.
 * @module
 */
import type { ImageDataset } from "../../fixtures/mod.ts";
import { checkProvider, useProvider } from "../../onnx/mod.ts";
import { selectEngine } from "../../keras_style/mod.ts";
import type { ModelPair } from "./model_pair.ts";
import { ruleText } from "./optimizers.ts";
import { learningRateOf, type ParityOptions } from "./options.ts";
import { loadPair } from "./pair_file.ts";
import { evaluationPass, trainingPass } from "./passes.ts";
import { prepare, type PreparedPair } from "./prepared_pair.ts";
import { loneRow, tolerances } from "./probes.ts";
import { type LayerRow, type ParityReport, type ParityStep, parityVersion } from "./report.ts";
import { publishedPair } from "./published_pair.ts";
import { firstBeyond, roundingControl, trainBoth } from "./training.ts";
import { statisticRows, updateRows } from "./update_check.ts";
import { writeWeights } from "./weight_pairs.ts";

/** What a run needs beside its options. */
export interface ParitySettings {
  /** Images to train on, for models that take them; random values without. */
  readonly dataset?: ImageDataset;
  /** The models, where they are not the file's that the options name. */
  readonly pair?: ModelPair;
  /** Told what goes on, a line each. */
  note?(line: string): void;
  /** Told after every training step. */
  onStep?(step: ParityStep): void;
  /** Stops between two steps; the report then says so. */
  readonly signal?: AbortSignal;
}

/**
 * Gives two models the same weights, compares them layer by layer on one batch and step by step in training.
 *
 * @throws {ParityError} if the models cannot be loaded or paired; the message says which layer and why
 *
 * @example
 * ```ts
 * import { defaultParityOptions, formatParity, runParity } from "./mod.ts";
 *
 * const report = await runParity({ ...defaultParityOptions(), steps: 20 });
 * console.log(formatParity(report));
 * ```
 */
export async function runParity(
  options: ParityOptions,
  settings: ParitySettings = {},
): Promise<ParityReport> {
  await checkProvider(options.device);
  useProvider(options.device);
  await selectEngine("onnxruntime", { provider: options.device });
  const pair = settings.pair ??
    (options.model === null ? publishedPair : await loadPair(options.model));
  const learningRate = learningRateOf(options, pair === publishedPair);
  const { dataset } = settings;
  const prepared = await prepare(pair, { ...options, learningRate, dataset });
  try {
    return await reportOf(prepared, options, settings);
  } finally {
    for (const variable of prepared.keras.variables) variable.dispose();
  }
}

async function reportOf(
  prepared: PreparedPair,
  options: ParityOptions,
  settings: ParitySettings,
): Promise<ParityReport> {
  settings.note?.("comparing layer by layer");
  const { rows, notes, complete } = await compareLayers(prepared, options.seed);
  const firstDifferent = rows.find(({ agrees }) => !agrees) ?? null;
  if (complete) settings.note?.(`training ${options.steps} steps in both`);
  else notes.push("no training steps were made: PyTorch's pass does not run");
  const steps = complete ? await trainBoth(prepared, { ...options, ...settings }) : [];
  const firstExceeded = firstBeyond(steps, options.tolerance);
  const control = firstExceeded && !firstDifferent
    ? await roundingControl(prepared, steps, { ...options, signal: settings.signal })
    : null;
  return {
    parityVersion,
    options,
    title: `${prepared.keras.name} and ${prepared.torch.constructor.name}`,
    learningRate: prepared.learningRate,
    data: prepared.data.title,
    steps,
    tolerance: options.tolerance,
    firstExceeded,
    layers: rows,
    firstDifferent,
    control,
    agrees: !firstDifferent && !firstExceeded && steps.length === options.steps,
    interrupted: settings.signal?.aborted ?? false,
    notes: [...ownNotes(prepared, options), ...notes],
  };
}

interface Compared {
  /** In the order in which a step computes. */
  readonly rows: LayerRow[];
  readonly notes: string[];
  readonly complete: boolean;
}

async function compareLayers(prepared: PreparedPair, seed: number): Promise<Compared> {
  const batch = prepared.data.batch(1);
  const training = await trainingPass(prepared, batch, seed);
  const rows = [...loneWeightRows(prepared), ...training.rows];
  const { notes, complete } = training;
  if (!complete) return { rows, notes, complete };
  rows.push(...await statisticRows(prepared, training.inputShapes));
  rows.push(...await updateRows(prepared, training.gradients));
  writeWeights(prepared.initial);
  rows.push(...await evaluationPass(prepared, batch, seed));
  return { rows, notes, complete };
}

function loneWeightRows({ weights }: PreparedPair): LayerRow[] {
  return weights.lone.map(({ pair, part, path, shape, side }) =>
    loneRow(
      { keras: pair.layer.name, torch: path, part, kind: "weight", pass: "weights" },
      shape,
      `only ${side} has it`,
    )
  );
}

function ownNotes({ pair, weights, learningRate }: PreparedPair, options: ParityOptions): string[] {
  const notes = [
    "arrays are compared in PyTorch's layout; a row agrees where the root mean square of the difference is at most " +
    `${tolerances.activation} of Keras' own (gradients: ${tolerances.gradient})`,
  ];
  if (!pair.kerasOptimizer && !pair.torchOptimizer) {
    notes.push(`${ruleText}, learning rate ${learningRate}`);
  }
  if (pair === publishedPair) {
    notes.push(
      "PyTorch's flattened image enters dense1 in Keras' order (a hook on the module), so that both add up the same " +
        "values in the same order",
    );
  } else if (options.learningRate === null) {
    notes.push(
      "the learning rate is small on purpose: RMSprop's first steps are of one size however small the gradient, so at " +
        "0.001 the order of a sum's terms, which differs between the layouts, parts even right models after some 20 steps",
    );
  }
  if (weights.both.some(({ statistic }) => statistic === "variance")) {
    notes.push(
      "PyTorch's running variance is that of a sample (n - 1), Keras' that of the batch (n): known, not counted as a " +
        "difference",
    );
  }
  return notes;
}
