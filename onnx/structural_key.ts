/**
 * The one key by which computations are told apart: of programs, of equal parts of a graph, of constants. Exact to the bit: 0 and
 * -0, infinities and every NaN are different values.
 * @module
 */
import { createHash } from "node:crypto";
import { viewBytes } from "./bytes.ts";
import type { TypedArray } from "./dtype.ts";
import type { ArrayType, Attribute, Attributes } from "./op_types.ts";

/** Longer values are hashed: a key stays short whatever it stands for. */
const LONGEST_BYTES = 64;

/** Hashes of arrays that were asked for before; whoever makes a constant does not write into it again. */
const hashes = new WeakMap<TypedArray, string>();

/** The key of values: type, shape and every bit. */
export function valuesKey(data: TypedArray, { dtype, shape }: ArrayType): string {
  return `${dtype}[${shape}]${bitsOf(data)}`;
}

function bitsOf(data: TypedArray): string {
  const bytes = viewBytes(data);
  if (bytes.length <= LONGEST_BYTES) return String.fromCharCode(...bytes);
  let hash = hashes.get(data);
  if (!hash) hashes.set(data, hash = createHash("sha256").update(bytes).digest("binary"));
  return `#${hash}`;
}

/** The key of an application: op, attributes, and the keys, or places, of what it is applied to. */
export function applicationKey(
  op: string,
  attributes: Attributes,
  inputs: readonly (string | number)[],
): string {
  return `${op}${attributesKey(attributes)}(${inputs.join()})`;
}

/** Called for every node in every round of rewriting: several times as fast as JSON, which knows neither infinities nor NaN nor -0. */
function attributesKey(attributes: Attributes): string {
  let key = "";
  for (const name in attributes) key += `${name}:${attributeKey(attributes[name])};`;
  return key;
}

function attributeKey(value: Attribute): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.map(attributeKey).join()}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
