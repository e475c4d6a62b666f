/**
 * Pairs of arrays that are still to be computed, and the rows that become of them.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { evaluate, type LazyArray } from "../../onnx/mod.ts";
import { differenceOf, rootMeanSquare } from "./difference.ts";
import { rearrange, type Rearrangement, sameShape } from "./rearrangement.ts";
import type { LayerRow, RowKind, RowPass } from "./report.ts";

/** What a row is about. */
export interface ProbeNames {
  readonly keras: string;
  readonly torch: string;
  readonly part: string;
  readonly kind: RowKind;
  readonly pass: RowPass;
}

/** One pair of arrays. */
export interface Probe extends ProbeNames {
  /** null: Keras has none. */
  readonly first: tf.Tensor | Float32Array | null;
  readonly arrangement: Rearrangement;
  /** null: PyTorch has none. */
  readonly second: LazyArray | Float32Array | null;
}

/** How far apart arrays may be: root mean square of the difference, relative to that of the Keras array. */
export const tolerances: Readonly<Record<RowKind, number>> = {
  activation: 1e-4,
  // Rounding decides here and there which side of a relu's corner a number falls on; the whole gradient follows.
  gradient: 5e-3,
  weight: 1e-4,
};

/** Gradients this much smaller than the largest one are mostly rounding (a bias before batch normalization). */
const GRADIENT_FLOOR = 1e-3;

/** Reads all arrays, in one call a side, and compares them. */
export async function resolveProbes(probes: readonly Probe[]): Promise<LayerRow[]> {
  const pending = probes.map(({ second }) => second).filter((a) => a && "dtype" in a);
  await evaluate(pending as LazyArray[]);
  const read = await Promise.all(probes.map(async (probe) => ({
    probe,
    first: await valuesOf(probe.first, probe.arrangement),
    second: probe.second &&
      ("dtype" in probe.second
        ? Float32Array.from(probe.second.hostData() as ArrayLike<number>, Number)
        : probe.second),
  })));
  const sizes = read.flatMap(({ probe, first }) =>
    probe.kind === "gradient" && first ? [rootMeanSquare(first)] : []
  );
  const floor = GRADIENT_FLOOR * Math.max(0, ...sizes.filter(Number.isFinite));
  return read.map(({ probe, first, second }) =>
    rowOf(probe, first, second, probe.kind === "gradient" ? floor : 0)
  );
}

async function valuesOf(
  array: tf.Tensor | Float32Array | null,
  arrangement: Rearrangement,
): Promise<Float32Array | null> {
  if (!array) return null;
  const data = array instanceof Float32Array ? array : await array.data();
  return rearrange(Float32Array.from(data), arrangement);
}

function rowOf(
  probe: Probe,
  first: Float32Array | null,
  second: Float32Array | null,
  floor: number,
): LayerRow {
  const { arrangement: { shape } } = probe;
  if (!first) return loneRow(probe, shape, "only PyTorch has it");
  if (!second) return loneRow(probe, shape, "only Keras has it");
  const other = probe.second && "dtype" in probe.second ? probe.second.shape : shape;
  // A global pooling keeps axes of size 1 in PyTorch.
  if (!sameShape(withoutOnes(shape), withoutOnes(other))) {
    return loneRow(
      probe,
      shape,
      `shapes differ: Keras' would be [${shape}], PyTorch has [${other}]`,
    );
  }
  const { maxDifference, relative, at, values } = differenceOf(first, second, shape, floor);
  return {
    ...namesOf(probe),
    shape: [...shape],
    maxDifference: finite(maxDifference),
    relative: finite(relative),
    at: [...at],
    kerasValue: finite(values[0]),
    torchValue: finite(values[1]),
    agrees: relative <= tolerances[probe.kind],
    why: Number.isFinite(relative) ? null : "not a finite number",
  };
}

/** A row about something that cannot be compared. */
export function loneRow(names: ProbeNames, shape: readonly number[], why: string): LayerRow {
  return {
    ...namesOf(names),
    shape: [...shape],
    maxDifference: null,
    relative: null,
    at: null,
    kerasValue: null,
    torchValue: null,
    agrees: false,
    why,
  };
}

function namesOf({ keras, torch, part, kind, pass }: ProbeNames) {
  const name = keras === torch ? keras : `${keras} ~ ${torch || "?"}`;
  return { name, keras, torch, part, kind, pass };
}

/** JSON has no infinities. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((dimension) => dimension !== 1);
}
