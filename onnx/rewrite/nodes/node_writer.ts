/**
 * What compositions see of the writer of a model, and how they are declared.
 * @module
 */
import { type DType, onnxTypeOf, type TypedArray } from "../../dtype.ts";
import type { NodeOptions } from "../../export/graph_writer.ts";
import type { Shape } from "../../shape.ts";

/** One node as it is to be written. */
export interface NodeCall {
  readonly type: string;
  readonly inputs: readonly string[];
  /** Element types of the inputs. */
  readonly types: readonly DType[];
  readonly options: NodeOptions;
}

/** A writer that knows the element types of its names and what the provider has kernels for. */
export interface NodeWriter {
  /** Whether the provider has a kernel of an operator, or of a variant after a point, for an element type. */
  has(key: string, dtype: string): boolean;
  typeOf(name: string): DType;
  /** The values of a name that is a constant. */
  constantOf(name: string): { readonly data: TypedArray; readonly shape: Shape } | undefined;
  node(type: string, inputs: readonly string[], options?: NodeOptions): string;
  nodes(type: string, inputs: readonly string[], options?: NodeOptions): string[];
  /** The node itself, whatever the provider has. */
  plain(call: NodeCall): string[];
  scalar(value: number, dtype: DType): string;
  constant(values: ArrayLike<number>, dtype: DType, shape?: Shape): string;
  int64s(values: readonly number[]): string;
}

/** What a node is put together of, or undefined where that is not known; asked only where the kernel is missing. */
export type Composition = (writer: NodeWriter, call: NodeCall) => string | string[] | undefined;

/** Writes arithmetic on names of one element type as it reads. */
export class Expressions {
  constructor(readonly writer: NodeWriter, readonly dtype: DType) {}

  number = (value: number): string => this.writer.scalar(value, this.dtype);
  private on = (type: string) => (...inputs: readonly (string | number)[]): string =>
    this.writer.node(type, inputs.map((x) => typeof x === "number" ? this.number(x) : x));
  add = this.on("Add");
  sub = this.on("Sub");
  mul = this.on("Mul");
  div = this.on("Div");
  min = this.on("Min");
  max = this.on("Max");
  abs = this.on("Abs");
  neg = this.on("Neg");
  exp = this.on("Exp");
  log = this.on("Log");
  sqrt = this.on("Sqrt");
  floor = this.on("Floor");
  equal = this.on("Equal");
  less = this.on("Less");
  greater = this.on("Greater");
  and = this.on("And");
  or = this.on("Or");
  not = this.on("Not");
  where = this.on("Where");
  isNaN = (x: string): string => this.not(this.equal(x, x));
  cast = (x: string, to: DType): string =>
    this.writer.node("Cast", [x], { attributes: { to: onnxTypeOf(to) } });
  /** -1 where below 0, else 1. */
  side = (x: string): string => this.where(this.less(x, 0), this.number(-1), this.number(1));
}

/** A composition by arithmetic in the type of the first input. */
export function composed(
  write: (e: Expressions, inputs: readonly string[], call: NodeCall) => string | undefined,
): Composition {
  return (writer, call) => write(new Expressions(writer, call.types[0]), call.inputs, call);
}

/** A floating point attribute of a node, or what ONNX says where there is none. */
export function floatAttribute({ options }: NodeCall, name: string, otherwise: number): number {
  const value = options.attributes?.[name];
  return value && typeof value === "object" && "float" in value ? value.float : otherwise;
}

/** An integer attribute of a node, or what ONNX says where there is none. */
export function integerAttribute({ options }: NodeCall, name: string, otherwise: number): number {
  const value = options.attributes?.[name];
  return value === undefined || value === null ? otherwise : Number(value);
}
