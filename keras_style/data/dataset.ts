/**
 * Data sets in the manner of tf.data: samples in order, shuffled, batched, passed on one after the other.
 * Follows https://www.tensorflow.org/api_docs/python/tf/data/Dataset
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { RandomStream } from "../../onnx/mod.ts";
import { drawSeed } from "../random_seed.ts";
import { tfFunction } from "../tracing/mod.ts";
import { type HostArray, HostRows, isHostArray } from "./host_rows.ts";

/** What a data set passes on: a tensor, or several in order. */
export type Element = tf.Tensor | tf.Tensor[];

/** Options of {@linkcode Dataset.shuffle}. */
export interface ShuffleOptions {
  /** Makes this order repeatable by itself; drawn from the idiom's random stream unless given. */
  readonly seed?: number;
  /** Whether every pass has an order of its own; true unless given. */
  readonly reshuffleEachIteration?: boolean;
}

/** Where samples are until somebody wants them as tensors: shuffling moves places, not pictures. */
interface Source<Place> {
  places(): Iterable<Place>;
  /** One element as tensors. */
  single(place: Place): Element;
  /** Several with a batch axis in front. */
  several(places: readonly Place[]): Element;
  /** How many there are; undefined where it is not known, Infinity where they never end. */
  readonly size: number | undefined;
}

/**
 * A sequence of samples or batches. Nothing is copied before it is passed on; whoever gets tensors disposes them.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const x = { data: new Float32Array(12), shape: [6, 2] };
 * const y = { data: new Int32Array(6), shape: [6] };
 * const dataset = keras.data.Dataset.fromTensorSlices([x, y]).shuffle(6).batch(4);
 * for (const [pictures, labels] of dataset) console.log(pictures.shape, labels.shape); // [4, 2] [4], [2, 2] [2]
 * ```
 */
export class Dataset<E extends Element = tf.Tensor[]> implements Iterable<E>, AsyncIterable<E> {
  readonly #source: Source<unknown>;

  private constructor(source: Source<unknown>) {
    this.#source = source;
  }

  /**
   * One element for each row of the arrays, which stay where they are.
   *
   * @throws {RangeError} if the arrays have no rows, or not equally many
   */
  static fromTensorSlices<T extends HostArray | readonly HostArray[]>(
    arrays: T,
  ): Dataset<T extends HostArray ? tf.Tensor : tf.Tensor[]> {
    const list = isHostArray(arrays) ? [arrays] : [...arrays as readonly HostArray[]];
    const rows = list.map((array, i) => new HostRows(`array ${i}`, array, "int32"));
    const count = rows[0]?.count ?? 0;
    if (count === 0 || rows.some((r) => r.count !== count)) {
      throw new RangeError(
        `Dataset.fromTensorSlices: the arrays have [${rows.map((r) => r.count)}] rows, ` +
          `expected equally many and at least 1`,
      );
    }
    const joined = (tensors: tf.Tensor[]) => isHostArray(arrays) ? tensors[0] : tensors;
    return new Dataset<T extends HostArray ? tf.Tensor : tf.Tensor[]>({
      places: () => Array(count).keys(),
      single: (place) => joined(rows.map((r) => r.row(place as number))),
      several: (places) => joined(rows.map((r) => r.batch(places as number[]))),
      size: count,
    });
  }

  /** How many elements a pass has; Infinity where it never ends, undefined where only a pass can tell. */
  cardinality(): number | undefined {
    return this.#source.size;
  }

  /**
   * Passes elements on in random order: each is drawn from a buffer of so many.
   *
   * @throws {RangeError} for a size that is no whole number of at least 1
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<E> {
    checkCount("shuffle", "bufferSize", bufferSize);
    const { places } = this.#source;
    const once = options.reshuffleEachIteration === false;
    let seed = options.seed;
    let stream: RandomStream | undefined;
    const next = () => {
      seed ??= once ? drawSeed() : undefined;
      if (seed === undefined) return new RandomStream(drawSeed());
      return once ? new RandomStream(seed) : stream ??= new RandomStream(seed);
    };
    return this.#from({ ...this.#source, places: () => shuffled(places(), bufferSize, next()) });
  }

  /**
   * Joins so many elements to one with a batch axis in front; the last may be smaller.
   *
   * @throws {RangeError} for a size that is no whole number of at least 1
   */
  batch(batchSize: number, { dropRemainder = false } = {}): Dataset<E> {
    checkCount("batch", "batchSize", batchSize);
    const { size } = this.#source;
    const whole = dropRemainder ? Math.floor : Math.ceil;
    return this.#made(
      () => batches(this.#source, batchSize, dropRemainder) as Iterable<E>,
      size === undefined ? undefined : whole(size / batchSize),
    );
  }

