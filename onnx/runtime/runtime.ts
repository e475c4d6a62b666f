/**
 * Evaluates recorded graphs: finds or builds the program for a graph's structure, feeds it and puts the
 * results in place.
 * @module
 */
import { BufferPool } from "./buffer_pool.ts";
import { countGraphFlops } from "../flops.ts";
import { collectGraph, type PendingGraph, structureKey } from "../graph.ts";
import { evaluateOnHost, suitsHost } from "../host_evaluation.ts";
import type { LazyArray } from "../lazy_array.ts";
import { recordingResults } from "../op.ts";
import { byteTablesKey, byteTablesOf } from "./program.ts";
import type { Provider } from "../providers/provider.ts";
import { type Placement, WHOLE } from "../providers/mod.ts";
import { groupSteps, type RecordedStep, type StepGroup } from "./step_group.ts";
import { StepsProgram } from "./steps_program.ts";
import { WatchedProgram } from "./watched_program.ts";
import { ShapeChanges } from "./shape_changes.ts";

/** What a runtime has done so far. */
export interface RuntimeStatistics {
  /** Programs built (rewritten, written, opened), each once, whatever was built again for frozen weights. */
  readonly compiled: number;
  /** Milliseconds spent building them. */
  readonly compileMs: number;
  /** How often something was computed once for many calls, from weights that do not change between them. */
  readonly prepared: number;
  /** Calls into ONNX Runtime. */
  readonly runs: number;
  /** Milliseconds inside those calls. */
  readonly runMs: number;
  /** Programs in the cache. */
  readonly cached: number;
}

/** A program in the cache. */
interface Compiled {
  readonly ownThreads: number;
  readonly compileMs: number;
  readonly placement: Placement;
  release(): Promise<void>;
}

/** One evaluation of a graph, or one call of a traced function. */
export interface Evaluation {
  /** Floating-point operations of the graph as it was recorded, by the convention of {@linkcode countFlops}. */
  readonly flops: number;
  /** Milliseconds spent building its program; 0 where the program was there. */
  readonly compileMs: number;
  /** Milliseconds spent computing. */
  readonly runMs: number;
  /** What the provider left to the CPU. */
  readonly placement: Placement;
}

/** Options of a {@linkcode Runtime}. */
export interface RuntimeOptions {
  /** What computes; `cpu` unless given. */
  readonly provider?: Provider;
  /** Whether a graph is refused that the provider leaves nodes of to the CPU; false unless given. */
  readonly strict?: boolean;
  /** How many programs are kept; the one unused for longest is freed first. 128 unless given. */
  readonly cacheSize?: number;
  /** How many threads the kept programs may have in all, beside the one that calls; {@linkcode THREADS_KEPT} unless given. */
  readonly threads?: number;
}

/** Programs keep threads of their own: enough for 64 on two processors, for 8 on many. */
export const THREADS_KEPT = Math.max(64, 8 * (navigator.hardwareConcurrency - 1));

/** One provider's programs and memory. Evaluations run one after the other, in the order they were asked for. */
export class Runtime {
  readonly provider: Provider;
  /** Whether graphs are refused that the provider leaves nodes of to the CPU. */
  readonly strict: boolean;
  readonly pool = new BufferPool();
  readonly #cacheSize: number;
  readonly #programs = new Map<string, Promise<Compiled>>();
  /** How many threads each program has; the number of all is bounded. */
  readonly #threads = new Map<string, number>();
  readonly #threadsKept: number;
  readonly #shapes = new ShapeChanges();
  readonly #keys = new WeakMap<PendingGraph, string>();
  readonly #listeners = new Set<(evaluation: Evaluation) => void>();
  #queue: Promise<unknown> = Promise.resolve();
  /** Evaluations asked for within {@linkcode Runtime.inOneCall}. */
  #recorded: AskedStep[] | undefined;
  /** What the program run last leaves to the CPU. */
  #placement = WHOLE;
  readonly #done = { compiled: 0, compileMs: 0, prepared: 0, runs: 0, runMs: 0 };

