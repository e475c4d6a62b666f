/**
 * Data sets in the manner of tf.data: samples in order, shuffled, batched, passed on one after the other.
 * Follows https://www.tensorflow.org/api_docs/python/tf/data/Dataset
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { readOptions } from "../options.ts";
import { tfFunction } from "../tracing/mod.ts";
import { type HostArray, type HostRows, rowsNow, type Samples } from "./host_rows.ts";
import { passStreams, shuffled, type ShuffleOptions, withoutDrawing } from "./shuffling.ts";
import {
  batches,
  cached,
  type Element,
  enumerated,
  type Source,
  tensorSource,
  zipped,
} from "./source.ts";

export type { Element } from "./source.ts";
export type { ShuffleOptions } from "./shuffling.ts";

/**
 * A sequence of samples or batches. Nothing is copied before it is passed on; whoever gets tensors disposes them.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const x = { data: new Float32Array(12), shape: [6, 2] };
 * const y = { data: new Int32Array(6), shape: [6] };
 * const dataset = keras.data.Dataset.fromTensorSlices([x, y]).shuffle(6).batch(4);
 * for (const [images, labels] of dataset) console.log(images.shape, labels.shape); // [4, 2] [4], [2, 2] [2]
 * ```
 */
export class Dataset<E extends Element = tf.Tensor[]> implements Iterable<E>, AsyncIterable<E> {
  readonly #source: Source<unknown>;

  private constructor(source: Source<unknown>) {
    this.#source = source;
  }

  /**
   * One element for each row of the arrays, which stay where they are. A list of arrays gives elements of as many
   * tensors. Arrays are typed arrays with a shape, nested values, or tensors whose values are on the host.
   *
   * @throws {RangeError} if the arrays have no rows, or not equally many
   */
  static fromTensorSlices<T extends Samples | readonly (HostArray | tf.Tensor)[]>(
    arrays: T,
  ): Dataset<T extends readonly (HostArray | tf.Tensor)[] ? tf.Tensor[] : tf.Tensor> {
    const isList = Array.isArray(arrays) && arrays.every((entry) => typeof entry === "object") &&
      arrays.some((entry) => !Array.isArray(entry));
    const list = (isList ? arrays : [arrays]) as Samples[];
    const rows = list.map((array, i) =>
      rowsNow(`Dataset.fromTensorSlices: array ${i}`, array, "int32")
    );
    const count = rows[0]?.count ?? 0;
    if (count === 0 || rows.some((r) => r.count !== count)) {
      throw new RangeError(
        `Dataset.fromTensorSlices: the arrays have [${rows.map((r) => r.count)}] rows, ` +
          `expected equally many and at least 1`,
      );
    }
    const joined = (tensors: tf.Tensor[]) => isList ? tensors : tensors[0];
    return new Dataset<T extends readonly (HostArray | tf.Tensor)[] ? tf.Tensor[] : tf.Tensor>({
      indices: () => Array(count).keys(),
      single: (place) => joined(rows.map((r) => r.row(place as number))),
      several: (indices) => joined(rows.map((r) => r.batch(indices as number[]))),
      size: count,
      rows,
    });
  }

  /** An element for each index from 0 to count - 1, made by a function when it is wanted: images of files, for instance. */
  static fromIndices<E extends Element>(count: number, make: (index: number) => E): Dataset<E> {
    checkCount("fromIndices", "count", count);
    const source = tensorSource(() => [], count);
    return new Dataset<E>({
      indices: () => Array(count).keys(),
      single: (place) => make(place as number),
      several: (indices) => source.several(indices.map((place) => make(place as number))),
      size: count,
    });
  }

  /** The values 0 to count - 1, int32. */
  static range(count: number): Dataset<tf.Tensor> {
    checkCount("range", "count", count);
    const data = Int32Array.from({ length: count }, (_, i) => i);
    return Dataset.fromTensorSlices({ data, shape: [count] });
  }

