/**
 * Run as a program with an engine's name: one epoch of the experiment's network by `fit` on it, measured. Prints one
 * line of JSON, an {@linkcode EngineEpoch}.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { loadDataset } from "../../fixtures/mod.ts";
import {
  callbacks,
  type EngineName,
  KerasClassifier,
  selectEngine,
  setRandomSeed,
} from "../../keras_style/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";

/** Steps before anything is measured: compiling, caches, the allocator's growth. */
export const WARM_UP_STEPS = 20;

/** What a moment of the epoch held. */
export interface Held {
  readonly numTensors: number;
  /** Resident memory, MiB. */
  readonly rssMiB: number;
}

/** What one epoch measured. */
export interface EngineEpoch {
  readonly engine: string;
  /** Of every step after the warm-up, in milliseconds. */
  readonly stepMs: number[];
  /** Of a step's mean, inside ONNX Runtime; null for libtensorflow, which does not tell. */
  readonly runMs: number | null;
  /** After the warm-up's last step. */
  readonly start: Held;
  /** After the epoch's last step. */
  readonly end: Held;
  /** Whether `tf.memory()` says that its numbers are not to be trusted. */
  readonly unreliable: boolean;
  readonly loss: number;
}

function held(): Held {
  return { numTensors: tf.memory().numTensors, rssMiB: Deno.memoryUsage().rss / 2 ** 20 };
}

/** Trains for one epoch of so many steps. */
export async function measureEpoch(name: EngineName, steps: number): Promise<EngineEpoch> {
  const { engine } = await selectEngine(name);
  setRandomSeed(1);
  const { train } = await loadDataset("shapes10", { limit: (steps + WARM_UP_STEPS) * 32 });
  const stepMs: number[] = [];
  let begin = 0;
  let start = held();
  let end = start;
  let runMs = 0;
  const { history } = await new KerasClassifier().train(train, {
    epochs: 1,
    verbose: 0,
    callbacks: [
      new callbacks.LambdaCallback({
        onTrainBatchBegin: () => void (begin = performance.now()),
        onTrainBatchEnd: (step) => {
          if (step >= WARM_UP_STEPS) stepMs.push(performance.now() - begin);
          end = held();
          if (step !== WARM_UP_STEPS - 1) return;
          start = end;
          runMs = defaultRuntime().statistics.runMs;
        },
      }),
    ],
  });
  const ownRunMs = (defaultRuntime().statistics.runMs - runMs) / stepMs.length;
  return {
    engine,
    stepMs,
    runMs: engine === "onnxruntime" ? ownRunMs : null,
    start,
    end,
    unreliable: tf.memory().unreliable ?? false,
    loss: history.loss[0],
  };
}

if (import.meta.main) {
  const [engine, steps] = Deno.args;
  console.log(JSON.stringify(await measureEpoch(engine as EngineName, Number(steps))));
}
