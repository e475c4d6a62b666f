/**
 * Attributes of ONNX nodes.
 * @module
 */
import proto from "onnx-proto";
import type { Attribute } from "../op_types.ts";

const { onnx } = proto;

/** An attribute of an ONNX node: values are integers unless wrapped by {@linkcode float}. */
export type NodeAttribute = Attribute | FloatAttribute | FloatsAttribute | undefined;

/** A floating point attribute; ONNX tells 1 from 1.0. */
export interface FloatAttribute {
  readonly float: number;
}

/** A list of floating point numbers. */
export interface FloatsAttribute {
  readonly floats: readonly number[];
}

/** Marks numbers as a list of floating point numbers. */
export function floats(values: readonly number[]): FloatsAttribute {
  return { floats: values };
}

/** Marks a number as a floating point attribute. */
export function float(value: number): FloatAttribute {
  return { float: value };
}

/** The attributes of a node, as its model holds them. */
export function writeAttributes(attributes: Readonly<Record<string, NodeAttribute>>) {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ({
      name,
      ...writeAttribute(name, value as Attribute | FloatAttribute | FloatsAttribute),
    }));
}

function writeAttribute(name: string, value: Attribute | FloatAttribute | FloatsAttribute) {
  const types = onnx.AttributeProto.AttributeType;
  if (typeof value === "number") return { type: types.INT, i: value };
  if (typeof value === "boolean") return { type: types.INT, i: value ? 1 : 0 };
  if (typeof value === "string") return { type: types.STRING, s: new TextEncoder().encode(value) };
  if (value && "floats" in value) return { type: types.FLOATS, floats: [...value.floats] };
  if (value && "float" in value) return { type: types.FLOAT, f: value.float };
  if (Array.isArray(value) && value.every((v) => typeof v === "number")) {
    return { type: types.INTS, ints: value as number[] };
  }
  throw new TypeError(`attribute ${name}: ${JSON.stringify(value)} has no ONNX form`);
}
