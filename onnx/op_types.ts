/**
 * What ops are told: element types and shapes of arrays, and attributes.
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
