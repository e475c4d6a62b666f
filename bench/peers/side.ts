/**
 * What Tandem's sides have in common.
 * @module
 */
import type { Task } from "./requests.ts";

/** SGD's, on all sides. */
export const OPTIMIZER = { rate: 0.01, momentum: 0.9 } as const;

/** One of Tandem's sides, at one task. */
export interface Side {
  /** Trained values. */
  readonly parameters: number;
  /** From now on nothing is dropped. */
  withoutDropout(): void;
  /** Writes all weights as safetensors, as the Python side of the same idiom reads them. */
  save(path: string): Promise<void>;
  /** One training step; its loss. */
  step(): Promise<number>;
  /** The logits of the batch; the first of them. */
  infer(): Promise<number>;
}

/** Makes a side for a task. */
export type SideMaker = (task: Task) => Promise<Side>;
