/**
 * First values drawn from a distribution.
 * @module
 */
import type { RandomStream } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { type DrawOptions, generatorParameter, streamOf } from "../../random_source.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { fill } from "./fill.ts";

const UNIFORM_IN_PLACE = signature("uniform_", ["tensor", tensorKind], ["a", kinds.number, 0], [
  "b",
  kinds.number,
  1,
], generatorParameter);

/** Fills with uniform numbers from [a, b). */
export function uniform_(
  ...given: Call<
    typeof UNIFORM_IN_PLACE,
    { readonly a?: number; readonly b?: number } & DrawOptions,
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, a, b, ...from } = UNIFORM_IN_PLACE.read(given);
  return fill(tensor, streamOf(from).uniform(tensor.numel(), a, b));
}

const NORMAL_IN_PLACE = signature("normal_", ["tensor", tensorKind], ["mean", kinds.number, 0], [
  "std",
  kinds.number,
  1,
], generatorParameter);

/** Fills with normal numbers. */
export function normal_(
  ...given: Call<
    typeof NORMAL_IN_PLACE,
    { readonly mean?: number; readonly std?: number } & DrawOptions,
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, mean, std, ...from } = NORMAL_IN_PLACE.read(given);
  return fill(tensor, streamOf(from).normal(tensor.numel(), mean, std));
}

/** Bounds of {@linkcode truncNormal_}. */
export interface TruncNormalOptions extends DrawOptions {
  /** Mean of the whole distribution, 0 unless given. */
  readonly mean?: number;
  /** Deviation of the whole distribution, 1 unless given. */
  readonly std?: number;
  /** Smallest number, -2 unless given. */
  readonly a?: number;
  /** Largest number, 2 unless given. */
  readonly b?: number;
}

const TRUNC_NORMAL_IN_PLACE = signature(
  "truncNormal_",
  ["tensor", tensorKind],
  ["mean", kinds.number, undefined],
  ["std", kinds.number, undefined],
  ["a", kinds.number, undefined],
  ["b", kinds.number, undefined],
  generatorParameter,
);

/** Fills with normal numbers, drawn again until they lie between `a` and `b`. */
export function truncNormal_(
  ...given: Call<typeof TRUNC_NORMAL_IN_PLACE, TruncNormalOptions, [tensor: Tensor]>
): Tensor {
  const { tensor, mean = 0, std = 1, a = -2, b = 2, ...from } = TRUNC_NORMAL_IN_PLACE.read(given);
  if (!Number.isFinite(mean)) {
    throw new Error(`truncNormal_: mean is ${mean}, expected a finite number`);
  }
  if (!(std > 0 && std < Infinity)) {
    throw new Error(`truncNormal_: std is ${std}, expected a finite number above 0`);
  }
  if (!(a < b)) throw new Error(`truncNormal_: a is ${a}, expected less than b, which is ${b}`);
  const values = normalsBetween((a - mean) / std, (b - mean) / std, tensor.numel(), streamOf(from));
  for (let i = 0; i < values.length; i++) values[i] = mean + std * values[i];
  return fill(tensor, values);
}

/** Draws from the standard normal distribution between bounds, by rejection (Robert 1995). */
function normalsBetween(
  low: number,
  high: number,
  count: number,
  source: RandomStream,
): Float64Array {
  const values = new Float64Array(count);
  const pairs = new Pairs(source);
  const wide = low < 0 && high > 0 && high - low > Math.sqrt(2 * Math.PI);
  if (wide) {
    for (let i = 0; i < count;) {
      pairs.draw();
      const x = Math.sqrt(-2 * Math.log(1 - pairs.u)) * Math.cos(2 * Math.PI * pairs.v);
      if (x >= low && x <= high) values[i++] = x;
    }
    return values;
  }
  const peak = Math.max(low, Math.min(high, 0));
  // Beyond this far from the peak the density is below 1e-17 of it: uniform draws would never end.
  const reach = peak === 0 ? Infinity : 40 / Math.abs(peak);
  const from = peak === high ? Math.max(low, high - reach) : low;
  const to = peak === low ? Math.min(high, low + reach) : high;
  for (let i = 0; i < count;) {
    pairs.draw();
    const x = from + (to - from) * pairs.u;
    if (pairs.v <= Math.exp((peak * peak - x * x) / 2)) values[i++] = x;
  }
  return values;
}

/** Pairs of uniform numbers; in fields, for a network of ten million parameters has no time for an array a pair. */
class Pairs {
  u = 0;
  v = 0;
  #values = new Float32Array();
  #next = 0;

  constructor(readonly source: RandomStream) {}

  draw(): void {
    if (this.#next === this.#values.length) {
      this.#values = this.source.uniform(128) as Float32Array<ArrayBuffer>;
      this.#next = 0;
    }
    this.u = this.#values[this.#next++];
    this.v = this.#values[this.#next++];
  }
}
