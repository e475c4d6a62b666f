/**
 * A program that is exchanged for one with frozen leaves where the same weights come call after call, and back.
 * @module
 */
import type { BufferPool } from "./buffer_pool.ts";
import { FrozenProgram } from "./frozen_program.ts";
import { LeafWatch, SeenLeaves } from "./leaf_watch.ts";
import type { LazyArray } from "../lazy_array.ts";
import { byteTablesOf, Program } from "./program.ts";
import type { Provider } from "../providers/provider.ts";
import type { RecordedStep } from "./step_group.ts";

/** After so many calls one after the other, each with other weights, leaves are frozen no more. */
const MOST_CHANGES = 2;

/** So many calls in a row with the same leaves come before those are frozen; to compile once more takes as long as a few calls. */
const CALLS_BEFORE = 2;

/** After leaves were frozen in vain, so many times as many calls come before they are again. */
const MORE_PATIENCE = 4;

/** Tells a program that weights are gone from which it computed something. */
const gone = new FinalizationRegistry<{ program: WeakRef<WatchedProgram>; seen: SeenLeaves }>(
  ({ program, seen }) => program.deref()?.forget(seen),
);

/** Computes all graphs of one structure. */
export class WatchedProgram {
  #plain: Program | undefined;
  #frozen: FrozenProgram | undefined;
  /** The frozen leaves from which something was computed beforehand. */
  #preparedFrom: SeenLeaves | undefined;
  readonly #watch = new LeafWatch();
  /** How many calls one after the other had other frozen leaves than the call before. */
  #changes = 0;
  /** After so many calls with the same large leaves they are frozen. */
  #patience = CALLS_BEFORE;
  #pool: BufferPool | undefined;
  /** How many threads its session keeps for itself. */
  readonly ownThreads: number;
  /** Milliseconds it took so far to rewrite, write and open. */
  compileMs: number;
  /** How often something was computed beforehand. */
  prepared = 0;

  private constructor(readonly provider: Provider, readonly strict: boolean, program: Program) {
    this.#plain = program;
    this.ownThreads = program.ownThreads;
    this.compileMs = program.compileMs;
    this.placement = program.placement;
  }

  /** What the provider leaves to the CPU. */
  readonly placement: Program["placement"];

  /** Compiles a step's graph for a provider; see {@linkcode Program.compile}. */
  static async compile(
    step: RecordedStep,
    provider: Provider,
    strict: boolean,
  ): Promise<WatchedProgram> {
    return new WatchedProgram(provider, strict, await compilePlain(step, provider, strict));
  }

  /** Runs the graph on a step's leaves and puts the results in place; see {@linkcode Program.run}. */
  async run(step: RecordedStep, pool: BufferPool): Promise<void> {
    const { leaves, outputs } = step;
    this.#pool = pool;
    if (this.provider !== "cpu") return await this.#plain!.run(leaves, outputs, pool);
    if (this.#frozen) await this.#follow(step, pool);
    else await this.#freezeWherePays(step, pool);
    if (this.#frozen) return await this.#frozen.run(leaves, outputs, pool);
    await this.#plain!.run(leaves, outputs, pool);
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await this.#plain?.release();
    if (this.#frozen) await this.#frozen.release(this.#pool!);
    this.#plain = this.#frozen = undefined;
  }

  async #freezeWherePays(step: RecordedStep, pool: BufferPool): Promise<void> {
    const same = this.#watch.look(step.leaves);
    if (same.length === 0 || this.#watch.calls < this.#patience) return;
    const frozen = await FrozenProgram.compile(step.graph, step.roots, new Set(same));
    if (!frozen) return void (this.#patience *= MORE_PATIENCE);
    this.compileMs += frozen.compileMs;
    // One of the two only: each keeps the memory of its intermediate results.
    await this.#plain!.release();
    this.#plain = undefined;
    this.#frozen = frozen;
    this.#changes = 0;
    await this.#prepare(step.leaves, pool);
  }

  /** Sees to it that what was computed beforehand is of these leaves. */
  async #follow(step: RecordedStep, pool: BufferPool): Promise<void> {
    if (this.#preparedFrom?.areIn(step.leaves)) return void (this.#changes = 0);
    if (this.#changes++ < MOST_CHANGES) return await this.#prepare(step.leaves, pool);
    await this.#frozen!.release(pool);
    this.#frozen = this.#preparedFrom = undefined;
    this.#patience *= MORE_PATIENCE;
    this.#plain = await compilePlain(step, this.provider, this.strict);
    this.compileMs += this.#plain.compileMs;
  }

  async #prepare(leaves: readonly LazyArray[], pool: BufferPool): Promise<void> {
    const { frozen } = this.#frozen!;
    // If this fails, nothing is prepared.
    this.#preparedFrom = undefined;
    await this.#frozen!.prepare(leaves, pool);
    this.prepared++;
    const seen = this.#preparedFrom = new SeenLeaves(leaves, frozen);
    const largest = frozen.map((i) => leaves[i]).reduce((a, b) => a.size >= b.size ? a : b);
    gone.register(largest, { program: new WeakRef(this), seen });
  }

  /** Gives back what was computed from leaves that are gone. */
  forget(seen: SeenLeaves): void {
    if (this.#preparedFrom !== seen) return;
    this.#preparedFrom = undefined;
    this.#frozen?.forget(this.#pool!);
  }
}

function compilePlain(
  { graph, roots, leaves }: RecordedStep,
  provider: Provider,
  strict: boolean,
): Promise<Program> {
  return Program.compile(graph, roots, provider, strict, byteTablesOf(provider, leaves));
}
