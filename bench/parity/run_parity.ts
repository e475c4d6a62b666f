/**
 * Parity mode as a whole.
 * @module
 */
import type { ImageDataset } from "../../fixtures/mod.ts";
import { checkProvider, RandomStream, useProvider } from "../../onnx/mod.ts";
import { selectEngine } from "../../keras_style/mod.ts";
import { enlarged, type ParityBatch } from "./models/batches.ts";
import type { ModelPair } from "./models/model_pair.ts";
import { ruleText } from "./comparing/optimizers.ts";
import { learningRateOf, type ParityOptions } from "./options.ts";
import { loadPair } from "./models/pair_file.ts";
import { initializationRows } from "./models/initialization.ts";
import { frozenRows, pairingRows } from "./comparing/weight_rows.ts";
import { comparePass, findOrders, type PassResult } from "./recording/passes.ts";
import type { Result } from "./recording/results.ts";
import { prepare, type PreparedPair } from "./models/prepared_pair.ts";
import {
  type LayerRow,
  type ParityGraph,
  type ParityGraphNode,
  type ParityGraphs,
  type ParityReport,
  type ParityStep,
  parityVersion,
  type RowStatus,
} from "./report/report.ts";
import { tolerances } from "./report/rows.ts";
import { publishedPair } from "./models/published_pair.ts";
import { firstBeyond, roundingControl, trainBoth } from "./comparing/training.ts";
import { statisticRows, updateRows } from "./comparing/update_check.ts";
import { type WeightValues, writeWeights } from "./pairing/weight_pairs.ts";

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
  await startEngine(options.device);
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

/** Makes both idioms compute on a device. */
export async function startEngine(device: ParityOptions["device"]): Promise<void> {
  await checkProvider(device);
  useProvider(device);
  await selectEngine("onnxruntime", { provider: device });
}

async function reportOf(
  given: PreparedPair,
  options: ParityOptions,
  settings: ParitySettings,
): Promise<ParityReport> {
  settings.note?.("comparing layer by layer");
  const { prepared, notes: orderNotes } = await findOrders(given, probeBatch(given, options));
  const { rows, notes, complete, graphs } = await compareLayers(prepared, options);
  const firstDifferent = rows.find(({ agrees }) => !agrees) ?? null;
  if (!complete) notes.push("no training steps were made: PyTorch's pass does not run");
  else if (options.steps > 0) settings.note?.(`training ${options.steps} steps in both`);
  const steps = complete ? await trainBoth(prepared, { ...options, ...settings }) : [];
  const firstExceeded = firstBeyond(steps, options.tolerance);
  const control = firstExceeded && !firstDifferent
    ? await roundingControl(prepared, steps, { ...options, signal: settings.signal })
    : null;
  // Last: it makes further models, which a file may keep in the first one's place.
  const initialization = complete ? await initializationRows(prepared, settings.dataset) : [];
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
    initialization,
    graphs: withMark(graphs, firstDifferent),
    control,
    agrees: !firstDifferent && !firstExceeded && steps.length === options.steps,
    interrupted: settings.signal?.aborted ?? false,
    notes: [...ownNotes(prepared, options), ...orderNotes, ...notes],
  };
}

interface Compared {
  /** In the order in which a step computes. */
  readonly rows: LayerRow[];
  readonly notes: string[];
  readonly complete: boolean;
  readonly graphs: ParityGraphs;
}

/** Layers are compared on a few samples: what they compute does not hang on their number. */
const SAMPLES = 16;

function probeBatch({ data }: PreparedPair, { batchSize }: ParityOptions): ParityBatch {
  return data.batch(1, Math.min(batchSize, SAMPLES));
}

async function compareLayers(prepared: PreparedPair, options: ParityOptions): Promise<Compared> {
  const { initial, weights: { constant } } = prepared;
  const batch = probeBatch(prepared, options);
  const reset = () => writeWeights(initial, constant);
  reset();
  const training = await comparePass(
    prepared,
    { batch, training: true, backward: true },
    "training",
  );
  const statistics = training.complete ? await statisticRows(prepared, training) : [];
  const hidden = statistics.some(({ agrees }) => !agrees);
  const rows = [
    ...pairingRows(prepared),
    ...frozenRows(prepared),
    ...training.rows.map((row) => hidden ? asDifference(row) : row),
    ...statistics,
  ];
  const { notes, complete } = training;
  const graphs = graphsOf(training);
  if (!complete) return { rows, notes, complete, graphs };
  rows.push(...await updateRows(prepared, training.gradients));
  reset();
  const forward = { training: false, backward: false };
  const evaluation = await comparePass(prepared, { ...forward, batch }, "evaluation");
  rows.push(...evaluation.rows);
  writeWeights(shaken(initial, options.seed), constant);
  const large = enlarged(batch, options.seed);
  rows.push(...(await comparePass(prepared, { ...forward, batch: large }, "large")).rows);
  reset();
  const own = Math.min(options.batchSize, SAMPLES);
  const size = own <= 2 ? own + 1 : Math.floor(own / 2) + 1;
  const other = prepared.data.batch(1, size);
  rows.push(...(await comparePass(prepared, { ...forward, batch: other }, "batch")).rows);
  return { rows, notes, complete, graphs };
}

