/**
 * Evaluates recorded graphs: finds or builds the program for a graph's structure, feeds it and puts the
 * results in place.
 * @module
 */
import { BufferPool } from "./buffer_pool.ts";
import { countGraphFlops } from "./flops.ts";
import { collectGraph, type PendingGraph, structureKey } from "./graph.ts";
import { evaluateOnHost, suitsHost } from "./host_evaluation.ts";
import type { HostBuffer, LazyArray } from "./lazy_array.ts";
import { Program } from "./program.ts";
import type { Provider } from "./provider.ts";
import { ShapeChanges } from "./shape_changes.ts";

/** What a runtime has done so far. */
export interface RuntimeStatistics {
  /** Programs built (rewritten, written, opened). */
  readonly compiled: number;
  /** Milliseconds spent building them. */
  readonly compileMs: number;
  /** Calls into ONNX Runtime. */
  readonly runs: number;
  /** Milliseconds inside those calls. */
  readonly runMs: number;
  /** Programs in the cache. */
  readonly cached: number;
}

/** One evaluation of a graph, or one call of a traced function. */
export interface Evaluation {
  /** Floating-point operations of the graph as it was recorded, by the convention of {@linkcode countFlops}. */
  readonly flops: number;
  /** Milliseconds spent building its program; 0 where the program was there. */
  readonly compileMs: number;
  /** Milliseconds spent computing. */
  readonly runMs: number;
}

/** Options of a {@linkcode Runtime}. */
export interface RuntimeOptions {
  /** What computes; `cpu` unless given. */
  readonly provider?: Provider;
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
  readonly pool = new BufferPool();
  readonly #cacheSize: number;
  readonly #programs = new Map<string, Promise<Program>>();
  /** How many threads each program has; the number of all is bounded. */
  readonly #threads = new Map<string, number>();
  readonly #threadsKept: number;
  readonly #shapes = new ShapeChanges();
  readonly #keys = new WeakMap<PendingGraph, string>();
  readonly #listeners = new Set<(evaluation: Evaluation) => void>();
  #queue: Promise<unknown> = Promise.resolve();
  #compiled = 0;
  #compileMs = 0;
  #runs = 0;
  #runMs = 0;

  constructor(options: RuntimeOptions = {}) {
    this.provider = options.provider ?? "cpu";
    this.#cacheSize = options.cacheSize ?? 128;
    this.#threadsKept = options.threads ?? THREADS_KEPT;
    if (!Number.isInteger(this.#cacheSize) || this.#cacheSize < 1) {
      throw new RangeError(
        `cacheSize is ${options.cacheSize}, expected an integer of at least 1`,
      );
    }
  }

  /** Counters of what was done so far. */
  get statistics(): RuntimeStatistics {
    return {
      compiled: this.#compiled,
      compileMs: this.#compileMs,
      runs: this.#runs,
      runMs: this.#runMs,
      cached: this.#programs.size,
    };
  }

  /**
   * Calls a function after every evaluation from now on: what a training step costs is the sum over the evaluations
   * between its beginning and its end.
   *
   * @returns what ends it
   * @example
   * ```ts
   * import { defaultRuntime } from "./mod.ts";
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
   * Computes the given arrays, all in one call into ONNX Runtime. Those already on the host cost nothing.
   * The arrays are taken as they stand when this is called; recording may go on meanwhile.
   */
  async evaluate(arrays: readonly LazyArray[]): Promise<void> {
    const waiting = arrays.flatMap((array) => array.inFlight ? [array.inFlight] : []);
    const roots = [...new Set(arrays)].filter((array) => array.isPending);
    for (const array of arrays) refusePlaceholder(array);
    if (roots.length === 0) return void await Promise.all(waiting);
    const graph = collectGraph(roots);
    graph.leaves.forEach(refusePlaceholder);
    const done = this.#enqueue(() => this.#observed(graph, () => this.#compute(graph, roots)));
    for (const root of roots) markInFlight(root, done);
    await Promise.all([done, ...waiting]);
  }

  /** Frees all programs and free memory. */
  async clear(): Promise<void> {
    await this.#queue;
    const programs = await Promise.all(this.#programs.values());
    this.#programs.clear();
    this.#threads.clear();
    this.pool.clear();
    await Promise.all(programs.map((program) => program.release()));
  }

  /** The program of a graph, from the cache or newly built. */
  async program(graph: PendingGraph, roots: readonly LazyArray[]): Promise<Program> {
    const key = this.#keyOf(graph, roots);
    const cached = this.#programs.get(key);
    if (cached) {
      // Last in the map means last used.
      this.#programs.delete(key);
      this.#programs.set(key, cached);
      return cached;
    }
    const building = Program.compile(graph, roots, this.provider);
    this.#programs.set(key, building);
    try {
      const program = await building;
      this.#compiled++;
      this.#compileMs += program.compileMs;
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
   * called. `onResult` is given the buffers of the roots before the next evaluation begins.
   */
  replay(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    leaves: readonly LazyArray[],
    onResult: (buffers: readonly HostBuffer[]) => void,
  ): Promise<void> {
    return this.#enqueue(() =>
      this.#observed(graph, async () => {
        const program = await this.program(graph, roots);
        onResult(await this.#timedRun(program, leaves));
      })
    );
  }

  /** A graph that is replayed is walked once. Every graph has one list of roots. */
  #keyOf(graph: PendingGraph, roots: readonly LazyArray[]): string {
    let key = this.#keys.get(graph);
    if (key === undefined) this.#keys.set(graph, key = structureKey(graph, roots));
    return key;
  }

  async #compute(graph: PendingGraph, roots: readonly LazyArray[]): Promise<void> {
    // Leaves that something outside the queue computes: a module of an ONNX file, a function on the host.
    await Promise.all(graph.leaves.map((leaf) => leaf.inFlight));
    if (suitsHost(graph)) return evaluateOnHost(graph, roots);
    const program = await this.program(graph, roots);
    const buffers = await this.#timedRun(program, graph.leaves);
    roots.forEach((root, i) => root.resolve(buffers[i]));
  }

  /** Computes a graph, and tells those who listen what it took. */
  async #observed(graph: PendingGraph, compute: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    const compiledBefore = this.#compileMs;
    await compute();
    if (this.#listeners.size === 0) return;
    const compileMs = this.#compileMs - compiledBefore;
    const runMs = performance.now() - begin - compileMs;
    const flops = countGraphFlops(graph);
    for (const listener of this.#listeners) listener({ flops, compileMs, runMs });
  }

  async #timedRun(program: Program, leaves: readonly LazyArray[]): Promise<HostBuffer[]> {
    const begin = performance.now();
    const buffers = await program.run(leaves, this.pool);
    this.#runMs += performance.now() - begin;
    this.#runs++;
    return buffers;
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

let current: Runtime | undefined;

/** The runtime that evaluations use unless told otherwise. */
export function defaultRuntime(): Runtime {
  return current ??= new Runtime();
}

/** Chooses what computes from now on and returns its runtime. Arrays already computed stay as they are. */
export function useProvider(provider: Provider): Runtime {
  if (current?.provider !== provider) current = new Runtime({ provider });
  return current!;
}

/** Computes arrays on the default runtime. */
export function evaluate(arrays: readonly LazyArray[]): Promise<void> {
  return defaultRuntime().evaluate(arrays);
}
