/**
 * Random order out of a buffer, as tf.data shuffles.
 * @module
 */
import { RandomStream } from "../../onnx/mod.ts";
import { readOptions } from "../options.ts";
import { drawSeed } from "../random/seed.ts";
import { randomStream } from "../tracing/mod.ts";

/** Options of shuffling. */
export interface ShuffleOptions {
  /** Makes this order repeatable by itself; drawn from the idiom's random stream unless given. */
  readonly seed?: number;
  /** Whether every pass has an order of its own; true unless given. */
  readonly reshuffleEachIteration?: boolean;
}

let peeking = false;

/** Runs something whose passes leave all random numbers where they were. */
export function withoutDrawing<T>(run: () => T): T {
  const stream = randomStream();
  const { state } = stream;
  const before = peeking;
  peeking = true;
  try {
    return run();
  } finally {
    peeking = before;
    stream.state = state;
  }
}

/** Gives each pass its random numbers. */
export function passStreams(options: ShuffleOptions): () => RandomStream {
  const { reshuffleEachIteration, seed: given } = readOptions("Dataset.shuffle", options, {
    seed: undefined,
    reshuffleEachIteration: true,
  });
  const once = !reshuffleEachIteration;
  let seed: number | undefined = given;
  const running = seed === undefined || once ? undefined : new RandomStream(seed);
  return () => {
    if (running && !peeking) return running;
    if (running) return copyOf(running);
    if (!once) return new RandomStream(drawSeed());
    const first = seed ?? drawSeed();
    if (!peeking) seed = first;
    return new RandomStream(first);
  };
}

function copyOf(stream: RandomStream): RandomStream {
  const copy = new RandomStream(0);
  copy.state = stream.state;
  return copy;
}

/** How many random numbers are drawn at once. */
const DRAWN = 1024;

function* randoms(stream: RandomStream): Generator<number, never> {
  while (true) yield* stream.uniform(DRAWN);
}

/** Each element is drawn from a buffer of so many. @param release for those in it where a pass is broken off */
export function* shuffled<T>(
  elements: Iterable<T>,
  bufferSize: number,
  stream: RandomStream,
  release: (element: T) => void = () => {},
) {
  const buffer: T[] = [];
  const random = randoms(stream);
  const draw = () => Math.floor(random.next().value * buffer.length);
  try {
    for (const element of elements) {
      if (buffer.length < bufferSize) {
        buffer.push(element);
        continue;
      }
      const place = draw();
      const chosen = buffer[place];
      buffer[place] = element;
      yield chosen;
    }
    while (buffer.length > 0) {
      const place = draw();
      const chosen = buffer[place];
      buffer[place] = buffer.at(-1)!;
      buffer.pop();
      yield chosen;
    }
  } finally {
    buffer.forEach(release);
  }
}
