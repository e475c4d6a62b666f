/**
 * Who reads an array: whether its memory may be used again while JavaScript's collector has not yet found that nobody holds it,
 * which takes dozens of steps of a small network. A training step's own reads end with it; others may be computed much later.
 * @module
 */

/** Counts who reads one or more arrays beside a training step. */
export class Readers {
  count = 0;
}

let ownReads = 0;

/** Runs a function whose reads are a training step's own: what it records is computed with the step, or never. */
export function readingForStep<T>(run: () => T): T {
  ownReads++;
  try {
    return run();
  } finally {
    ownReads--;
  }
}

/** Counts a reader of an array, unless it is a training step. */
export function countReader({ readers }: { readonly readers?: Readers }): void {
  if (readers && ownReads === 0) readers.count++;
}
