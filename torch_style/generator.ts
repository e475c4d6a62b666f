/**
 * Generators of random numbers of one's own, and the state of the usual one.
 * @module
 */
import { RandomStream } from "../onnx/mod.ts";
import { tensor } from "./creation.ts";
import { defaultGenerator, manualSeed } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A stream of random numbers of its own: for an order of samples that nothing else changes.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.Generator.html
 */
export class Generator {
  /** What is drawn from. */
  stream = new RandomStream(0);

  /** Starts anew. @throws {RangeError} if the seed is no integer from 0 to 2^32 - 1 */
  manualSeed(seed: number): this {
    this.stream = new RandomStream(seed);
    return this;
  }

  /** The seed that the stream started from. */
  initialSeed(): number {
    return this.stream.state[0];
  }

  /** Starts anew from a seed that nobody knows, and returns it. */
  seed(): number {
    const seed = freshSeed();
    this.manualSeed(seed);
    return seed;
  }

  /** Seed and position, int64 [2]: to be given back to {@linkcode Generator.setState}. */
  getState(): Tensor {
    return tensor([...this.stream.state], { dtype: "int64" });
  }

  /** Goes on from a state. */
  setState(state: Tensor): this {
    this.stream.state = positionOf(state);
    return this;
  }
}

function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

function positionOf(state: Tensor): readonly [number, number] {
  if (state.numel() !== 2 || !state.array.isOnHost) {
    throw new Error(
      `expected a state as getState and getRngState give it, got a tensor of ${state.numel()} elements`,
    );
  }
  const [seed, drawn] = Array.from(state.array.buffer.data, Number);
  return [seed, drawn];
}

/** Starts the random numbers anew from a seed that nobody knows, and returns it. Follows `torch.seed`. */
export function seed(): number {
  const value = freshSeed();
  manualSeed(value);
  return value;
}

/** The seed that the random numbers started from. Follows `torch.initial_seed`. */
export function initialSeed(): number {
  return defaultGenerator().state[0];
}

/** Seed and position of the random numbers, int64 [2]. Follows `torch.get_rng_state`. */
export function getRngState(): Tensor {
  return tensor([...defaultGenerator().state], { dtype: "int64" });
}

/** Goes on from a state. Follows `torch.set_rng_state`. */
export function setRngState(state: Tensor): void {
  defaultGenerator().state = positionOf(state);
}
