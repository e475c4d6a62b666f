/**
 * Tensors as PyTorch prints them. Follows `torch/_tensor_str.py` of PyTorch 2.15 with its default options.
 * @module
 */
import { type DType, isFloating, type Shape, type TypedArray } from "../onnx/mod.ts";

const PRECISION = 4;
/** Of more elements only the first and last along each axis are shown. */
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;
const LINE_WIDTH = 80;
const PREFIX = "tensor(";

/** What is printed of a tensor. */
export interface Printed {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Undefined if the values are still to be computed. */
  readonly data: TypedArray | undefined;
  /** How it was computed, if gradients flow through it. */
  readonly gradFn: string | undefined;
  readonly requiresGrad: boolean;
}

/** The text of a tensor. */
export function tensorText({ dtype, shape, data, gradFn, requiresGrad }: Printed): string {
  const suffixes: string[] = [];
  const count = shape.reduce((a, b) => a * b, 1);
  const size = `size=(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  if (!data) suffixes.push(size);
  else if (count === 0 && shape.length !== 1) suffixes.push(size);
  const usual = count === 0 || !data ? ["float32"] : ["float32", "int64", "bool"];
  if (!usual.includes(dtype)) suffixes.push(`dtype=torch.${dtype}`);
  if (gradFn) suffixes.push(`grad_fn=<${gradFn}>`);
  else if (requiresGrad) suffixes.push("requires_grad=True");
  if (!data) suffixes.push("to be computed: await its data()");
  const values = !data ? "..." : count === 0 ? "[]" : valuesText(data, shape, dtype);
  return withSuffixes(PREFIX + values, suffixes);
}

function withSuffixes(text: string, suffixes: readonly string[]): string {
  let result = text;
  let length = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    const breaks = length + suffix.length + 2 > LINE_WIDTH;
    result += breaks ? `,\n${" ".repeat(PREFIX.length)}${suffix}` : `, ${suffix}`;
    length = breaks ? PREFIX.length + suffix.length : length + suffix.length + 2;
  }
  return `${result})`;
}

type Value = number | bigint;

/** Which entries of an axis are shown; null stands for those that are not. */
function shown(size: number, summarized: boolean): (number | null)[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (!summarized || size <= 2 * EDGE_ITEMS) return all;
  return [...all.slice(0, EDGE_ITEMS), null, ...all.slice(-EDGE_ITEMS)];
}

function valuesText(data: TypedArray, shape: Shape, dtype: DType): string {
  const summarized = data.length > THRESHOLD;
  const values: Value[] = [];
  const collect = (offset: number, axis: number, stride: number): void => {
    if (axis === shape.length) return void values.push(data[offset]);
    const inner = stride / shape[axis];
    for (const i of shown(shape[axis], summarized)) {
      if (i !== null) collect(offset + i * inner, axis + 1, inner);
    }
  };
  collect(0, 0, data.length);
  const formatter = formatterOf(values, dtype);
  const print = (offset: number, axis: number, stride: number, indent: number): string => {
    if (axis === shape.length) return formatter.format(data[offset]);
    const inner = stride / shape[axis];
    const isLast = axis === shape.length - 1;
    const items = shown(shape[axis], summarized).map((i) =>
      i === null ? isLast ? " ..." : "..." : print(offset + i * inner, axis + 1, inner, indent + 1)
    );
    if (isLast) return vectorText(items, indent, formatter.width);
    const breaks = "\n".repeat(shape.length - axis - 1);
    return `[${items.join(`,${breaks}${" ".repeat(indent + 1)}`)}]`;
  };
  return print(0, 0, data.length, PREFIX.length);
}

function vectorText(items: readonly string[], indent: number, width: number): string {
  const perLine = Math.max(1, Math.floor((LINE_WIDTH - indent) / (width + 2)));
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += perLine) {
    lines.push(items.slice(i, i + perLine).join(", "));
  }
  return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
}

interface Formatter {
  readonly width: number;
  format(value: Value): string;
}

/** Every element is as wide as the widest. */
function formatterOf(values: readonly Value[], dtype: DType): Formatter {
  const padded = (width: number, text: (value: Value) => string): Formatter => ({
    width,
    format: (value) => text(value).padStart(width),
  });
  if (!isFloating(dtype)) {
    const text = (value: Value) => dtype === "bool" ? value ? "True" : "False" : String(value);
    return padded(Math.max(1, ...values.map((value) => text(value).length)), text);
  }
  const text = floatText(values as readonly number[]);
  const counted = (values as readonly number[]).filter((v) => Number.isFinite(v) && v !== 0);
  const width = Math.max(1, ...counted.map((value) => text(value).length));
  return padded(width, (value) => text(value as number));
}

/** Integers, fixed or scientific notation: whatever suits all values. */
function floatText(values: readonly number[]): (value: number) => string {
  const counted = values.filter((v) => Number.isFinite(v) && v !== 0);
  const sizes = counted.map(Math.abs);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const scientific = counted.length > 0 && (most / least > 1000 || most > 1e8 || least < 1e-4);
  const integers = counted.every(Number.isInteger);
  return (value) => {
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    if (scientific) return exponentText(value);
    return integers ? `${signed(value, value.toFixed(0))}.` : fixedText(value);
  };
}

/** JavaScript drops the sign of -0. */
function signed(value: number, text: string): string {
  return (value < 0 || Object.is(value, -0)) && !text.startsWith("-") ? `-${text}` : text;
}

/** Python rounds halves to the even digit, JavaScript up. */
function evenHalf(rounded: string, exact: string): string {
  const end = exact.indexOf(".") + 1 + PRECISION;
  const isHalf = /^50*$/.test(exact.slice(end));
  return isHalf && Number(exact[end - 1]) % 2 === 0 ? exact.slice(0, end) : rounded;
}

function fixedText(value: number): string {
  const size = Math.abs(value);
  return signed(value, evenHalf(size.toFixed(PRECISION), size.toFixed(90)));
}

function exponentText(value: number): string {
  const size = Math.abs(value);
  const [rounded, exponent] = size.toExponential(PRECISION).split("e");
  const [exact] = size.toExponential(90).split("e");
  const digits = evenHalf(rounded, exact);
  return signed(value, `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`);
}
