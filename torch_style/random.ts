/**
 * The one source of random numbers of the PyTorch idiom.
 * @module
 */
import { type LazyArray, ops, RandomStream } from "../onnx/mod.ts";

let stream = new RandomStream(0);

/** Starts the random numbers anew. Follows https://docs.pytorch.org/docs/stable/generated/torch.manual_seed.html */
export function manualSeed(seed: number): void {
  stream = new RandomStream(seed);
}

/** The stream that initialisation, dropout and shuffling draw from. */
export function defaultGenerator(): RandomStream {
  return stream;
}

/** How many times the stream was drawn from: tells whether something drew. */
export function randomDraws(): number {
  return stream.state[1];
}

/** The stream that is drawn from and how far it is. */
export interface RandomState {
  readonly stream: RandomStream;
  readonly state: readonly [seed: number, draws: number];
}

/** How far the random numbers are now. */
export function randomState(): RandomState {
  return { stream, state: stream.state };
}

/** Goes back to a former state, unless the values were started anew since. */
export function restoreRandomState(before: RandomState): void {
  if (before.stream === stream) stream.state = before.state;
}

/** Turns a key into uniform numbers in [0, 1) of a shape. */
export type UniformDraw = (key: LazyArray, shape: readonly number[]) => LazyArray;

let draw: UniformDraw = ops.uniform;

/** Uniform numbers in [0, 1), float32, of a shape, drawn inside the graph: what masks are made of. */
export function randomUniform(shape: readonly number[]): LazyArray {
  return draw(stream.nextKeyArray(), shape);
}

/**
 * Runs a function in which {@linkcode randomUniform} lays its values out in another way: to drop the same units as a
 * network whose axes stand in another order.
 */
export function withUniformDraw<T>(other: UniformDraw, run: () => T): T {
  const before = draw;
  draw = other;
  try {
    return run();
  } finally {
    draw = before;
  }
}