/** A result that is another one, while a batch norm behind it gives the same: only its statistics tell. */
function asDifference(row: LayerRow): LayerRow {
  if (row.status !== "within" || row.kind !== "activation" || row.relative === null) return row;
  return {
    ...row,
    status: "differs",
    agrees: false,
    why: "a batch norm behind it hides it while training",
  };
}

/** Random biases, scales and statistics, where all values of a weight are one: what starts at 0 or 1 hides a lot. */
function shaken(values: WeightValues, seed: number): WeightValues {
  const stream = new RandomStream(seed);
  return new Map([...values].map(([weight, data]) => {
    const [start] = data;
    if (weight.statistic === "variance") return [weight, stream.uniform(data.length, 0.5, 2)];
    if (!data.every((value) => value === start)) return [weight, data];
    if (start === 1) return [weight, stream.uniform(data.length, 0.5, 1.5)];
    const wide = weight.statistic || weight.variable.rank < 2 ? 0.5 : 0.1;
    return [weight, stream.normal(data.length, 0, wide)];
  }));
}

/** Calls of layers and modules, and which result is which. */
function graphsOf({ keras, torch, comparison }: PassResult): ParityGraphs {
  const nodes = (
    results: readonly Result[],
    twinOf: (i: number) => number | null,
    statusOf: (i: number) => RowStatus,
  ): ParityGraphNode[] => {
    const kept = results.flatMap(({ isCall }, i) => isCall ? [i] : []);
    const place = new Map(kept.map((at, i) => [at, i]));
    const sources = (at: number, seen = new Set<number>()): number[] =>
      results[at].from.flatMap((from) => {
        if (seen.has(from)) return [];
        seen.add(from);
        return place.has(from) ? [place.get(from)!] : sources(from, seen);
      });
    return kept.map((at) => ({
      name: results[at].name,
      kind: results[at].kind,
      shape: [...results[at].shape],
      from: [...new Set(sources(at))],
      twin: twinOf(at),
      status: statusOf(at),
    }));
  };
  const torchCalls = torch.results.flatMap(({ isCall }, i) => isCall ? [i] : []);
  const { found, statuses } = comparison;
  // Where results differ, paired modules stand beside each other all the same.
  const counterparts = keras.results.map(({ twin }, i) => found[i] ?? twin ?? null);
  const back = new Map(counterparts.flatMap((at, i) => at === null ? [] : [[at, i] as const]));
  return {
    keras: {
      nodes: nodes(keras.results, (i) => {
        const at = torchCalls.indexOf(counterparts[i] ?? -1);
        return at < 0 ? null : at;
      }, (i) => statuses[i]),
    },
    torch: {
      nodes: nodes(
        torch.results,
        (i) => back.get(i) ?? null,
        (i) => back.has(i) ? statuses[back.get(i)!] : "within",
      ),
    },
  };
}

/** Shows the first difference in the graphs, in whatever pass it was found. */
function withMark(graphs: ParityGraphs, first: LayerRow | null): ParityGraphs {
  const mark = ({ nodes }: ParityGraph, name: string | undefined): ParityGraph => {
    const at = nodes.findIndex((node) => node.name === name);
    return { nodes: nodes.map((node, i) => i === at ? { ...node, status: "differs" } : node) };
  };
  const { keras, torch } = graphs;
  return { keras: mark(keras, first?.keras), torch: mark(torch, first?.torch) };
}

function ownNotes({ pair, weights, learningRate }: PreparedPair, options: ParityOptions): string[] {
  const notes = [
    "arrays are compared in PyTorch's layout; a row agrees where the root mean square of the difference is at most " +
    `${tolerances.activation} of Keras' own (gradients: ${tolerances.gradient})`,
  ];
  const hasOwnOptimizers = Boolean(pair.kerasOptimizer ?? pair.torchOptimizer);
  if (!hasOwnOptimizers) notes.push(`${ruleText}, learning rate ${learningRate}`);
  if (pair === publishedPair) {
    notes.push(
      "PyTorch's flattened image enters dense1 in Keras' order (a hook on the module), so that both add up the same " +
        "values in the same order",
    );
  } else if (options.learningRate === null && !hasOwnOptimizers && options.steps > 0) {
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
  const second = weights.constant.filter(({ tensor }) => tensor.requiresGrad);
  if (second.length > 0) {
    notes.push(
      `PyTorch adds two biases where Keras has their sum: ${
        second.map(({ path }) => path).join(", ")
      } start at 0 here. Both are trained, so that their sum moves twice as far: known, not counted as a difference`,
    );
  }
  return notes;
}
