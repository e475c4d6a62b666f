/**
 * Trains both models on the same batches with the same masks and compares their losses.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { GradientTape, tfFunction } from "../../keras_style/mod.ts";
import type { Tensor } from "../../torch_style/mod.ts";
import { kerasBatch, type ParityBatch, torchBatch } from "./batches.ts";
import { seedBoth, withSharedMasks } from "./masks.ts";
import { kerasForward, newOptimizers, type PreparedPair, torchLoss } from "./prepared_pair.ts";
import { finite } from "./probes.ts";
import type { ParityStep, RoundingControl } from "./report.ts";
import { type WeightValues, writeWeights } from "./weight_pairs.ts";

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
  writeWeights(prepared.initial);
  const optimizers = newOptimizers(prepared);
  const kerasStep = kerasStepOf(prepared, optimizers.keras);
  prepared.torch.train();
  const made: ParityStep[] = [];
  for (let step = 1; step <= steps && !signal?.aborted; step++) {
    const batch = prepared.data.batch(step);
    seedBoth(seed, step);
    const kerasLoss = await kerasStep(batch);
    const loss = await torchStep(prepared, optimizers.torch, batch);
    const difference = finite(Math.abs(kerasLoss - loss));
    const record = { step, kerasLoss: finite(kerasLoss), torchLoss: finite(loss), difference };
    made.push(record);
    onStep?.(record);
  }
  optimizers.keras.dispose();
  return made;
}

type KerasStep = (batch: ParityBatch) => Promise<number>;

function kerasStepOf(
  prepared: PreparedPair,
  optimizer: ReturnType<typeof newOptimizers>["keras"],
): KerasStep {
  const variables = prepared.keras.trainableVariables;
  optimizer.build(variables);
  const step = tfFunction((x: tf.Tensor, y: tf.Tensor) => {
    using tape = new GradientTape();
    const { loss } = kerasForward(prepared, x, y);
    optimizer.apply(tape.gradient(loss, variables), variables);
    return loss;
  });
  return async (batch) => {
    const [x, y] = kerasBatch(batch);
    const loss = step(x, y);
    const [value] = await loss.data();
    tf.dispose([x, y, loss]);
    return value;
  };
}

async function torchStep(
  prepared: PreparedPair,
  optimizer: ReturnType<typeof newOptimizers>["torch"],
  batch: ParityBatch,
): Promise<number> {
  const [x, target] = torchBatch(batch, prepared.firstLayer);
  optimizer.zeroGrad();
  const { result } = withSharedMasks(prepared.drawLayouts, () => prepared.torch(x) as Tensor);
  const loss = torchLoss(prepared, result, target);
  loss.backward();
  await optimizer.step();
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
    const apart = Math.abs(await kerasStep(prepared.data.batch(step)) - (kerasLoss ?? NaN));
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