  constructor(options: RuntimeOptions = {}) {
    this.provider = options.provider ?? "cpu";
    this.strict = options.strict ?? false;
    this.#cacheSize = options.cacheSize ?? 128;
    this.#threadsKept = options.threads ?? THREADS_KEPT;
    if (!Number.isInteger(this.#threadsKept) || this.#threadsKept < 0) {
      throw new RangeError(`threads is ${options.threads}, expected an integer of at least 0`);
    }
    if (!Number.isInteger(this.#cacheSize) || this.#cacheSize < 1) {
      throw new RangeError(
        `cacheSize is ${options.cacheSize}, expected an integer of at least 1`,
      );
    }
  }

  /** Counters of what was done so far. */
  get statistics(): RuntimeStatistics {
    return { ...this.#done, cached: this.#programs.size };
  }

  /**
   * Calls a function after every evaluation from now on: what a training step costs is the sum over the evaluations
   * between its beginning and its end.
   *
   * @returns what ends it
   * @example
   * ```ts
   * import { defaultRuntime } from "../mod.ts";
   *
   * let flops = 0;
   * const end = defaultRuntime().onEvaluate((evaluation) => flops += evaluation.flops);
   * // ... one training step, read to its end ...
   * end();
   * ```
   */
  onEvaluate(listener: (evaluation: Evaluation) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Computes the given arrays, all in one call into ONNX Runtime, and brings them to the host. Those already there cost nothing.
   * The arrays are taken as they stand when this is called; recording may go on meanwhile.
   */
  async evaluate(arrays: readonly LazyArray[]): Promise<void> {
    await this.compute(arrays);
    if (!arrays.some((array) => !array.isOnHost && array.device)) return;
    await this.#enqueue(async () => {
      for (const array of arrays) await array.download();
    });
  }

  /** {@linkcode Runtime.evaluate} for arrays that nobody reads yet: large ones may stay on the device. */
  async compute(arrays: readonly LazyArray[]): Promise<void> {
    const waiting = arrays.flatMap((array) => array.inFlight ? [array.inFlight] : []);
    const roots = [...new Set(arrays)].filter((array) => array.isPending);
    for (const array of arrays) refusePlaceholder(array);
    if (roots.length === 0) return void await Promise.all(waiting);
    const graph = collectGraph(roots);
    graph.leaves.forEach(refusePlaceholder);
    const done = this.#ask(graph, roots, graph.leaves, roots);
    for (const root of roots) markInFlight(root, done);
    await Promise.all([done, ...waiting]);
  }

  /** Frees all programs and free memory. */
  async clear(): Promise<void> {
    await this.#queue;
    const programs = await Promise.all(this.#programs.values());
    this.#programs.clear();
    this.#threads.clear();
    await Promise.all(programs.map((program) => program.release()));
    // Last: programs give back what they computed beforehand.
    this.pool.clear();
  }

  /** The program of a graph, from the cache or newly built. */
  #program(step: RecordedStep): Promise<WatchedProgram> {
    const { graph, roots, leaves } = step;
    const build = () => WatchedProgram.compile(step, this.provider, this.strict);
    return this.#cached(this.#keyOf(graph, roots, leaves), graph, build);
  }

  async #cached<P extends Compiled>(
    key: string,
    graph: PendingGraph,
    build: () => Promise<P>,
  ): Promise<P> {
    const cached = this.#programs.get(key);
    if (cached) {
      // Last in the map means last used.
      this.#programs.delete(key);
      this.#programs.set(key, cached);
      return cached as Promise<P>;
    }
    const building = build();
    this.#programs.set(key, building);
    try {
      const program = await building;
      this.#done.compiled++;
      this.#done.compileMs += program.compileMs;
      this.#threads.set(key, program.ownThreads);
      this.#evict(key);
      this.#shapes.compiled(graph);
      return program;
    } catch (error) {
      this.#programs.delete(key);
      throw error;
    }
  }

  /**
   * Computes a recorded graph once more, on other leaves than those it was recorded with: a traced
   * function's call. Runs in turn with the evaluations; leaves may still be on their way when this is
   * called. `outputs` get the values of the roots before the next evaluation begins.
   */
  replay(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    leaves: readonly LazyArray[],
    outputs: readonly LazyArray[],
  ): Promise<void> {
    return this.#ask(graph, roots, leaves, outputs);
  }

  /**
   * Computes what a function asks for in as few calls into ONNX Runtime as possible: evaluations that follow each other and
   * are the same but for their values, such as training steps, become one call, in which a step's results that the next one
   * reads stay where they are computed. Only the last of those is kept; what the next step does not read is kept of each.
   * On the CPU the values are those of single evaluations, to the bit.
   *
   * @param record records and asks; what it asks for is there after it has returned
   * @example
   * ```ts
   * import { defaultRuntime, fromHost, ops } from "../mod.ts";
   *
   * let x = fromHost(new Float32Array(2000).fill(1), [2000]);
   * const done = defaultRuntime().inOneCall(() => {
   *   const steps = [];
   *   for (let step = 0; step < 8; step++) {
   *     x = ops.exp(ops.neg(x));
   *     steps.push(defaultRuntime().evaluate([x]));
   *   }
   *   return Promise.all(steps);
   * });
   * await done;
   * ```
   */
  inOneCall<T>(record: () => T): T {
    if (this.#recorded) return record();
    const recorded: AskedStep[] = this.#recorded = [];
    try {
      return recordingResults(record);
    } finally {
      this.#recorded = undefined;
      for (const group of groupSteps(recorded)) this.#enqueue(() => this.#answer(group));
    }
  }

  /** Asks for an evaluation, which may become a part of a call with others. */
  #ask(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    leaves: readonly LazyArray[],
    outputs: readonly LazyArray[],
  ): Promise<void> {
    const waiting = leaves.map((leaf) => leaf.inFlight);
    const step = { graph, roots, leaves, outputs, waiting };
    if (!this.#recorded) {
      return this.#enqueue(() => this.#observed(graph, 1, () => this.#compute(step)));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#recorded.push({ ...step, key: this.#keyOf(graph, roots, leaves), resolve, reject });
    return promise;
  }

  async #answer(group: StepGroup<AskedStep>): Promise<void> {
    const { steps, steps: [first] } = group;
    try {
      await this.#observed(
        first.graph,
        steps.length,
        () => steps.length === 1 ? this.#compute(first) : this.#computeGroup(group),
      );
      for (const { resolve } of steps) resolve();
    } catch (error) {
      for (const { reject } of steps) reject(error);
    }
  }

