/**
 * Random numbers that depend on nothing but a key and the index: the same on every provider, inside a
 * graph and on the host, and at every repetition. So a resumed training takes what an unbroken one took.
 * @module
 */
import { flopsPerOutput } from "../flops.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";
import { fromHost, type LazyArray } from "../lazy_array.ts";
import { applyOp, type Op } from "../op.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { shortText } from "../files/untrusted.ts";
import { normals } from "./box_muller.ts";
import { FACTORS, mix, uniformAt } from "./index_hash.ts";

interface UniformAttributes {
  readonly [name: string]: readonly number[];
  readonly shape: Shape;
}

const UNIFORM: Op<UniformAttributes> = {
  name: "Uniform",
  infer: (_, { shape }) => [{ dtype: "float32", shape }],
  flops: flopsPerOutput(1),
  lower: (writer, [key], { shape }) => {
    const count = sizeOf(shape);
    const indices = writer.constant(Array.from({ length: count }, (_, i) => i), "uint32", [count]);
    const half = (i: number) => writer.node("Gather", [key, writer.int64s([i])]);
    const first = mixNodes(writer, writer.node("BitwiseXor", [indices, half(0)]));
    const second = mixNodes(writer, writer.node("BitwiseXor", [first, half(1)]));
    const top = castNode(writer, shiftRight(writer, second, 8), "float32");
    const unit = writer.node("Mul", [top, writer.scalar(2 ** -24, "float32")]);
    return [writer.node("Reshape", [unit, writer.int64s(shape)])];
  },
};

function mixNodes(writer: GraphWriter, x: string): string {
  const round = (value: string, shift: number, factor: number) => {
    const mixed = writer.node("BitwiseXor", [value, shiftRight(writer, value, shift)]);
    return writer.node("Mul", [mixed, writer.scalar(factor, "uint32")]);
  };
  const mixed = round(round(x, 16, FACTORS[0]), 15, FACTORS[1]);
  return writer.node("BitwiseXor", [mixed, shiftRight(writer, mixed, 16)]);
}

function shiftRight(writer: GraphWriter, x: string, bits: number): string {
  return writer.node("BitShift", [x, writer.constant([bits], "uint32", [1])], {
    attributes: { direction: "RIGHT" },
  });
}

/** Uniform numbers in [0, 1), float32; made inside the graph. `key` is a uint32 array of two elements. */
export function uniform(key: LazyArray, shape: Shape): LazyArray {
  return applyOp(UNIFORM, [key], { shape })[0];
}

/** A stream of keys made from a seed; its whole state is two values, to be saved and restored. */
export class RandomStream {
  #seed: number;
  #count = 0;

  /** @param seed an integer from 0 to 2^32 - 1 */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`seed is ${seed}, expected an integer from 0 to ${0xffffffff}`);
    }
    this.#seed = seed;
  }

  /** Seed and number of keys taken. */
  get state(): readonly [seed: number, count: number] {
    return [this.#seed, this.#count];
  }

  /** @throws {Error} if it is no such pair */
  set state(state: readonly [seed: number, count: number]) {
    [this.#seed, this.#count] = checkRandomState(state);
  }

  /** The next key's two halves. */
  nextKey(): [low: number, high: number] {
    const count = this.#count++;
    return [mix(this.#seed ^ mix(count)), mix(count + 0x9e3779b9 ^ mix(this.#seed))];
  }

  /** The next key as an array to feed a graph with. */
  nextKeyArray(): LazyArray {
    return fromHost(Uint32Array.from(this.nextKey()), [2]);
  }

  /** Uniform numbers in [low, high); made on the host. */
  uniform(count: number, low = 0, high = 1): Float32Array {
    const [a, b] = this.nextKey();
    // Plain loops: `Float32Array.from` takes ten times as long, seconds for a network of ten million parameters.
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = low + (high - low) * uniformAt(i, a, b);
    return values;
  }

  /** Normal numbers (Box and Muller); made on the host. */
  normal(count: number, mean = 0, deviation = 1): Float32Array {
    return normals(count, ...this.nextKey(), mean, deviation);
  }

  /** The values 0 to count - 1 in random order (Fisher and Yates). */
  permutation(count: number): Uint32Array {
    const [a, b] = this.nextKey();
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(uniformAt(i, a, b) * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}

/**
 * A {@linkcode RandomStream.state} out of a file.
 *
 * @throws {Error} if it is no pair of a seed and a number of keys
 */
export function checkRandomState(state: unknown): readonly [seed: number, count: number] {
  const [seed, count] = Array.isArray(state) && state.length === 2 ? state : [];
  const isState = Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff &&
    Number.isSafeInteger(count) && count >= 0;
  if (isState) return [seed, count];
  throw new Error(
    `its state of random numbers is ${shortText(state)}, expected a seed and a number of keys`,
  );
}
