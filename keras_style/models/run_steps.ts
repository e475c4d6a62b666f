/**
 * The loop over batches that training and evaluation share.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { CallbackList } from "../callbacks/callback_list.ts";
import type { Callback, Logs } from "../callbacks/mod.ts";
import { inOneCall } from "../engine/mod.ts";
import { type Batch, type BatchSource, disposeBatch } from "./batches.ts";
import type { MetricState } from "./metric_state.ts";
import type { Step } from "./trained_model.ts";

/** How much is printed: nothing, a bar, or a line an epoch; "auto" is the bar. */
export type Verbosity = "auto" | 0 | 1 | 2;

/** What all of `fit`, `evaluate` and `predict` take. */
export interface RunOptions {
  /** Samples a step; 32 unless given. */
  readonly batchSize?: number;
  readonly verbose?: Verbosity;
  /** One, or several that are called in order. */
  readonly callbacks?: Callback | readonly Callback[];
  /** Stops between two steps: the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** Options that `fit`, `evaluate` and `predict` share, with their defaults. */
export const RUN_OPTIONS = {
  batchSize: undefined,
  verbose: "auto",
  callbacks: undefined,
  signal: undefined,
} as const;

/** The number of a verbosity. Throws for others. */
export function verbosity(method: string, verbose: Verbosity = "auto"): number {
  if (verbose === "auto") return 1;
  if (verbose === 0 || verbose === 1 || verbose === 2) return verbose;
  throw new RangeError(
    `${method}: verbose is ${JSON.stringify(verbose)}, expected "auto", 0, 1 or 2`,
  );
}

/** The events around a step. */
export interface StepEvents {
  readonly begin: "onTrainBatchBegin" | "onTestBatchBegin";
  readonly end: "onTrainBatchEnd" | "onTestBatchEnd";
}

/** What {@linkcode runSteps} needs. */
export interface StepRun {
  readonly step: Step;
  readonly batches: BatchSource;
  readonly callbacks: CallbackList;
  readonly events: StepEvents;
  /** What the call has counted. */
  readonly state: MetricState;
  readonly signal?: AbortSignal;
  /** Steps a call into ONNX Runtime. */
  readonly stepsPerExecution: number;
  /** Asked after every call. */
  readonly isOver?: () => boolean;
}

/**
 * One pass over the batches, one call into ONNX Runtime for so many steps. As in Keras, callbacks hear of a call's first
 * step when it begins and of its last when it has ended.
 *
 * @returns the running values after the last step
 */
export async function runSteps(run: StepRun): Promise<Logs> {
  const { step, batches, callbacks, events, state, signal } = run;
  let logs: Logs = {};
  let count = 0;
  for (const group of groupsOf(batches.epoch(), run.stepsPerExecution)) {
    signal?.throwIfAborted();
    // Before the event: whoever takes a step's time from there measures the step, not the copying of its batch.
    const prepared = group.map((prepare) => prepare());
    await callbacks[events.begin](count);
    state.reenter();
    logs = await runGroup(step, prepared);
    // A first step may make metrics.
    if (count === 0) state.enter();
    else state.reenter();
    count += group.length;
    await callbacks[events.end](count - 1, logs);
    if (run.isOver?.()) break;
  }
  return logs;
}

/** Items in groups of a size; the last group may be smaller. */
export function* groupsOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Runs steps in one call; gives the values after the last. */
async function runGroup(step: Step, batches: readonly Batch[]): Promise<Logs> {
  try {
    const results = inOneCall(() => batches.map(({ x, y, weights }) => step(x, y, weights)));
    const last = results.pop()!;
    tf.dispose(results);
    return await readLogs(last);
  } finally {
    batches.forEach(disposeBatch);
  }
}

/** Waits for a step's values: they all come from the same call. */
export async function readLogs(tensors: Record<string, tf.Tensor>): Promise<Logs> {
  const names = Object.keys(tensors);
  try {
    const values = await Promise.all(names.map((name) => tensors[name].data()));
    return Object.fromEntries(names.map((name, i) => [name, values[i][0]]));
  } finally {
    for (const name of names) tensors[name].dispose();
  }
}
