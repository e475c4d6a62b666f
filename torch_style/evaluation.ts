/**
 * When values are computed, what is computed along with them, and what a failed evaluation leaves behind.
 *
 * An evaluation takes along what somebody is likely to read or what would grow otherwise: the loss of a backward pass,
 * what the outermost module returned, state that every step replaces (running statistics). Whoever reads one value of a
 * backward pass gets the whole pass computed, once. If an evaluation fails, everything that was written on the way to
 * it is as it was before: weights, gradients, running statistics, the random numbers' state.
 * @module
 */
import {
  collectGraph,
  compute,
  createStorage,
  evaluate,
  fromHost,
  type GraphNode,
  type LazyArray,
  ops,
  Readers,
  readingForStep,
} from "../onnx/mod.ts";
import { type RandomState, randomState, restoreRandomState } from "./random.ts";

/** Something with a value that is replaced. */
export interface Holder {
  readonly array: LazyArray;
}

/** A holder that can go back to the last value that is known. */
export interface Revertible extends Holder {
  revert(): void;
}

/** A value that is known at once, yet goes back with another: a count of batches, with their running mean. */
interface Follower {
  readonly leader: Holder;
  revert(): void;
}

/** More than this and the oldest result is left to be computed on demand. */
const KEPT = 64;

const kept = new Set<LazyArray>();

/** However many values each had, only the newest is held. */
const states = new Set<Holder>();

/** What was written since its value was last known. */
const journal = new Set<Revertible>();

const followers = new Map<Holder, Follower>();

/** The random numbers' state before the first module that was called since the last evaluation. */
let randomBefore: RandomState | undefined;

/**
 * Counts who may read what a training step left to be computed: gradients, what hooks saw, results of modules that are kept no more.
 * That is computed from the weights as they were before the step.
 */
export const passReaders = new Readers();

/** Marks an array to be computed along with the next evaluation. */
export function keepResult(array: LazyArray): void {
  if (!array.isPending) return;
  kept.add(array);
  if (kept.size <= KEPT) return;
  kept.delete(kept.values().next().value!);
  passReaders.count++;
}

/** Marks a tensor whose value was replaced: the newest value is computed along with the next evaluation. */
export function keepState(holder: Holder): void {
  states.add(holder);
}

/** Remembers that something was written: if what was written cannot be computed, it goes back. */
export function noteWrite(written: Revertible): void {
  if (written.array.isSettled) return;
  journal.add(written);
}

/** Remembers how a value goes back if its leader, written in the same breath, cannot be computed. */
export function noteFollower(written: Holder, leader: Holder, revert: () => void): void {
  if (!followers.has(written)) followers.set(written, { leader, revert });
}

/** Remembers the random numbers' state before a step's first random call. */
export function noteRandomState(): void {
  randomBefore ??= randomState();
}

/** A tensor that gradients are added to. */
interface Leaf {
  grad: { array: LazyArray } | null;
}

/** A leaf's gradient, for the step's own use. */
function gradOf(leaf: Leaf): Leaf["grad"] {
  return readingForStep(() => leaf.grad);
}

/** What an array has to do with backward passes: its {@linkcode LazyArray.note}. */
class PassNote {
  /** The pass that made it, a gradient. */
  madeBy: BackwardPass | undefined;
  /** Whether it was set to zeros: a gradient that is added to it is the sum. */
  isZeros = false;
  /** The pass that started at it; weakly, because a loss that is kept must not keep its network. */
  started: WeakRef<BackwardPass> | undefined;

  static of(array: LazyArray): PassNote {
    if (array.note instanceof PassNote) return array.note;
    return array.note = new PassNote();
  }

  /** The array is no more than its values, and does not hold the pass. */
  static forget({ note }: LazyArray): void {
    if (note instanceof PassNote) note.madeBy = undefined;
  }
}

/** Remembers that an array holds zeros, such as a gradient that was set to zero. */
export function noteZeros(array: LazyArray): void {
  PassNote.of(array).isZeros = true;
}

/** Whether an array is known to hold zeros. */
export function isKnownZeros({ note }: LazyArray): boolean {
  return note instanceof PassNote && note.isZeros;
}

function passBehind({ note }: LazyArray): BackwardPass | undefined {
  return note instanceof PassNote ? note.madeBy ?? note.started?.deref() : undefined;
}

function isAddedTo(grad: Leaf["grad"]): boolean {
  return grad !== null && !isKnownZeros(grad.array);
}

