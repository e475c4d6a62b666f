/**
 * The one source of random numbers of the PyTorch idiom.
 * @module
 */
import { RandomStream } from "../onnx/mod.ts";

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
