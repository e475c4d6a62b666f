/**
 * Where a data set's elements are until somebody wants them as tensors.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { HostRows } from "./host_rows.ts";

/** What a data set passes on: a tensor, or several in order. */
export type Element = tf.Tensor | tf.Tensor[];

/** Elements by their indices: shuffling moves indices, not images. */
export interface Source<Place> {
  indices(): Iterable<Place>;
  /** One element as tensors. */
  single(place: Place): Element;
  /** Several with a batch axis in front. */
  several(indices: readonly Place[]): Element;
  /** Frees what an index that is passed over holds; there only where indices are tensors. */
  release?(place: Place): void;
  /** How many there are; undefined where it is not known, Infinity where they never end. */
  readonly size: number | undefined;
  /** The arrays that all elements are rows of, where nothing changes the values on the way. */
  readonly rows?: readonly HostRows[];
}

/** Elements that are tensors already; whoever gets them disposes them. */
export function tensorSource(
  elements: () => Iterable<Element>,
  size: number | undefined,
  rows?: readonly HostRows[],
): Source<unknown> {
  return {
    indices: elements,
    single: (element) => element as Element,
    several: (list) => stack(list as Element[]),
    release: (element) => tf.dispose(element as Element),
    size,
    rows,
  };
}

/** Elements as one with a batch axis in front. They are disposed. */
function stack(elements: readonly Element[]): Element {
  const lists = elements.map((element) => [element].flat());
  const stacked = lists[0].map((_, i) => tf.stack(lists.map((list) => list[i])));
  tf.dispose(lists);
  return Array.isArray(elements[0]) ? stacked : stacked[0];
}

/** So many elements at a time. */
export function* batches(source: Source<unknown>, size: number, dropRemainder: boolean) {
  let gathered: unknown[] = [];
  for (const place of source.indices()) {
    gathered.push(place);
    if (gathered.length < size) continue;
    yield source.several(gathered);
    gathered = [];
  }
  if (gathered.length === 0) return;
  if (dropRemainder) gathered.forEach((place) => source.release?.(place));
  else yield source.several(gathered);
}

/** Elements with their values in front. */
export function enumerated(source: Source<unknown>): Source<[index: number, place: unknown]> {
  return {
    *indices() {
      let index = 0;
      for (const place of source.indices()) yield [index++, place];
    },
    single: ([index, place]) => [tf.scalar(index, "int32"), source.single(place)].flat(),
    several: (list) =>
      [
        tf.tensor1d(list.map(([index]) => index), "int32"),
        source.several(list.map(([, place]) => place)),
      ].flat(),
    release: ([, place]) => source.release?.(place),
    size: source.size,
  };
}

/** Elements of several sources side by side; it ends with the first that ends. */
export function zipped(sources: readonly Source<unknown>[]): Source<unknown[]> {
  const all = sources.map(({ rows }) => rows);
  return {
    *indices() {
      const iterators = sources.map((source) => source.indices()[Symbol.iterator]());
      try {
        while (true) {
          const next = iterators.map((iterator) => iterator.next());
          if (next.some(({ done }) => done)) {
            next.forEach(({ done, value }, i) => done || sources[i].release?.(value));
            return;
          }
          yield next.map(({ value }) => value);
        }
      } finally {
        for (const iterator of iterators) iterator.return?.();
      }
    },
    single: (indices) => indices.flatMap((place, i) => sources[i].single(place)),
    several: (list) =>
      sources.flatMap((source, i) => source.several(list.map((indices) => indices[i]))),
    release: (indices) => indices.forEach((place, i) => sources[i].release?.(place)),
    size: smallest(sources.map(({ size }) => size)),
    rows: all.every((rows) => rows !== undefined) ? all.flat() : undefined,
  };
}

function smallest(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.includes(undefined) ? undefined : Math.min(...sizes as number[]);
}

/** Elements that are kept after the first whole pass; copies of them are passed on. */
export function cached(source: Source<unknown>): Source<unknown> {
  let kept: Element[] | undefined;
  /** Those of passes that were broken off: the last of them may still be on their way. */
  let left: Element[] = [];
  function* fill() {
    tf.dispose(left);
    left = [];
    const elements: Element[] = [];
    try {
      for (const place of source.indices()) {
        const element = source.single(place);
        for (const tensor of [element].flat()) tf.keep(tensor);
        elements.push(element);
        yield element;
      }
      kept ??= elements;
    } finally {
      if (kept !== elements) left.push(...elements);
    }
  }
  return {
    indices: () => kept ?? fill(),
    single: (element) => copyOf(element as Element),
    several: (list) => stack(list.map((element) => copyOf(element as Element))),
    size: source.size,
    rows: source.rows,
  };
}

function copyOf(element: Element): Element {
  return Array.isArray(element) ? element.map((tensor) => tf.clone(tensor)) : tf.clone(element);
}
