/** How cases of rules for the CPU are written down. */
import type { LazyArray, Shape } from "../../../onnx/mod.ts";

export type Build = (inputs: readonly LazyArray[]) => readonly LazyArray[];

/** A graph, and what becomes of it. */
export interface CpuCase {
  readonly shapes: readonly Shape[];
  readonly build: Build;
  /** How often ops occur afterwards, with blocks of 16 channels. */
  readonly expected: Readonly<Record<string, number>>;
}

export const same = { padding: [1, 1, 1, 1] } as const;
