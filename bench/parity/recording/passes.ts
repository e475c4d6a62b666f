/**
 * Runs both models on one batch and compares everything that they compute on the way.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { ParityBatch } from "../models/batches.ts";
import { compareResults, type ResultComparison } from "../comparing/compare_results.ts";
import { differenceOf, rootMeanSquare } from "../comparing/difference.ts";
import { seedBoth } from "../models/masks.ts";
import type { PreparedPair } from "../models/prepared_pair.ts";
import { axisOrders, product, rearrange, type unchanged } from "../comparing/rearrangement.ts";
import {
  type KerasPass,
  type KerasResult,
  type PassOptions,
  recordKeras,
  trainedWeights,
} from "./record_keras.ts";
import { recordTorch, type TorchPass } from "./record_torch.ts";
import type { LayerRow, RowPass } from "../report/report.ts";
import type { Output } from "./results.ts";
import { comparedRow, loneRow, tolerances } from "../report/rows.ts";
import type { WeightPair } from "../pairing/weight_pairs.ts";

/** What a pass found. */
export interface PassResult {
  readonly rows: LayerRow[];
  readonly notes: string[];
  readonly keras: KerasPass;
  readonly torch: TorchPass;
  readonly comparison: ResultComparison;
  /** Whether PyTorch's pass ran to its end. */
  readonly complete: boolean;
  /** What both optimizers are to be given: gradients as each model has them, without the other's rounding. */
  readonly gradients: ReadonlyMap<WeightPair, OptimizerGradients>;
}

/** Gradients of one weight, in Keras' layout. */
export interface OptimizerGradients {
  /** Of the loss of the predictions alone; penalties are added as the weights move. */
  readonly data: Float32Array;
  /** Whether PyTorch's loss has Keras' penalties in it. */
  readonly penaltyInLoss: boolean;
}

/** Step 0 of the random numbers: training begins at 1. */
const MASK_STEP = 0;

/** Both models on one batch, and what comes of it. */
export async function comparePass(
  prepared: PreparedPair,
  options: PassOptions,
  pass: RowPass,
): Promise<PassResult> {
  seedBoth(prepared.seed, MASK_STEP);
  const keras = await recordKeras(prepared, options);
  const sizes = new Set(keras.results.map(({ values }) => values.length));
  const torch = await recordTorch(prepared, options, MASK_STEP, sizes);
  const results = withTwins(prepared, keras.results, torch);
  const comparison = compareResults(
    results,
    torch.results,
    outputPairs(keras.outputs, torch),
    pass,
  );
  const rows = [...comparison.rows];
  if (torch.outputs.length !== keras.outputs.length && torch.error === null) {
    rows.push(outputCountRow(keras, torch, pass));
  }
  if (torch.error !== null) {
    // What has a counterpart and differs from it came before the error, and may be its cause.
    const first = rows.findIndex(({ status }) => status === "differs");
    const isCause = first >= 0 && rows[first].torch !== "" &&
      rows[first].keras !== "the model's output";
    rows.splice(isCause ? rows.length : 0, 0, errorRow(torch.error, pass));
  }
  const complete = torch.error === null;
  const gradients = new Map<WeightPair, OptimizerGradients>();
  if (options.training && complete) rows.push(lossRow(keras, torch, pass));
  if (options.backward && complete) {
    rows.push(...gradientRows(prepared, keras, torch, comparison, pass, gradients));
  }
  const notes = options.training && complete ? drawNotes(prepared, torch) : [];
  return { rows, notes, keras: { ...keras, results }, torch, comparison, complete, gradients };
}

/** Each result of a paired layer with the index of its module's. */
function withTwins(
  { pairing }: PreparedPair,
  results: readonly KerasResult[],
  torch: TorchPass,
): KerasResult[] {
  const pairOf = new Map(pairing.pairs.map((pair) => [pair.layer, pair]));
  return results.map((result) => {
    const pair = result.isActivation ? undefined : pairOf.get(result.call.layer);
    const module = pair?.rule.isInner ? undefined : pair?.modules.at(-1)?.module;
    const twin = module
      ? torch.results.findIndex((one) => one.module === module && one.turn === result.turn)
      : -1;
    if (twin < 0) return result;
    // The last of several modules is not given what the layer is given.
    return pair!.modules.length > 1 ? { ...result, twin, input: undefined } : { ...result, twin };
  });
}

function outputPairs(outputs: readonly Output[], torch: TorchPass) {
  const none = { shape: [0], values: new Float32Array(0) };
  return outputs.map((output, i) => [output, torch.outputs[i] ?? none] as const);
}

