/** What it takes to try an op: arguments and how it is called on them. */
import { fromHost, type LazyArray, type Shape, sizeOf } from "../../onnx/mod.ts";

/** What an argument's values are to be: away from where the op has a kink or no value. */
export interface Argument {
  readonly shape: Shape;
  readonly kind?: "any" | "positive" | "distinct" | "unit" | "boolean";
}

/** One way to call an op. */
export interface OpCase {
  readonly inputs: readonly Argument[];
  call(inputs: readonly LazyArray[]): LazyArray;
  /** ONNX Runtime's CPU kernels have no float64 for it. */
  readonly float32?: boolean;
  /** Has no gradient by nature. */
  readonly constant?: boolean;
}

export const x = (...shape: number[]): Argument => ({ shape });
export const positive = (...shape: number[]): Argument => ({ shape, kind: "positive" });
export const distinct = (...shape: number[]): Argument => ({ shape, kind: "distinct" });
export const boolean = (...shape: number[]): Argument => ({ shape, kind: "boolean" });

export type Call = OpCase["call"];

/** A case for every list of arguments. */
export function each(
  inputs: readonly (readonly Argument[])[],
  call: Call,
  more: Partial<OpCase> = {},
) {
  return inputs.map((list): OpCase => ({ inputs: list, call, ...more }));
}

/** A case for every list of options. */
export function over<O>(
  options: readonly O[],
  inputs: readonly Argument[],
  call: (inputs: readonly LazyArray[], options: O) => LazyArray,
  more: Partial<OpCase> = {},
): OpCase[] {
  return options.map((o): OpCase => ({ inputs, call: (list) => call(list, o), ...more }));
}

/** Zeros of a shape. */
export function zeros(shape: Shape): LazyArray {
  return fromHost(new Float32Array(sizeOf(shape)), shape);
}

/** Values of an argument's kind; none is near an integer or a half, zero or another one. */
export function valuesOf({ shape, kind = "any" }: Argument, seed = 0): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, i) => {
    const wave = Math.sin(12.9898 * (i + 1) + 1.7 * seed);
    if (kind === "positive") return 1 + 0.6 * wave;
    if (kind === "boolean") return wave > 0 ? 1 : 0;
    if (kind === "distinct") return ((i * 7 + 3 * seed) % (count + 1)) / 4 + seed / 16;
    return away(1.9 * wave);
  });
}

/** Where |x|, sign and rounding have no kink within 0.05. */
function away(value: number): number {
  const nearest = Math.round(value * 2) / 2;
  return Math.abs(value - nearest) < 0.06 ? nearest + 0.06 * (value >= nearest ? 1 : -1) : value;
}
