/**
 * A graph made ready to run: rewritten, written as ONNX, opened as a session.
 * @module
 */
import type * as ort from "onnxruntime-node";
import type { BufferPool } from "./buffer_pool.ts";
import { keepsOnDevice, releaseWhenUnused } from "./device_buffer.ts";
import { countGraphFlops } from "../flops.ts";
import { collectGraph, type PendingGraph } from "../graph.ts";
import type { GraphWriter } from "../export/graph_writer.ts";
import { type LazyArray, placeholder } from "../lazy_array.ts";
import { lowerGraph } from "../export/lowering.ts";
import type { ArrayType } from "../op.ts";
import { RESHAPE } from "../ops/broadcast.ts";
import { gather } from "../ops/indexing.ts";
import { type CheckedLeaf, checkedLeaves } from "../ops/index_range.ts";
import { cast } from "../ops/rounding.ts";
import type { ProgramSession } from "./in_place_session.ts";
import {
  deviceFailure,
  openPlaced,
  type PlacedSession,
  type Provider,
} from "../providers/provider.ts";
import { threadLimit } from "../providers/threads.ts";
import { hasKernel, kernelsOf, type Placement, ProviderWriter } from "../providers/mod.ts";
import { channelBlock } from "../rewrite/cpu/channel_block.ts";
import { computedByImage } from "../rewrite/cpu/by_image.ts";
import { explain, wantsExplanation } from "../rewrite/explain.ts";
import { type FiredRules, rewriteForCpu, rewriteForMissing, rewriteGraph } from "../rewrite/mod.ts";
import { Fetches, leafFeed, outputLocationsOf } from "./tensors.ts";
import { valuesKey } from "../structural_key.ts";

/** A compiled graph. Its inputs are the graph's leaves in order, its outputs the roots in order, maybe in another shape. */
export class Program {
  readonly #session: ProgramSession;
  readonly #outputs: readonly ArrayType[];
  /** Positions of leaves that the rewritten graph still reads. */
  readonly #read: readonly number[];
  readonly #checked: readonly CheckedLeaf[];
  readonly #provider: Provider;
  /** Types of all arrays that the graph has, to name the largest where memory runs out. */
  readonly #arrays: readonly ArrayType[];
  /** What the provider leaves to the CPU. */
  readonly placement: Placement;
  /** How many threads its session keeps for itself. */
  readonly ownThreads: number;
  /** Milliseconds it took to rewrite, write and open. */
  readonly compileMs: number;

  private constructor(
    provider: Provider,
    { session, placement }: PlacedSession,
    outputs: readonly ArrayType[],
    arrays: readonly ArrayType[],
    read: readonly number[],
    checked: readonly CheckedLeaf[],
    ownThreads: number,
    compileMs: number,
  ) {
    this.#provider = provider;
    this.#session = session;
    this.placement = placement;
    this.#outputs = outputs;
    this.#arrays = arrays;
    this.#read = read;
    this.#checked = checked;
    this.ownThreads = ownThreads;
    this.compileMs = compileMs;
  }

  /**
   * Compiles a collected graph for a provider. Inputs are its leaves, outputs the `roots`.
   *
   * @param strict whether a graph is refused that the provider leaves nodes of to the CPU
   * @param tables of the leaves that are fed as bytes
   */
  static async compile(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    provider: Provider,
    strict = false,
    tables: ByteTables = [],
  ): Promise<Program> {
    const begin = performance.now();
    const { model, read, outputs } = await writeProgram(graph, roots, provider, tables);
    const threads = threadsFor(graph);
    const names = outputs.map((type, i) => [`y${i}`, type] as const);
    const outputLocations = outputLocationsOf(provider, names);
    const placed = await openPlaced(model, provider, { threads, strict, outputLocations });
    const compileMs = performance.now() - begin;
    const checked = checkedLeaves(graph);
    const arrays = provider === "cpu" ? [] : arraysOf(graph);
    return new Program(provider, placed, outputs, arrays, read, checked, threads - 1, compileMs);
  }

