/**
 * Run as a program with a trainer's name: one epoch of the experiment's network by `fit`, measured. Prints one line of
 * JSON, an {@linkcode EngineEpoch}.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type ImageSplit, loadDataset } from "../../fixtures/mod.ts";
import {
  callbacks,
  type EngineName,
  optimizers,
  selectEngine,
  setRandomSeed,
} from "../../keras_style/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";
import { kerasModel } from "../models/published_cnn/keras.ts";
import { KerasClassifier } from "../styles/keras/classifier.ts";
import type { Trainer } from "./trainers.ts";

/** Steps before anything is measured: compiling, caches, the allocator's growth. */
export const WARM_UP_STEPS = 20;

/** The published experiment's. */
const [BATCH, LEARNING_RATE] = [32, 0.001];

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
  /** Whether `tf.memory()` says that its values are not to be trusted. */
  readonly unreliable: boolean;
  readonly loss: number;
}

function held(): Held {
  return { numTensors: tf.memory().numTensors, rssMiB: Deno.memoryUsage().rss / 2 ** 20 };
}

/** Takes the time and the memory of every step. */
class StepWatch {
  readonly stepMs: number[] = [];
  start = held();
  end = this.start;
  #begin = 0;
  #runMs = 0;

  begin(): void {
    this.#begin = performance.now();
  }

  done(step: number): void {
    if (step >= WARM_UP_STEPS) this.stepMs.push(performance.now() - this.#begin);
    this.end = held();
    if (step !== WARM_UP_STEPS - 1) return;
    this.start = this.end;
    this.#runMs = defaultRuntime().statistics.runMs;
  }

  /** Mean of a step inside ONNX Runtime. */
  get runMs(): number {
    return (defaultRuntime().statistics.runMs - this.#runMs) / this.stepMs.length;
  }
}

/** Trains for one epoch of so many steps. */
export async function measureEpoch(trainer: Trainer, steps: number): Promise<EngineEpoch> {
  const isPlain = trainer === "plain tfjs-node";
  await selectEngine((isPlain ? "tfjs-node" : trainer) as EngineName);
  setRandomSeed(1);
  const { train } = await loadDataset("shapes10", { limit: (steps + WARM_UP_STEPS) * BATCH });
  const watch = new StepWatch();
  const loss = await (isPlain ? fitPlainly(train, watch) : fitHere(train, watch));
  const { stepMs, start, end, runMs } = watch;
  return {
    engine: trainer,
    stepMs,
    runMs: trainer === "onnxruntime" ? runMs : null,
    start,
    end,
    unreliable: tf.memory().unreliable ?? false,
    loss,
  };
}

/** By the Keras idiom. */
async function fitHere(train: ImageSplit, watch: StepWatch): Promise<number> {
  const [height, width, channels] = train.imageShape;
  const model = kerasModel({ inputShape: [height, width, channels], classes: 10 });
  const optimizer = new optimizers.RMSprop({ learningRate: LEARNING_RATE });
  const { history } = await new KerasClassifier({ model, optimizer }).train(train, {
    epochs: 1,
    batchSize: BATCH,
    verbose: 0,
    callbacks: [
      new callbacks.LambdaCallback({
        onTrainBatchBegin: () => watch.begin(),
        onTrainBatchEnd: (step) => watch.done(step),
      }),
    ],
  });
  return history.loss[0];
}

/** By TensorFlow.js' own layers, optimizer and `fit`. */
async function fitPlainly(
  { images, labels, count, imageShape }: ImageSplit,
  watch: StepWatch,
): Promise<number> {
  const model = tf.sequential();
  const convolution = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  const inputShape = [...imageShape];
  model.add(tf.layers.conv2d({ inputShape, filters: 32, ...convolution }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.conv2d({ filters: 64, ...convolution }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 100, activation: "relu" }));
  model.add(tf.layers.dropout({ rate: 0.5 }));
  model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
  const optimizer = tf.train.rmsprop(LEARNING_RATE, 0.9, 0, 1e-7);
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer, loss, metrics: ["accuracy"] });
  const pixels = tf.tensor4d(Float32Array.from(images, (byte) => byte / 255), [
    count,
    ...imageShape,
  ]);
  const { history } = await model.fit(
    pixels,
    tf.tensor2d(Float32Array.from(labels), [count, 1]),
    {
      batchSize: BATCH,
      epochs: 1,
      verbose: 0,
      callbacks: {
        onBatchBegin: () => watch.begin(),
        onBatchEnd: (step) => watch.done(step),
      },
    },
  );
  return Number(history.loss[0]);
}

if (import.meta.main) {
  const [trainer, steps] = Deno.args;
  console.log(JSON.stringify(await measureEpoch(trainer as Trainer, Number(steps))));
}