/** Leaves whose gradients were read after the optimizer's step: later steps hand them out. */
const readAfterStep = new WeakSet<object>();

/** What one backward pass made: computed in one evaluation when the first value of it is read. */
export class BackwardPass {
  readonly #roots: readonly LazyArray[];
  readonly #made: LazyArray[] = [];
  readonly #before = new Map<Leaf, Leaf["grad"]>();

  /** @param retained another pass may follow over the same functions: both are computed together */
  constructor(roots: readonly LazyArray[], readonly retained: boolean) {
    this.#roots = roots;
    const self = new WeakRef(this);
    for (const root of roots) PassNote.of(root).started = self;
  }

  /** A leaf is about to receive its first gradient of this pass. */
  reaches(leaf: Leaf): void {
    if (this.#before.has(leaf)) return;
    this.#before.set(leaf, gradOf(leaf));
    // A sum that is known goes back no further: it is not to hold the passes before.
    const grad = gradOf(leaf);
    if (grad?.array.isSettled) PassNote.forget(grad.array);
  }

  /** All gradients are there: those of leaves, and those that were asked for. */
  close(captured: readonly LazyArray[]): void {
    for (const array of [...this.#gradients(), ...captured]) {
      if (!array.isPending) continue;
      this.#made.push(array);
      PassNote.of(array).madeBy = this;
    }
    if (captured.length === 0) open = new WeakRef(this);
    else passReaders.count++;
  }

  /** Whether a leaf still has a gradient that nobody has computed. */
  get isWanted(): boolean {
    return this.#gradients().some((array) => array.isPending);
  }

  /** Whether gradients were added to those of earlier passes. */
  get accumulates(): boolean {
    return !this.retained && this.isWanted && [...this.#before.values()].some(isAddedTo);
  }

  #isAdded = false;

  /** Adds first gradients to zeros, so that the first of several passes has the graph, and the memory, of the others. */
  addToZeros(): void {
    this.#isAdded = true;
    for (const [leaf, before] of this.#before) {
      const grad = gradOf(leaf);
      if (isAddedTo(before) || !grad?.array.isPending) continue;
      const { dtype, shape, size } = grad.array;
      grad.array = ops.add(fromHost(createStorage(dtype, size), shape, dtype), grad.array);
    }
  }

  /** What is still to be computed: gradients as they were made and as they are now (clipped), and the roots. */
  pending(): LazyArray[] {
    const now = this.#gradients();
    const made = now.length > 0 && this.#isAdded ? [] : this.#made;
    return [...made, ...now, ...this.#roots].filter((array) => array.isPending);
  }

  /** Somebody reads a value. After a step, which computed all but handed out none, the next step is to do so. */
  read(): void {
    if (this.#roots.every((root) => root.isPending)) return;
    for (const leaf of this.#before.keys()) readAfterStep.add(leaf);
  }

  /** Everything of it is computed: its gradients are numbers from now on, and hold neither each other nor those before. */
  forget(): void {
    for (const array of this.#made.splice(0)) PassNote.forget(array);
    this.#before.clear();
  }

  /** Takes back gradients that cannot be computed. */
  revert(isLost: (array: LazyArray) => boolean): void {
    for (const [leaf, before] of this.#before) {
      const grad = gradOf(leaf);
      if (grad && isLost(grad.array)) leaf.grad = before;
    }
  }

  #gradients(): LazyArray[] {
    return [...this.#before.keys()].flatMap((leaf) => gradOf(leaf)?.array ?? []);
  }
}

/** Whether a step is to hand out a leaf's gradient, because earlier ones were read after their step. */
export function isReadAfterStep(leaf: object): boolean {
  return readAfterStep.has(leaf);
}

function passesBehind(arrays: readonly LazyArray[]): Set<BackwardPass> {
  const found = new Set<BackwardPass>();
  const look = (array: LazyArray) => {
    const pass = passBehind(array);
    if (pass) found.add(pass);
  };
  const pending = arrays.filter((array) => array.isPending);
  for (const node of collectGraph(pending).nodes) node.outputs.forEach(look);
  return found;
}

/** The last pass, while neither a step nor a reader has had it computed. */
let open: WeakRef<BackwardPass> | undefined;

/**
 * Another forward pass begins though the last pass' gradients wait for no step: they are accumulated. The last pass is
 * computed now, with what it left to be kept, so that several passes never become one graph.
 */
export function startOpenPass(): void {
  const pass = takeOpenPass();
  if (!pass) return;
  pass.addToZeros();
  start([pass], takeExtras());
}

/** Computes the last of several accumulated passes as those before it, apart from the step that uses their sum. */
export function startAccumulatedPass(): void {
  if (open?.deref()?.accumulates) start([takeOpenPass()!], takeExtras());
}

function takeOpenPass(): BackwardPass | undefined {
  const pass = open?.deref();
  open = undefined;
  return pass && !pass.retained && pass.isWanted ? pass : undefined;
}

/** Starts to compute the passes behind some gradients that others are about to be added to. */
export function startPasses(gradients: readonly LazyArray[]): void {
  start([...passesBehind(gradients)].filter((pass) => !pass.retained), []);
}

/** What fails here fails again, and is reported, when the gradients are asked for. */
function start(started: readonly BackwardPass[], extras: readonly LazyArray[]): void {
  if (started.length === 0) return;
  for (const pass of started) pass.read();
  compute([...started.flatMap((pass) => pass.pending()), ...extras]).then(() => {
    forgetSettled();
    for (const pass of started) pass.forget();
  }, () => {});
}

/** Computes what somebody wants to read, and everything kept, in one call into ONNX Runtime. */
export async function evaluateForReading(wanted: readonly LazyArray[]): Promise<void> {
  const behind = [...passesBehind(wanted)];
  for (const pass of behind) pass.read();
  await evaluateWithKept([...wanted, ...behind.flatMap((pass) => pass.pending())]);
  for (const pass of behind) pass.forget();
  await evaluate(wanted);
}

/** Computes the arrays and everything kept, in one call into ONNX Runtime. */
export async function evaluateWithKept(wanted: readonly LazyArray[]): Promise<void> {
  const extras = takeExtras();
  open = undefined;
  try {
    await compute([...wanted, ...extras]);
  } catch (error) {
    await recover(wanted, extras, error);
  }
  forgetSettled();
}

function takeExtras(): LazyArray[] {
  const extras = [...kept, ...Array.from(states, (holder) => holder.array)];
  kept.clear();
  states.clear();
  return extras;
}

function forgetSettled(): void {
  randomBefore = undefined;
  for (const written of journal) if (written.array.isSettled) journal.delete(written);
  for (const [written, { leader }] of followers) {
    if (leader.array.isSettled) followers.delete(written);
  }
}

/** Computes what was wanted without what was only taken along, and takes back whatever cannot be computed. */
async function recover(
  wanted: readonly LazyArray[],
  extras: readonly LazyArray[],
  error: unknown,
): Promise<void> {
  const failure = extras.length === 0 ? { error } : await failureOf(wanted);
  const lost: LazyArray[] = failure ? [...wanted] : [];
  if (!failure) {
    for (const extra of extras) if (await failureOf([extra])) lost.push(extra);
  }
  takeBack(lost, extras);
  if (failure) throw failure.error;
}

async function failureOf(arrays: readonly LazyArray[]): Promise<{ error: unknown } | undefined> {
  try {
    await compute(arrays);
  } catch (error) {
    return { error };
  }
}

/** Everything that depends on what is lost goes back to its last known value. */
function takeBack(lost: readonly LazyArray[], extras: readonly LazyArray[]): void {
  const failed = new Set(collectGraph(lost.filter((array) => array.isPending)).nodes);
  if (failed.size === 0) return;
  const isLost = (array: LazyArray) => dependsOn(array, failed);
  for (const pass of passesBehind(lost)) pass.revert(isLost);
  for (const [written, follower] of followers) {
    if (!isLost(follower.leader.array)) continue;
    follower.revert();
    followers.delete(written);
  }
  for (const written of journal) {
    if (!isLost(written.array)) continue;
    written.revert();
    journal.delete(written);
  }
  for (const extra of extras) if (!isLost(extra)) keepResult(extra);
  if (randomBefore) restoreRandomState(randomBefore);
  randomBefore = undefined;
}

function dependsOn(array: LazyArray, failed: ReadonlySet<GraphNode>): boolean {
  return array.isPending && collectGraph([array]).nodes.some((node) => failed.has(node));
}

/** Runs a function whose results nobody will read: what it marks is forgotten. */
export function keepingNothing<T>(run: () => T): T {
  const keptBefore = [...kept];
  const statesBefore = [...states];
  try {
    return run();
  } finally {
    kept.clear();
    keptBefore.forEach((array) => kept.add(array));
    states.clear();
    statesBefore.forEach((holder) => states.add(holder));
  }
}
