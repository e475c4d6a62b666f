/**
 * Trains both models on the same batches with the same masks and compares their losses.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { GradientTape, tfFunction } from "../../../keras_style/mod.ts";
import { kerasBatch, type ParityBatch, torchBatch } from "../models/batches.ts";
import { seedBoth, withSharedMasks } from "../models/masks.ts";
import {
  kerasForward,
  newOptimizers,
  type PreparedPair,
  torchLoss,
  torchStepOf,
} from "../models/prepared_pair.ts";
import { finite } from "../report/rows.ts";
import { tensorsIn } from "../recording/torch_calls.ts";
import type { ParityStep, RoundingControl } from "../report/report.ts";
import { type WeightValues, writeWeights } from "../pairing/weight_pairs.ts";

/** Options of {@linkcode trainBoth}. */
export interface TrainBothOptions {
  readonly steps: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  onStep?(step: ParityStep): void;
}

/** Trains from the initial weights; stops between two steps at an abort. */
export async function trainBoth(
  prepared: PreparedPair,
  { steps, seed, signal, onStep }: TrainBothOptions,
): Promise<ParityStep[]> {
  writeWeights(prepared.initial, prepared.weights.constant);
  const optimizers = newOptimizers(prepared);
  const kerasStep = kerasStepOf(prepared, optimizers.keras);
  prepared.torch.train();
  optimizers.torch.zeroGrad();
  const made: ParityStep[] = [];
  for (let step = 1; step <= steps && !signal?.aborted; step++) {
    const batch = prepared.data.batch(step);
    seedBoth(seed, step);
    const kerasLosses = await kerasStep(batch, step);
    const loss = await torchStep(prepared, optimizers.torch, batch, step);
    const record = stepOf(step, kerasLosses, loss);
    made.push(record);
    onStep?.(record);
  }
  optimizers.keras.dispose();
  return made;
}

/** PyTorch's loss has penalties in it, or its optimizer has them as weight decay. */
function stepOf(step: number, [data, all]: KerasLosses, loss: number): ParityStep {
  const own = Math.abs(all - loss) <= Math.abs(data - loss) ? all : data;
  return {
    step,
    kerasLoss: finite(own),
    torchLoss: finite(loss),
    difference: finite(Math.abs(own - loss)),
  };
}

/** Of the predictions alone, and with penalties. */
type KerasLosses = readonly [data: number, all: number];

type KerasStep = (batch: ParityBatch, step: number) => Promise<KerasLosses>;

function kerasStepOf(
  prepared: PreparedPair,
  optimizer: ReturnType<typeof newOptimizers>["keras"],
): KerasStep {
  const { keras, inputs } = prepared;
  const variables = keras.trainableVariables;
  const train = variables.length > 0;
  if (train) optimizer.build(variables);
  const traced = tfFunction((...given: tf.Tensor[]) => {
    using tape = new GradientTape();
    const [x, y] = [given.slice(0, inputs.length), given.slice(inputs.length)];
    const { loss, dataLoss } = kerasForward(prepared, x, y);
    if (train) optimizer.apply(tape.gradient(loss, variables), variables);
    return tf.stack([dataLoss, loss]);
  });
  return async (batch, step) => {
    const [x, y] = kerasBatch(batch);
    const result = traced(...x, ...y);
    const [data, all] = await result.data();
    tf.dispose([x, y, result]);
    prepared.pair.kerasAfterStep?.(optimizer, step, keras);
    return [data, all];
  };
}

async function torchStep(
  prepared: PreparedPair,
  optimizer: ReturnType<typeof newOptimizers>["torch"],
  batch: ParityBatch,
  step: number,
): Promise<number> {
  const [x, targets] = torchBatch(batch, prepared.inputs);
  const { masks, seed, torch } = prepared;
  const { result } = withSharedMasks(masks, seed, step, () => torch(...x));
  const loss = torchLoss(prepared, tensorsIn(result), targets);
  loss.backward();
  await torchStepOf(prepared, optimizer, step);
  return await loss.item();
}

/** The first step whose losses are further apart than a tolerance. */
export function firstBeyond(steps: readonly ParityStep[], tolerance: number): ParityStep | null {
  return steps.find(({ difference }) => difference === null || difference > tolerance) ?? null;
}

/**
 * Trains the Keras model once more, from weights that are changed in their last bit, and compares it with itself: a right
 * port cannot stay together for longer than that.
 */
export async function roundingControl(
  prepared: PreparedPair,
  known: readonly ParityStep[],
  { seed, signal, tolerance }: { seed: number; signal?: AbortSignal; tolerance: number },
): Promise<RoundingControl> {
  writeWeights(nudged(prepared.initial));
  const { keras } = newOptimizers(prepared);
  const kerasStep = kerasStepOf(prepared, keras);
  let firstExceeded: number | null = null;
  let most = 0;
  for (const { step, kerasLoss } of known) {
    if (signal?.aborted) break;
    seedBoth(seed, step);
    const again = await kerasStep(prepared.data.batch(step), step);
    const apart = Math.min(...again.map((loss) => Math.abs(loss - (kerasLoss ?? NaN))));
    if (!(apart <= tolerance)) firstExceeded ??= step;
    most = Math.max(most, apart);
  }
  keras.dispose();
  writeWeights(prepared.initial);
  return { firstExceeded, maxDifference: finite(most) };
}

/** Every other trained weight moved by one rounding step of float32. */
function nudged(values: WeightValues): WeightValues {
  return new Map([...values].map(([weight, data]) => {
    const moved = data.map((value, i) => i % 2 === 0 ? value * (1 + 2 ** -23) : value);
    return [weight, weight.statistic ? data : moved];
  }));
}