  /** Passes elements through a function of tensors, which is traced: one call into ONNX Runtime each. */
  map<R extends Element>(fn: (...tensors: tf.Tensor[]) => R): Dataset<R> {
    const traced = tfFunction(fn);
    const source = this.#source;
    return new Dataset<R>(tensorSource(function* () {
      for (const place of source.places()) {
        const element = source.single(place);
        const result = traced(...[element].flat());
        tf.dispose(element);
        yield result;
      }
    }, source.size));
  }

  /** Passes through the data set so many times; for ever unless told. */
  repeat(count = Infinity): Dataset<E> {
    if (count !== Infinity) checkCount("repeat", "count", count);
    const { places, size } = this.#source;
    return this.#from({
      ...this.#source,
      places: function* () {
        for (let i = 0; i < count; i++) yield* places();
      },
      size: size === undefined ? undefined : size * count,
    });
  }

  /** Only the first elements. */
  take(count: number): Dataset<E> {
    checkCount("take", "count", count);
    const { places, size } = this.#source;
    return this.#from({
      ...this.#source,
      places: function* () {
        let taken = 0;
        for (const place of places()) {
          yield place;
          if (++taken >= count) return;
        }
      },
      size: size === undefined ? undefined : Math.min(size, count),
    });
  }

  /** Changes nothing: samples lie in memory already. Here so that programs can be carried over. */
  prefetch(_bufferSize?: number): Dataset<E> {
    return this;
  }

  *[Symbol.iterator](): Generator<E> {
    for (const place of this.#source.places()) yield this.#source.single(place) as E;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E> {
    for (const element of this) yield await Promise.resolve(element);
  }

  #from(source: Source<unknown>): Dataset<E> {
    return new Dataset<E>(source);
  }

  #made(elements: () => Iterable<E>, size: number | undefined): Dataset<E> {
    return new Dataset<E>(tensorSource(elements, size));
  }
}

/** Elements that are tensors already. */
function tensorSource(
  elements: () => Iterable<Element>,
  size: number | undefined,
): Source<unknown> {
  return {
    places: elements,
    single: (element) => element as Element,
    several: (list) => stack(list as Element[]),
    size,
  };
}

function stack(elements: readonly Element[]): Element {
  const lists = elements.map((element) => [element].flat());
  const stacked = lists[0].map((_, i) => tf.stack(lists.map((list) => list[i])));
  tf.dispose(lists);
  return Array.isArray(elements[0]) ? stacked : stacked[0];
}

function* batches(source: Source<unknown>, size: number, dropRemainder: boolean) {
  let gathered: unknown[] = [];
  for (const place of source.places()) {
    gathered.push(place);
    if (gathered.length < size) continue;
    yield source.several(gathered);
    gathered = [];
  }
  if (gathered.length > 0 && !dropRemainder) yield source.several(gathered);
}

/** How many random numbers are drawn at once. */
const DRAWN = 1024;

function* randoms(stream: RandomStream): Generator<number, never> {
  while (true) yield* stream.uniform(DRAWN);
}

function* shuffled<T>(elements: Iterable<T>, bufferSize: number, stream: RandomStream) {
  const buffer: T[] = [];
  const random = randoms(stream);
  const draw = () => Math.floor(random.next().value * buffer.length);
  for (const element of elements) {
    if (buffer.length < bufferSize) {
      buffer.push(element);
      continue;
    }
    const place = draw();
    yield buffer[place];
    buffer[place] = element;
  }
  while (buffer.length > 0) {
    const place = draw();
    yield buffer[place];
    buffer[place] = buffer.at(-1)!;
    buffer.pop();
  }
}

function checkCount(method: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(
    `Dataset.${method}: ${name} is ${value}, expected a whole number of at least 1`,
  );
}
