/**
 * New values of variables, while it is not certain that they can be computed: if they cannot, the variables get back what they
 * had, so that a failed step costs that step and nothing else.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { LazyArray } from "../../onnx/mod.ts";

/** What {@linkcode VariableWrites} needs of the engine. */
export interface VariableMemory {
  /** The array behind a variable. */
  arrayOf(variable: tf.Variable): LazyArray;
  /** Puts an array behind a variable. */
  put(variable: tf.Variable, array: LazyArray): void;
  /** Keeps an array's memory from being used again until it is let go. */
  hold(array: LazyArray): void;
  letGo(array: LazyArray): void;
}

/** A value that a variable was given, and what it had before. */
export interface VariableWrite {
  readonly variable: tf.Variable;
  readonly before: LazyArray;
  readonly after: LazyArray;
}

/** Takes back what cannot be computed, and remembers errors until somebody hears of them. */
export class VariableWrites {
  readonly #memory: VariableMemory;
  /** What each variable had before the first of its values that no run computes yet. */
  #open = new Map<tf.Variable, LazyArray>();
  /** What stands for an array that could not be computed. */
  readonly #instead = new WeakMap<LazyArray, LazyArray>();
  readonly #unheard = new Set<unknown>();
  readonly #heard = new WeakSet<WeakKey>();

  constructor(memory: VariableMemory) {
    this.#memory = memory;
  }

  /** An operation gave a variable another value. `before` is held. */
  note(variable: tf.Variable, before: LazyArray): void {
    const isKnown = this.#memory.arrayOf(variable).isSettled;
    const first = this.#open.get(variable);
    if (isKnown && first) {
      this.#open.delete(variable);
      this.#memory.letGo(first);
    }
    if (isKnown || first) this.#memory.letGo(before);
    else this.#open.set(variable, before);
  }

  /** Follows the run that computes everything noted so far. */
  async during(run: Promise<void>): Promise<void> {
    const noted = this.#open;
    this.#open = new Map();
    try {
      await run;
    } catch (error) {
      this.failed(error);
      for (const [variable, before] of noted) {
        if (variable.isDisposed) continue;
        this.takeBack([{ variable, before, after: this.#memory.arrayOf(variable) }]);
      }
      throw error;
    } finally {
      for (const before of noted.values()) this.#memory.letGo(before);
    }
  }

  /** What a run was to write could not be computed. */
  takeBack(writes: readonly VariableWrite[]): void {
    for (const { before, after } of writes) {
      if (before === after || after.isSettled) continue;
      this.#instead.set(after, before);
      // For good: what a later value that fails as well goes back to.
      this.#memory.hold(before);
    }
    for (const { variable, before, after } of writes) {
      // Later values, which follow from this one, are taken back when they fail.
      if (variable.isDisposed || this.#memory.arrayOf(variable) !== after) continue;
      this.#memory.put(variable, this.#lastKnown(before));
    }
  }

  #lastKnown(array: LazyArray): LazyArray {
    let known = array;
    for (let next = this.#instead.get(known); next; next = this.#instead.get(known)) known = next;
    return known;
  }

  /** A run failed whose results nobody may ever read. */
  failed(error: unknown): void {
    if (!this.#heard.has(error as Error)) this.#unheard.add(error);
  }

  /** Somebody reads values: an error that comes of it is heard. */
  async heard<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      this.#hear(error);
      throw error;
    }
  }

  #hear(error: unknown): void {
    this.#unheard.delete(error);
    this.#heard.add(error as Error);
  }

  /** @throws whatever failed earlier and nobody has heard of */
  throwUnheard(): void {
    for (const error of this.#unheard) {
      this.#hear(error);
      throw error;
    }
  }
}

/** Called with variables that get another value. */
export interface AssignListener {
  /** Before it happens; returns what is to be called afterwards. */
  assigning(variable: tf.Variable, value: tf.Tensor): (() => void) | undefined;
}

const { assign } = tf.Variable.prototype;

/** Gives a variable a value without calling anybody. */
export function assignQuietly(variable: tf.Variable, value: tf.Tensor): void {
  assign.call(variable, value);
}

/**
 * From now on `variable.assign` tells a listener.
 *
 * @param fit gives the value as the variable takes it, where that is another tensor
 */
export function listenToAssign(
  listener: () => AssignListener | undefined,
  fit: (variable: tf.Variable, value: tf.Tensor) => tf.Tensor | undefined,
): void {
  tf.Variable.prototype.assign = function (value: tf.Tensor): void {
    const fitting = fit(this, value);
    const after = listener()?.assigning(this, fitting ?? value);
    try {
      assign.call(this, fitting ?? value);
    } finally {
      fitting?.dispose();
      after?.();
    }
  };
}
