/**
 * Things in a row that are found by their indices.
 * @module
 */

/** What a container offers to be indexed. */
export interface Indexed<T> {
  readonly length: number;
  /** The entry at an index, counted from the end if negative. */
  at(index: number): T | undefined;
  /** Puts another entry at an index. */
  set(index: number, value: T): void;
}

/** Makes `container[i]` read and write entry i, for all entries there are now. */
export function defineIndices<T>(container: Indexed<T>): void {
  for (let i = 0; i < container.length; i++) {
    Object.defineProperty(container, i, {
      get: () => container.at(i),
      set: (value: T) => container.set(i, value),
      configurable: true,
    });
  }
}

/**
 * An index counted from the front.
 *
 * @throws {RangeError} if it lies outside.
 */
export function positionOf(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new RangeError(`index ${index} is out of range, there are ${length}`);
  }
  return index < 0 ? index + length : index;
}