function outputCountRow(keras: KerasPass, torch: TorchPass, pass: RowPass): LayerRow {
  const names = {
    keras: "the model",
    torch: "the model",
    part: "outputs",
    kind: "activation",
    pass,
  } as const;
  const why = `Keras gives ${keras.outputs.length} outputs, PyTorch ${torch.outputs.length}`;
  return loneRow(names, [], why);
}

function errorRow(error: string, pass: RowPass): LayerRow {
  const names = {
    keras: "the model",
    torch: "the model",
    part: "pass",
    kind: "activation",
    pass,
  } as const;
  return loneRow(names, [], error);
}

/** With or without penalties, as PyTorch's loss has them. */
function lossRow(keras: KerasPass, torch: TorchPass, pass: RowPass): LayerRow {
  const names = { keras: "loss", torch: "loss", part: "output", kind: "activation", pass } as const;
  const row = (loss: number) =>
    comparedRow({
      ...names,
      first: Float32Array.of(loss),
      second: Float32Array.of(torch.loss ?? NaN),
      shape: [],
    });
  const withPenalties = row(keras.loss);
  return withPenalties.agrees ? withPenalties : row(keras.dataLoss);
}

/** Gradients this much smaller than the largest one are mostly rounding (a bias before batch normalization). */
const GRADIENT_FLOOR = 1e-3;

/** From the last layer to the first: each result's gradient, then that of the layer's weights. */
function gradientRows(
  prepared: PreparedPair,
  keras: KerasPass,
  torch: TorchPass,
  { found, alignments }: ResultComparison,
  pass: RowPass,
  gradients: Map<WeightPair, OptimizerGradients>,
): LayerRow[] {
  const trained = new Set(trainedWeights(prepared));
  const sizes = [...keras.dataGradients.values(), ...keras.gradients.values()].map(rootMeanSquare);
  const floor = GRADIENT_FLOOR * Math.max(0, ...sizes.filter(Number.isFinite));
  const done = new Set<WeightPair>();
  const weightRows = (weights: readonly WeightPair[]) =>
    weights.flatMap((weight) => {
      if (done.has(weight) || !trained.has(weight) || !weight.tensor.requiresGrad) return [];
      done.add(weight);
      return [weightGradientRow(weight, keras, torch, pass, floor, gradients)];
    });
  const steps = [...keras.results.keys()].reverse().map((i): GradientStep => {
    const result = keras.results[i];
    const other = found[i] === null ? undefined : torch.results[found[i]];
    const weights = prepared.weights.both.filter(({ pair }) => pair.layer === result.call.layer);
    const row = result.gradient && other?.gradient && other.isCall && alignments[i]
      ? comparedRow({
        keras: result.name,
        torch: other.name,
        part: "output",
        kind: "gradient",
        pass,
        first: rearrange(result.gradient, alignments[i].arrangement),
        second: other.gradient,
        shape: other.shape,
      }, activationFloor(keras))
      : null;
    return { from: result.from, row, weights: weightRows(weights) };
  });
  return [...withoutTies(steps), ...weightRows(prepared.weights.both)];
}

/** A result's gradient and those of its layer's weights. */
interface GradientStep {
  readonly from: readonly number[];
  readonly row: LayerRow | null;
  readonly weights: readonly LayerRow[];
}

/**
 * A gradient that differs is no difference as long as all that is computed from it agrees: of equal values in a max pooling,
 * zeros behind a relu, either may get it.
 *
 * @param steps from the last result to the first
 */
function withoutTies(steps: readonly GradientStep[]): LayerRow[] {
  const isFine: boolean[] = [];
  for (const [i, { from, row, weights }] of steps.toReversed().entries()) {
    // A gradient that one side lacks is a difference of its own, and none of what lies behind it.
    const areFine = weights.every(({ agrees, at }) => agrees || at === null);
    isFine[i] = row?.agrees || (areFine && from.every((at) => isFine[at]));
  }
  return steps.flatMap(({ row, weights }, at) => {
    if (!row) return weights;
    const isTie = !row.agrees && isFine[steps.length - 1 - at];
    return [isTie ? { ...row, ...harmless } : row, ...weights];
  });
}

const harmless = {
  status: "within",
  agrees: true,
  why: "all gradients computed from it agree",
} as const;

const floors = new WeakMap<KerasPass, number>();

function activationFloor(keras: KerasPass): number {
  const known = floors.get(keras);
  if (known !== undefined) return known;
  const sizes = keras.results.map(({ gradient }) => gradient ? rootMeanSquare(gradient) : 0);
  const floor = GRADIENT_FLOOR * Math.max(0, ...sizes.filter(Number.isFinite));
  floors.set(keras, floor);
  return floor;
}

