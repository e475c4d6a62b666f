/**
 * Nested arguments and results of traced functions: arrays and plain objects with tensors at their leaves.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { elementType } from "../engine/mod.ts";

const identities = new WeakMap<object, number>();
let identitiesGiven = 0;

/** A number that stays with an object: models, layers and functions are told apart by it. */
function identityOf(value: object): number {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, identity = identitiesGiven++);
  return identity;
}

/** Whether a tensor is a variable. */
export function isVariable(value: unknown): value is tf.Variable {
  return value instanceof tf.Variable;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * What makes two calls the same: element types and shapes of tensors, values of everything else (which
 * variable, which object). Tensors that are met are pushed to `tensors`.
 */
export function signatureOf(value: unknown, tensors: tf.Tensor[]): string {
  if (isVariable(value)) return `V${value.id}`;
  if (value instanceof tf.Tensor) {
    tensors.push(value);
    return `${elementType(value)}[${value.shape}]`;
  }
  if (Array.isArray(value)) return `[${value.map((v) => signatureOf(v, tensors)).join()}]`;
  if (isPlainObject(value)) {
    const parts = Object.keys(value).map((key) =>
      `${JSON.stringify(key)}:${signatureOf(value[key], tensors)}`
    );
    return `{${parts.join()}}`;
  }
  if (typeof value === "function" || (typeof value === "object" && value !== null)) {
    return `#${identityOf(value)}`;
  }
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The same nesting with every leaf replaced. Leaves are met in the order of {@linkcode signatureOf}. */
export function mapLeaves(value: unknown, replace: (leaf: unknown) => unknown): unknown {
  if (value instanceof tf.Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((v) => mapLeaves(v, replace));
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, v]) => [key, mapLeaves(v, replace)]),
    );
  }
  return replace(value);
}
