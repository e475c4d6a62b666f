/**
 * Tensors that share memory. Lazy arrays are immutable, so a view is a way of reading a part out of the
 * memory's present array and of putting a changed part back: a chain of steps from the whole to the part.
 * @module
 */
import type { LazyArray } from "../onnx/mod.ts";
import { noteWrite } from "./evaluation.ts";
import type { SharedMemory } from "./shared_memory.ts";

/** What was written since {@linkcode takingBackIfThrown} began. */
let written: { readonly storage: Storage; readonly before: LazyArray }[] | undefined;

/** Runs a function; if it throws, all that it has written to tensors meanwhile is as it was. */
export function takingBackIfThrown<T>(run: () => T): T {
  const outer = written;
  const own: typeof written = written = [];
  try {
    return run();
  } catch (error) {
    written = outer;
    for (const { storage, before } of own.toReversed()) storage.write(before);
    throw error;
  } finally {
    written = outer;
  }
}

/** Whoever counts an array's readers does so once it lies in its first storage: this is a further one. */
function shareWith({ readers }: LazyArray): void {
  if (readers) readers.count++;
}

/** The memory behind a tensor and all its views. */
export class Storage {
  #array: LazyArray;
  #version = 0;
  /** Former values, from the last that is known to the present one. */
  #before: LazyArray[] = [];
  /** Somebody's typed array, which is to show what is written here. */
  readonly #shared: SharedMemory | undefined;

  /** @param shared the memory that the array lies over, if somebody else writes into it too */
  constructor(array: LazyArray, shared?: SharedMemory) {
    if (!shared) array.keepValues();
    this.#array = array;
    this.#shared = shared;
    shareWith(array);
  }

  /** The whole, as it is now. */
  get array(): LazyArray {
    const shared = this.#shared;
    if (!shared) return this.#array;
    const isShown = shared.shows(this.#array);
    return this.#array = isShown ? shared.array : shared.withWritten(this.#array);
  }

  /** How many times it was written to. */
  get version(): number {
    return this.#version;
  }

  /** Puts another array in place. */
  write(array: LazyArray): void {
    array.keepValues();
    const before = this.#array = this.array;
    written?.push({ storage: this, before });
    if (this.#shared?.shows(before)) this.#shared.expectChange();
    // What is known already never goes back, so that nothing before it is held.
    if (array.isSettled || before.isSettled) this.#before = [];
    if (!array.isSettled) this.#before.push(before);
    this.#array = array;
    shareWith(array);
    this.#version++;
    // A passing result has nothing to go back to, and large ones never settle: remembered, their graphs would stay.
    if (this.isLasting) noteWrite(this);
    this.show();
  }

  /** Whether the memory held a computed value before what is written now: it is no passing result. */
  get isLasting(): boolean {
    return this.#before.some((array) => array.isSettled || array.inFlight);
  }

  /** Back to the last value that is known. */
  revert(): void {
    const known = this.#before.findLast((array) => array.isSettled);
    if (!known) return;
    this.#before = [];
    this.#array = known;
    this.#version++;
  }

  /** Brings a shared typed array up to date, if the present values are there. */
  show(): void {
    const shared = this.#shared;
    if (!shared || shared.shows(this.#array) || !this.#array.isOnHost) return;
    shared.take(this.#array.buffer.data);
    this.#array = shared.array;
  }
}

/** One step from a whole to a part of it. */
export interface ViewStep {
  /** The part. */
  read(whole: LazyArray): LazyArray;
  /** The whole with another part in it. */
  write(whole: LazyArray, part: LazyArray): LazyArray;
}

/** The part at the end of a chain of steps. */
export function readThrough(whole: LazyArray, steps: readonly ViewStep[]): LazyArray {
  return steps.reduce((array, step) => step.read(array), whole);
}

/** The whole with another part at the end of a chain of steps. */
export function writeThrough(
  whole: LazyArray,
  steps: readonly ViewStep[],
  part: LazyArray,
): LazyArray {
  if (steps.length === 0) return part;
  const [first, ...rest] = steps;
  return first.write(whole, writeThrough(first.read(whole), rest, part));
}