  /** Elements of several data sets side by side, as lists of tensors; it ends with the first that ends. */
  static zip(datasets: readonly Dataset<Element>[]): Dataset<tf.Tensor[]> {
    if (!Array.isArray(datasets) || datasets.length === 0) {
      throw new TypeError(`Dataset.zip: datasets is ${datasets}, expected a list of data sets`);
    }
    return new Dataset(zipped(datasets.map((dataset) => dataset.#source)) as Source<unknown>);
  }

  /** How many elements a pass has; Infinity where it never ends, undefined where only a pass can tell. */
  cardinality(): number | undefined {
    return this.#source.size;
  }

  /** The arrays that all elements are rows of, where nothing changes the values on the way. */
  get rows(): readonly HostRows[] | undefined {
    return this.#source.rows;
  }

  /** The first element of the next pass, which is not begun: random numbers stay where they are. */
  peek(): E | undefined {
    return withoutDrawing(() => {
      for (const element of this) return element;
      return undefined;
    });
  }

  /**
   * Passes elements on in random order: each is drawn from a buffer of so many.
   *
   * @throws {RangeError} for a size that is no integer of at least 1
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<E> {
    checkCount("shuffle", "bufferSize", bufferSize);
    const { indices, release } = this.#source;
    const next = passStreams(options);
    return this.#from({
      ...this.#source,
      indices: () => shuffled(indices(), bufferSize, next(), release),
    });
  }

  /**
   * Joins so many elements to one with a batch axis in front; the last may be smaller.
   *
   * @throws {RangeError} for a size that is no integer of at least 1
   */
  batch(batchSize: number, options: { readonly dropRemainder?: boolean } = {}): Dataset<E> {
    const { dropRemainder } = readOptions("Dataset.batch", options, { dropRemainder: false });
    checkCount("batch", "batchSize", batchSize);
    const { size } = this.#source;
    const whole = dropRemainder ? Math.floor : Math.ceil;
    return this.#from(tensorSource(
      () => batches(this.#source, batchSize, dropRemainder),
      size === undefined ? undefined : whole(size / batchSize),
      this.#source.rows,
    ));
  }

  /** Passes elements through a function of tensors, which is traced: one call into ONNX Runtime each. */
  map<R extends Element>(fn: (...tensors: tf.Tensor[]) => R): Dataset<R> {
    const traced = tfFunction(fn);
    const source = this.#source;
    return new Dataset<R>(tensorSource(function* () {
      for (const place of source.indices()) {
        const element = source.single(place);
        const result = traced(...[element].flat());
        tf.dispose(element);
        yield result;
      }
    }, source.size));
  }

  /**
   * Only the elements that a function says yes to. It is run for each, when it is reached; tensors of slices have their
   * values on the host (`dataSync`), those of a {@linkcode Dataset.map} have not.
   */
  filter(predicate: (...tensors: tf.Tensor[]) => boolean): Dataset<E> {
    const source = this.#source;
    if (source.release) {
      // Indices that hold tensors are used up by making an element of them.
      return this.#from(tensorSource(function* () {
        for (const place of source.indices()) {
          const element = source.single(place);
          if (isWanted(predicate, element)) yield element;
          else tf.dispose(element);
        }
      }, undefined));
    }
    return this.#from({
      ...source,
      rows: undefined,
      size: undefined,
      indices: function* () {
        for (const place of source.indices()) {
          const element = source.single(place);
          const wanted = isWanted(predicate, element);
          tf.dispose(element);
          if (wanted) yield place;
        }
      },
    });
  }

  /** Passes through the data set so many times; for ever unless given. */
  repeat(count = Infinity): Dataset<E> {
    if (count !== Infinity) checkCount("repeat", "count", count);
    const { indices, size } = this.#source;
    return this.#from({
      ...this.#source,
      indices: function* () {
        for (let i = 0; i < count; i++) yield* indices();
      },
      size: size === undefined ? undefined : size * count,
    });
  }

  /** Only the first elements. */
  take(count: number): Dataset<E> {
    checkCount("take", "count", count);
    const { indices, size } = this.#source;
    return this.#from({
      ...this.#source,
      rows: undefined,
      indices: function* () {
        let taken = 0;
        for (const place of indices()) {
          yield place;
          if (++taken >= count) return;
        }
      },
      size: size === undefined ? undefined : Math.min(size, count),
    });
  }

  /** All but the first elements. */
  skip(count: number): Dataset<E> {
    checkCount("skip", "count", count, 0);
    const { indices, size, release } = this.#source;
    return this.#from({
      ...this.#source,
      rows: undefined,
      indices: function* () {
        let passed = 0;
        for (const place of indices()) {
          if (passed++ >= count) yield place;
          else release?.(place);
        }
      },
      size: size === undefined ? undefined : Math.max(size - count, 0),
    });
  }

  /** Elements with their number, from 0 on, in front. */
  enumerate(): Dataset<tf.Tensor[]> {
    return new Dataset(enumerated(this.#source) as Source<unknown>);
  }

  /**
   * Keeps what a first whole pass gives, so that later passes need not make it again (and give the same, also where
   * chance had a part in it). It stays in memory.
   */
  cache(): Dataset<E> {
    return this.#from(cached(this.#source));
  }

  /** Changes nothing: samples lie in memory already. Here so that programs can be carried over. */
  prefetch(_bufferSize?: number): Dataset<E> {
    return this;
  }

  *[Symbol.iterator](): Generator<E> {
    for (const place of this.#source.indices()) yield this.#source.single(place) as E;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E> {
    for (const element of this) yield await Promise.resolve(element);
  }

  #from(source: Source<unknown>): Dataset<E> {
    return new Dataset<E>(source);
  }
}

/** What a predicate says of an element. @throws {TypeError} for an answer that is neither true nor false */
function isWanted(predicate: (...tensors: tf.Tensor[]) => boolean, element: Element): boolean {
  const answer = tf.tidy(() => predicate(...[element].flat()) as unknown as tf.TensorContainer);
  if (typeof answer === "boolean") return answer;
  const found = answer instanceof tf.Tensor ? "a tensor" : answer;
  tf.dispose(element);
  throw new TypeError(`Dataset.filter: predicate gave ${found}, expected true or false`);
}

function checkCount(method: string, name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Dataset.${method}: ${name} is ${value}, expected an integer of at least ${least}`,
  );
}
