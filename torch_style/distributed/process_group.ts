/**
 * Workers that compute together: memory that they share, and the meetings at which they exchange values.
 * @module
 */

/** What a worker needs to take part; can be posted to it. */
export interface GroupPlace {
  readonly rank: number;
  readonly worldSize: number;
  readonly memory: SharedArrayBuffer;
}

/** How values of all workers can become one. */
export const REDUCE_OPS = ["sum", "avg", "min", "max", "product"] as const;

/** How values of all workers become one. */
export type ReduceOp = typeof REDUCE_OPS[number];

/** Values of the types that are exchanged. */
export type Exchanged = Float32Array | Float64Array;

/** What a worker is about to do; all workers of a group have to say the same. */
interface Call {
  readonly kind: number;
  readonly bytesAValue: number;
  readonly count: number;
}

/** Positions in the control words. */
const ARRIVED = 0, GENERATION = 1, FAILED = 2, CALLS = 3;
const WORDS_A_CALL = 3;

/** Memory that each worker writes to at a time; longer values go in several rounds. */
const SLOT_BYTES = 1 << 22;

const BARRIER = REDUCE_OPS.length, BROADCAST = REDUCE_OPS.length + 1;

function controlBytes(worldSize: number): number {
  return 8 * Math.ceil(4 * (CALLS + WORDS_A_CALL * worldSize) / 8);
}

/** The places of a new group, one for each worker. */
export function groupPlaces(worldSize: number): GroupPlace[] {
  const memory = new SharedArrayBuffer(controlBytes(worldSize) + (worldSize + 1) * SLOT_BYTES);
  return Array.from({ length: worldSize }, (_, rank) => ({ rank, worldSize, memory }));
}

/** Tells all who wait for a worker that it will not come. */
export function announceFailure({ memory }: GroupPlace, rank: number): void {
  const control = new Int32Array(memory, 0, CALLS);
  Atomics.compareExchange(control, FAILED, 0, rank + 1);
  Atomics.add(control, GENERATION, 1);
  Atomics.notify(control, GENERATION);
}

/**
 * One worker's side of a group. Its methods block the thread until all workers have called them: sums are made in the
 * order of ranks, so that every worker gets the same bits.
 */
export class ProcessGroup {
  readonly rank: number;
  readonly worldSize: number;
  readonly #control: Int32Array;
  readonly #memory: SharedArrayBuffer;

  constructor({ rank, worldSize, memory }: GroupPlace) {
    this.rank = rank;
    this.worldSize = worldSize;
    this.#memory = memory;
    this.#control = new Int32Array(memory, 0, CALLS + WORDS_A_CALL * worldSize);
  }

  /** Waits for all workers. @throws {Error} if one of them failed or calls something else */
  barrier(): void {
    this.#agree({ kind: BARRIER, bytesAValue: 0, count: 0 });
  }

  /** Replaces the values by those of all workers together. @throws {Error} as {@linkcode ProcessGroup.barrier} does */
  allReduce(values: Exchanged, op: ReduceOp): void {
    const kind = REDUCE_OPS.indexOf(op);
    this.#exchange(values, kind, true, (slots, result, from, to) => {
      for (let i = from; i < to; i++) result[i] = REDUCERS[op](slots, i);
    });
  }

  /** Replaces the values by those of one worker. @throws {Error} as {@linkcode ProcessGroup.barrier} does */
  broadcast(values: Exchanged, source: number): void {
    this.#exchange(
      values,
      BROADCAST + source,
      this.rank === source,
      (slots, result, from, to) => result.set(slots[source].subarray(from, to), from),
    );
  }

  /** Each worker makes its part of the result from what all have written. */
  #exchange(
    values: Exchanged,
    kind: number,
    writes: boolean,
    combine: (slots: Exchanged[], result: Exchanged, from: number, to: number) => void,
  ): void {
    const bytesAValue = values.BYTES_PER_ELEMENT;
    this.#agree({ kind, bytesAValue, count: values.length });
    const slots = Array.from({ length: this.worldSize + 1 }, (_, i) => this.#slot(values, i));
    const result = slots.pop()!;
    const length = SLOT_BYTES / bytesAValue;
    for (let begin = 0; begin < values.length; begin += length) {
      const part = values.subarray(begin, begin + length);
      if (writes) slots[this.rank].set(part);
      this.#meet();
      const share = Math.ceil(part.length / this.worldSize);
      const from = Math.min(this.rank * share, part.length);
      combine(slots, result, from, Math.min(from + share, part.length));
      this.#meet();
      part.set(result.subarray(0, part.length));
    }
    // Nobody writes what another still reads: the next round's results are made after the next meeting.
  }

  #slot(values: Exchanged, index: number): Exchanged {
    const offset = controlBytes(this.worldSize) + index * SLOT_BYTES;
    const length = SLOT_BYTES / values.BYTES_PER_ELEMENT;
    return values instanceof Float32Array
      ? new Float32Array(this.#memory, offset, length)
      : new Float64Array(this.#memory, offset, length);
  }

  /** Meets the others and holds against each other what they are about to do. */
  #agree({ kind, bytesAValue, count }: Call): void {
    const at = (rank: number) => CALLS + WORDS_A_CALL * rank;
    this.#control.set([kind, bytesAValue, count], at(this.rank));
    this.#meet();
    const calls = Array.from(
      { length: this.worldSize },
      (_, rank) => [...this.#control.subarray(at(rank), at(rank) + WORDS_A_CALL)],
    );
    const other = calls.findIndex((call) => call.some((word, i) => word !== calls[0][i]));
    this.#meet();
    if (other < 0) return;
    throw new Error(
      `the workers part: rank 0 calls ${describe(calls[0])}, rank ${other} ${
        describe(calls[other])
      }; all have to make the same calls in the same order`,
    );
  }

  #meet(): void {
    const control = this.#control;
    const generation = Atomics.load(control, GENERATION);
    this.#refuseFailed();
    if (Atomics.add(control, ARRIVED, 1) === this.worldSize - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.add(control, GENERATION, 1);
      Atomics.notify(control, GENERATION);
    } else {
      while (Atomics.load(control, GENERATION) === generation) {
        Atomics.wait(control, GENERATION, generation);
      }
    }
    this.#refuseFailed();
  }

  #refuseFailed(): void {
    const failed = Atomics.load(this.#control, FAILED);
    if (failed > 0) throw new Error(`rank ${failed - 1} has failed`);
  }
}

const REDUCERS: Readonly<Record<ReduceOp, (slots: readonly Exchanged[], i: number) => number>> = {
  sum: (slots, i) => slots.reduce((sum, slot) => sum + slot[i], 0),
  avg: (slots, i) => slots.reduce((sum, slot) => sum + slot[i], 0) / slots.length,
  min: (slots, i) => slots.reduce((least, slot) => Math.min(least, slot[i]), Infinity),
  max: (slots, i) => slots.reduce((most, slot) => Math.max(most, slot[i]), -Infinity),
  product: (slots, i) => slots.reduce((product, slot) => product * slot[i], 1),
};

function describe([kind, bytes, count]: readonly number[]): string {
  if (kind === BARRIER) return "barrier";
  const what = `${count} values of ${8 * bytes} bits`;
  return kind < BARRIER
    ? `allReduce (${REDUCE_OPS[kind]}) of ${what}`
    : `broadcast from rank ${kind - BROADCAST} of ${what}`;
}