  async #computeGroup(group: StepGroup<AskedStep>): Promise<void> {
    const { steps: [{ graph, roots, leaves }] } = group;
    await group.ready();
    const tables = byteTablesOf(this.provider, leaves);
    const build = () =>
      StepsProgram.compile(graph, roots, group.plan, this.provider, this.strict, tables);
    const program = await this.#cached(group.key, graph, build);
    this.#placement = program.placement;
    await this.#timed(() => program.run(group, this.pool));
  }

  /** A graph that is replayed is walked once. Every graph has one list of roots. Its leaves may be bytes or not. */
  #keyOf(graph: PendingGraph, roots: readonly LazyArray[], leaves: readonly LazyArray[]): string {
    let key = this.#keys.get(graph);
    if (key === undefined) this.#keys.set(graph, key = structureKey(graph, roots));
    return key + byteTablesKey(byteTablesOf(this.provider, leaves));
  }

  async #compute(step: RecordedStep): Promise<void> {
    const { graph, roots, leaves, waiting } = step;
    // Something outside the queue may compute leaves: a module of an ONNX file, a function on the host.
    await Promise.all(waiting);
    if (leaves === graph.leaves && suitsHost(graph)) {
      for (const leaf of leaves) await leaf.download();
      return evaluateOnHost(graph, roots);
    }
    const program = await this.#program(step);
    this.#placement = program.placement;
    const { compileMs, prepared } = program;
    await this.#timed(() => program.run(step, this.pool));
    this.#done.compileMs += program.compileMs - compileMs;
    this.#done.runMs -= program.compileMs - compileMs;
    this.#done.prepared += program.prepared - prepared;
  }

  /** Computes a graph so many times, and tells those who listen what it took. */
  async #observed(
    graph: PendingGraph,
    times: number,
    compute: () => Promise<void>,
  ): Promise<void> {
    const begin = performance.now();
    const compiledBefore = this.#done.compileMs;
    this.#placement = WHOLE;
    await compute();
    if (this.#listeners.size === 0) return;
    const compileMs = this.#done.compileMs - compiledBefore;
    const runMs = performance.now() - begin - compileMs;
    const flops = times * countGraphFlops(graph);
    const placement = this.#placement;
    for (const listener of this.#listeners) listener({ flops, compileMs, runMs, placement });
  }

  async #timed<T>(run: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await run();
    this.#done.runMs += performance.now() - begin;
    this.#done.runs++;
    return result;
  }

  /** Runs a task between two evaluations: while it runs, nothing reads the memory of arrays. */
  inTurn(task: () => void): Promise<void> {
    return this.#enqueue(() => Promise.resolve(task()));
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Frees programs, the one unused for longest first, but never the newest. */
  #evict(newest: string): void {
    let threads = 0;
    for (const count of this.#threads.values()) threads += count;
    for (const [key, program] of this.#programs) {
      const isTooMany = this.#programs.size > this.#cacheSize;
      const isBusy = threads > this.#threadsKept;
      if (!isTooMany && !isBusy) return;
      const own = this.#threads.get(key) ?? 0;
      if (key === newest || (!isTooMany && own === 0)) continue;
      this.#programs.delete(key);
      this.#threads.delete(key);
      threads -= own;
      program.then((p) => p.release(), () => {});
    }
  }
}

/** An evaluation within {@linkcode Runtime.inOneCall}, and who waits for it. */
interface AskedStep extends RecordedStep {
  readonly key: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A root on its way is a leaf for whatever is recorded from now on; if it fails it is pending again. */
function markInFlight(root: LazyArray, done: Promise<void>): void {
  const node = root.node;
  root.node = undefined;
  root.inFlight = done;
  done.catch(() => {
    root.node = node;
    root.inFlight = undefined;
  });
}

function refusePlaceholder(array: LazyArray): void {
  if (!array.placeholder) return;
  throw new Error(
    `${array} is the input "${array.placeholder.name}" of a function being traced: it has no value yet`,
  );
}
