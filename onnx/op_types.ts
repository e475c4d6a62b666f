/**
 * What ops are given: element types and shapes of arrays, and attributes.
 * @module
 */
import type { DType, TypedArray } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** An attribute of an op. Plain data, because it is part of the structure key. */
export type Attribute = number | string | boolean | null | readonly number[] | readonly string[];

/** Named attributes of an op. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** Element type and shape: all that shape rules see of an array. */
export interface ArrayType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An array's values on the host, with type and shape: what host rules compute with. */
export interface HostArray extends ArrayType {
  readonly data: TypedArray;
}

/**
 * What holds of an op whatever it computes. Rules of rewriting ask for traits where they mean a kind of ops:
 *
 * - `elementwise`: each element from the elements at the same (broadcast) index of its inputs, so that it commutes with moving elements
 * - `commutative`: its two inputs may be exchanged
 * - `reduction`: folds the axes that its attribute `axes` names, and keeps them with size 1 where `keepDims` is true
 * - `each axis`: every list among its attributes holds one number for each axis of its input
 * - `relayout`: lays the same elements out anew and computes nothing
 */
export type Trait = "elementwise" | "commutative" | "reduction" | "each axis" | "relayout";