function weightGradientRow(
  weight: WeightPair,
  keras: KerasPass,
  torch: TorchPass,
  pass: RowPass,
  floor: number,
  gradients: Map<WeightPair, OptimizerGradients>,
): LayerRow {
  const { arrangement, pair, path, part } = weight;
  const second = torch.gradients.get(weight) ?? null;
  const row = (gradient: Float32Array | undefined) =>
    comparedRow({
      keras: pair.layer.name,
      torch: path,
      part,
      kind: "gradient",
      pass,
      first: gradient ? rearrange(gradient, arrangement) : null,
      second,
      shape: arrangement.shape,
    }, floor);
  const [data, all] = [keras.dataGradients.get(weight), keras.gradients.get(weight)];
  const [withoutPenalty, withPenalty] = [row(data), row(all)];
  // PyTorch has penalties in its loss, or in its optimizer.
  const inLoss = all !== data && withPenalty.agrees && !closer(withoutPenalty, withPenalty);
  if (data) gradients.set(weight, { data, penaltyInLoss: inLoss });
  return inLoss ? withPenalty : withoutPenalty;
}

function closer(a: LayerRow, b: LayerRow): boolean {
  return (a.relative ?? Infinity) < (b.relative ?? Infinity);
}

function drawNotes({ masks }: PreparedPair, { draws }: TorchPass): string[] {
  if (draws === masks.layouts.length) return [];
  return [
    `the Keras model drew ${masks.layouts.length} random masks a step, the PyTorch model ${draws}: ` +
    `dropout differs in number, rate 0 or training mode`,
  ];
}

/** How often weights are laid out anew, at most: an order can show only once those before it are right. */
const ROUNDS = 6;

/** What {@linkcode findOrders} found. */
export interface FoundOrders {
  readonly prepared: PreparedPair;
  readonly notes: readonly string[];
}

/**
 * Finds in which order the PyTorch model flattens images, layer by layer, by the values that layers are given; the weights
 * are laid out so.
 */
export async function findOrders(prepared: PreparedPair, batch: ParityBatch): Promise<FoundOrders> {
  const orders = new Map<Layer, readonly number[]>();
  const texts = new Map<Layer, string>();
  let current = prepared;
  for (let round = 0; round < ROUNDS; round++) {
    const { keras, torch } = await quickPass(current, batch);
    const before = orders.size;
    for (const result of withTwins(current, keras.results, torch)) {
      const order = orderOf(result, torch, orders);
      if (!order) continue;
      const { layer } = result.call;
      orders.set(layer, order);
      const names = axisNames(order.length);
      texts.set(layer, `${layer.name} (${order.map((axis) => names[axis]).join(", ")})`);
    }
    if (orders.size === before) break;
    current = prepared.withOrders(orders);
  }
  const notes = texts.size === 0 ? [] : [
    `PyTorch flattens what it gives to ${[...texts.values()].join(", ")}; weights are laid out so`,
  ];
  return { prepared: current, notes };
}

async function quickPass(prepared: PreparedPair, batch: ParityBatch) {
  const options = { batch, training: false, backward: false };
  const keras = await recordKeras(prepared, options);
  return { keras, torch: await recordTorch(prepared, options, MASK_STEP, new Set()) };
}

const axisNames = (rank: number) =>
  rank === 3
    ? ["height", "width", "channels"]
    : rank === 2
    ? ["steps", "channels"]
    : ["depth", "height", "width", "channels"];

/** Another order than the expected one, under which the inputs are equal. */
function orderOf(
  result: KerasResult,
  torch: TorchPass,
  known: ReadonlyMap<Layer, readonly number[]>,
): readonly number[] | null {
  const { layer, inputLayout } = result.call;
  const given = result.twin === undefined ? undefined : torch.results[result.twin].input;
  if (inputLayout.kind !== "flattened" || !result.input || !given || known.has(layer)) return null;
  const { from } = inputLayout;
  if (product(from) !== product(result.input.shape.slice(1))) return null;
  const agrees = (arrangement: ReturnType<typeof unchanged>) =>
    given.values.length === result.input!.values.length &&
    differenceOf(rearrange(result.input!.values, arrangement), given.values, given.shape)
        .relative <=
      tolerances.activation;
  if (agrees(result.input.expected!)) return null;
  const view = [result.input.shape[0], ...from];
  return axisOrders(from.length).find((order) =>
    agrees({ view, order: [0, ...order.map((axis) => axis + 1)], shape: given.shape })
  ) ?? null;
}