  /**
   * Runs the graph on the leaves' values and puts the results in place: into buffers of the pool, or where the device computed
   * them.
   *
   * @throws {RangeError} naming an index that is out of range, {@linkcode OnnxRuntimeError} if ONNX Runtime fails
   */
  async run(
    leaves: readonly LazyArray[],
    outputs: readonly LazyArray[],
    pool: BufferPool,
  ): Promise<void> {
    await runChecks(this.#checked, leaves);
    const feeds: Record<string, ort.Tensor> = {};
    for (const i of this.#read) {
      const feed = leafFeed(this.#provider, leaves[i]);
      feeds[`x${i}`] = feed instanceof Promise ? await feed : feed;
    }
    const fetched = new Fetches(this.#provider, pool);
    const placed = this.#outputs.map((type, i) => fetched.add(`y${i}`, type));
    try {
      await fetched.run(this.#session, feeds);
    } catch (error) {
      throw deviceFailure(this.#provider, error, this.#arrays);
    }
    outputs.forEach((output, i) => placed[i](output));
    keepReachable(leaves);
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await releaseProgram(this.#provider, this.#session);
  }
}

/** Checks the indices among a call's leaves. @throws {RangeError} naming one that is out of range */
export async function runChecks(
  checked: readonly CheckedLeaf[],
  leaves: readonly LazyArray[],
): Promise<void> {
  for (const { leaf, check } of checked) {
    await leaves[leaf].download();
    check(leaves[leaf].buffer.data);
  }
}

function arraysOf({ leaves, nodes }: PendingGraph): ArrayType[] {
  const arrays = [...leaves, ...nodes.flatMap(({ outputs }) => outputs)];
  return arrays.map(({ dtype, shape }) => ({ dtype, shape }));
}

/** What is used after a run is not collected during it, nor is the device memory that the run reads. */
function keepReachable(_arrays: readonly LazyArray[]): void {}

/** Frees a program's session, once no array lies in its memory any more. */
export async function releaseProgram(provider: Provider, session: ProgramSession): Promise<void> {
  if (!keepsOnDevice(provider)) return await session.release();
  await releaseWhenUnused(session as ort.InferenceSession);
}

/** So little is computed on one thread before several could have shared it: elements written, operations. */
const SMALL = { elements: 2 ** 15, flops: 2 ** 20 };

/** Every session has threads of its own: programs that several threads do not speed up get none. */
function isSmall(graph: PendingGraph): boolean {
  let elements = 0;
  for (const { outputs } of graph.nodes) {
    for (const output of outputs) elements += output.size;
    if (elements > SMALL.elements) return false;
  }
  return countGraphFlops(graph) <= SMALL.flops;
}

/** How many threads a program computes a graph on. */
export function threadsFor(graph: PendingGraph): number {
  return isSmall(graph) ? 1 : threadLimit();
}

/** For each leaf the table that its values are looked up in, where a provider is fed its bytes. */
export type ByteTables = readonly (LazyArray | undefined)[];

/** The tables of leaves, as a provider wants them: on the CPU values are looked up once, by JavaScript. */
export function byteTablesOf(provider: Provider, leaves: readonly LazyArray[]): ByteTables {
  return provider === "cpu" ? [] : leaves.map(({ byteValues }) => byteValues?.table);
}

/** By what programs of one structure differ whose leaves are fed otherwise. */
export function byteTablesKey(tables: ByteTables): string {
  return tables.map((table, i) => table ? `|x${i}=${valuesKey(table.buffer.data, table)}` : "")
    .join("");
}

/** A graph as a provider computes it. */
export interface RewrittenGraph {
  /** Placeholders in the leaves' places; of bytes where there is a table. */
  readonly inputs: readonly LazyArray[];
  readonly roots: readonly LazyArray[];
  /** Positions of leaves that are still read. */
  readonly read: readonly number[];
}

/**
 * Rewrites a graph for a provider; inputs are named x0, x1, ...
 *
 * @param frozen positions of leaves that are the same arrays in every call
 */
export async function rewriteFor(
  provider: Provider,
  graph: PendingGraph,
  roots: readonly LazyArray[],
  tables: ByteTables = [],
  frozen: ReadonlySet<number> = new Set(),
): Promise<RewrittenGraph> {
  const inputs = graph.leaves.map(({ dtype, shape }, i) =>
    placeholder(`x${i}`, tables[i] ? "uint8" : dtype, shape, frozen.has(i))
  );
  const values = inputs.map((input, i) => {
    const table = tables[i];
    return table ? gather(table, cast(input, "int32")) : input;
  });
  const fired: FiredRules = new Map();
  const portable = rewriteGraph(graph, roots, values, fired);
  const kernels = kernelsOf(provider);
  const chosen = provider === "cpu"
    ? rewriteForCpu(portable, await channelBlock(), fired)
    : rewriteForMissing(portable, (key, dtype) => hasKernel(kernels, key, dtype), fired);
  // What is computed once is taken out of a graph before, see frozen_program.ts.
  const isWhole = provider === "cpu" && frozen.size === 0;
  const written = isWhole ? computedByImage(chosen, fired) : chosen;
  if (wantsExplanation()) console.error(explain(graph, chosen, fired));
  const reached = new Set(collectGraph(chosen).leaves);
  const read = inputs.flatMap((input, i) => reached.has(input) ? [i] : []);
  return { inputs, roots: written, read };
}

/** What writes programs for a provider. */
export function writerFor(provider: Provider): GraphWriter {
  const writer = new ProviderWriter(provider);
  writer.carriesNaN = true;
  writer.poolsCarryNaN = writer.sharesNodes = provider === "cpu";
  return writer;
}

/** A graph written as a model. */
export interface WrittenProgram {
  readonly model: Uint8Array<ArrayBuffer>;
  /** Positions of the leaves that are inputs: x0, x1, ... */
  readonly read: readonly number[];
  /** Types of the outputs y0, y1, ... */
  readonly outputs: readonly ArrayType[];
}

/** Writes the program of a graph; inputs are named x0, x1, ..., outputs y0, y1, ... */
export async function writeProgram(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  provider: Provider,
  tables: ByteTables = [],
): Promise<WrittenProgram> {
  const { inputs, roots: chosen, read } = await rewriteFor(provider, graph, roots, tables);
  // What stays on the device is fed as it is.
  const rewritten = keepsOnDevice(provider) ? chosen : chosen.map(beforeReshape);
  const writer = writerFor(provider);
  for (const i of read) writer.input(`x${i}`, inputs[i]);
  lowerGraph(writer, rewritten.map((array, i) => ({ name: `y${i}`, array })));
  const outputs = rewritten.map(({ dtype, shape }) => ({ dtype, shape }));
  return { model: writer.encode(), read, outputs };
}

/** What a last reshape is made from: whoever asked knows the shape, and ONNX Runtime would copy the elements. */
export function beforeReshape(array: LazyArray): LazyArray {
  let source = array;
  while (source.node?.op.name === RESHAPE.name) source = source.node.inputs[0];
  return source;
}
