/**
 * Rows of the report out of arrays.
 * @module
 */
import { type Difference, differenceOf, histogramOfDifferences } from "../comparing/difference.ts";
import { sameShape, withoutOnes } from "../comparing/rearrangement.ts";
import type { LayerRow, RowKind, RowPass, RowStatus } from "./report.ts";

/** What a row is about. */
export interface RowNames {
  readonly keras: string;
  readonly torch: string;
  readonly part: string;
  readonly kind: RowKind;
  readonly pass: RowPass;
}

/** How far apart arrays may be: root mean square of the difference, relative to that of the Keras array. */
export const tolerances: Readonly<Record<RowKind, number>> = {
  activation: 1e-4,
  // Rounding decides here and there which side of a relu's corner a number falls on; the whole gradient follows.
  gradient: 5e-3,
  weight: 1e-4,
};

/** Values of both sides, in PyTorch's layout; null where a side has none. */
export interface Compared extends RowNames {
  readonly first: Float32Array | null;
  readonly second: Float32Array | null;
  readonly shape: readonly number[];
  /** PyTorch's own shape; `shape` unless given. */
  readonly torchShape?: readonly number[];
}

/** @param floor root mean squares below this count as this */
export function comparedRow(compared: Compared, floor = 0): LayerRow {
  const { first, second, shape, torchShape = shape, kind } = compared;
  if (!first && !second) return loneRow(compared, shape, "neither has it", "agrees");
  if (!first) return loneRow(compared, shape, "only PyTorch has it");
  if (!second) return loneRow(compared, shape, "only Keras has it");
  if (!sameShape(withoutOnes(shape), withoutOnes(torchShape))) {
    const text = `shapes differ: Keras' would be [${shape}], PyTorch has [${torchShape}]`;
    return loneRow(compared, shape, text);
  }
  const difference = differenceOf(first, second, shape, floor);
  const status = difference.relative <= tolerances[kind] ? "agrees" : "differs";
  const row = differenceRow(compared, shape, difference, status);
  return status === "agrees" ? row : { ...row, histogram: histogramOfDifferences(first, second) };
}

/** A row about two arrays whose difference is known. */
export function differenceRow(
  names: RowNames,
  shape: readonly number[],
  { maxDifference, relative, at, values }: Difference,
  status: RowStatus,
): LayerRow {
  return {
    ...namesOf(names),
    shape: [...shape],
    maxDifference: finite(maxDifference),
    relative: finite(relative),
    at: [...at],
    kerasValue: finite(values[0]),
    torchValue: finite(values[1]),
    status,
    agrees: status === "agrees" || status === "within",
    why: Number.isFinite(relative) ? null : "not a finite number",
    histogram: null,
  };
}

/** A row about something of which there is nothing to subtract. */
export function loneRow(
  names: RowNames,
  shape: readonly number[],
  why: string | null,
  status: RowStatus = "differs",
): LayerRow {
  return {
    ...namesOf(names),
    shape: [...shape],
    maxDifference: null,
    relative: null,
    at: null,
    kerasValue: null,
    torchValue: null,
    status,
    agrees: status === "agrees" || status === "within",
    why,
    histogram: null,
  };
}

function namesOf({ keras, torch, part, kind, pass }: RowNames) {
  const name = keras === torch ? keras : `${keras || "?"} ~ ${torch || "?"}`;
  return { name, keras, torch, part, kind, pass };
}

/** JSON has no infinities. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
