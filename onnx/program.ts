/**
 * A graph made ready to run: rewritten, written as ONNX, opened as a session.
 * @module
 */
import * as ort from "onnxruntime-node";
import type { BufferPool } from "./buffer_pool.ts";
import { countGraphFlops } from "./flops.ts";
import { collectGraph, type PendingGraph } from "./graph.ts";
import { GraphWriter } from "./graph_writer.ts";
import { type HostBuffer, type LazyArray, placeholder } from "./lazy_array.ts";
import { lowerGraph } from "./lowering.ts";
import type { ArrayType } from "./op.ts";
import { RESHAPE } from "./ops/broadcast.ts";
import { type CheckedLeaf, checkedLeaves } from "./ops/index_range.ts";
import { openSession, type Provider, threadLimit } from "./provider.ts";
import { type Placement, placeOf, ProviderWriter, storedType, storedValues } from "./providers/mod.ts";
import { channelBlock } from "./rewrite/cpu/channel_block.ts";
import { explain, wantsExplanation } from "./rewrite/explain.ts";
import { type FiredRules, rewriteForCpu, rewriteGraph } from "./rewrite/mod.ts";
import { runSession } from "./session.ts";

/** A compiled graph. Its inputs are the graph's leaves in order, its outputs the roots in order, maybe in another shape. */
export class Program {
  readonly #session: ort.InferenceSession;
  readonly #outputs: readonly ArrayType[];
  /** Positions of leaves that the rewritten graph still reads. */
  readonly #read: readonly number[];
  readonly #checked: readonly CheckedLeaf[];
  /** How many threads its session keeps for itself. */
  readonly ownThreads: number;
  /** Milliseconds it took to rewrite, write and open. */
  readonly compileMs: number;

  private constructor(
    session: ort.InferenceSession,
    outputs: readonly ArrayType[],
    read: readonly number[],
    checked: readonly CheckedLeaf[],
    ownThreads: number,
    compileMs: number,
  ) {
    this.#session = session;
    this.#outputs = outputs;
    this.#read = read;
    this.#checked = checked;
    this.ownThreads = ownThreads;
    this.compileMs = compileMs;
  }

  /** Compiles a collected graph for a provider. Inputs are its leaves, outputs the `roots`. */
  static async compile(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    provider: Provider,
  ): Promise<Program> {
    const begin = performance.now();
    const { model, read, outputs } = await writeProgram(graph, roots, provider);
    const threads = threadsFor(graph);
    const session = await openSession(model, provider, { threads });
    const compileMs = performance.now() - begin;
    return new Program(session, outputs, read, checkedLeaves(graph), threads - 1, compileMs);
  }

  /**
   * Runs the graph on the leaves' values; results are written into buffers of the pool.
   *
   * @throws {RangeError} naming an index that is out of range, {@linkcode OnnxRuntimeError} if ONNX Runtime fails
   */
  async run(leaves: readonly LazyArray[], pool: BufferPool): Promise<HostBuffer[]> {
    for (const { leaf, check } of this.#checked) check(leaves[leaf].buffer.data);
    const feeds: Record<string, ort.Tensor> = {};
    for (const i of this.#read) feeds[`x${i}`] = tensorOver(leaves[i].buffer, leaves[i]);
    const fetches: Record<string, ort.Tensor> = {};
    const buffers = this.#outputs.map((type, i) => {
      const buffer = pool.take(type.dtype, type.shape.reduce((a, b) => a * b, 1));
      fetches[`y${i}`] = tensorOver(buffer, type);
      return buffer;
    });
    await runSession(this.#session, feeds, fetches);
    return buffers;
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await this.#session.release();
  }
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

/** A graph as a provider computes it. */
export interface RewrittenGraph {
  /** Placeholders in the leaves' places. */
  readonly inputs: readonly LazyArray[];
  readonly roots: readonly LazyArray[];
  /** Positions of leaves that are still read. */
  readonly read: readonly number[];
}

/** Rewrites a graph for a provider; inputs are named x0, x1, ... */
export async function rewriteFor(
  provider: Provider,
  graph: PendingGraph,
  roots: readonly LazyArray[],
): Promise<RewrittenGraph> {
  const inputs = graph.leaves.map((leaf, i) => placeholder(`x${i}`, leaf.dtype, leaf.shape));
  const fired: FiredRules = new Map();
  const portable = rewriteGraph(graph, roots, inputs, fired);
  const chosen = provider === "cpu"
    ? rewriteForCpu(portable, await channelBlock(), fired)
    : portable;
  if (wantsExplanation()) console.error(explain(graph, chosen, fired));
  const reached = new Set(collectGraph(chosen).leaves);
  const read = inputs.flatMap((input, i) => reached.has(input) ? [i] : []);
  return { inputs, roots: chosen, read };
}

/** What writes programs for a provider. */
export function writerFor(provider: Provider): GraphWriter {
  const writer = provider === "cpu" ? new GraphWriter() : new ProviderWriter(provider);
  writer.carriesNaN = provider === "cpu";
  return writer;
}

/** Writes the program of a graph; inputs are named x0, x1, ..., outputs y0, y1, ... */
async function writeProgram(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  provider: Provider,
) {
  const { inputs, roots: chosen, read } = await rewriteFor(provider, graph, roots);
  const rewritten = chosen.map(beforeReshape);
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

/** A tensor of ONNX Runtime over a buffer, not copied. */
export function tensorOver(buffer: HostBuffer, { dtype, shape }: ArrayType): ort.Tensor {
  const tensor = new ort.Tensor(dtype as "float32", buffer.data as Float32Array, shape);
  if (dtype !== "float16") return tensor;
  // onnxruntime-node 1.30 takes a Float16Array for an empty one; its bits in a Uint16Array it understands.
  const { buffer: bytes, byteOffset, length } = buffer.data;
  return Object.defineProperty(tensor, "data", {
    value: new Uint16Array(bytes, byteOffset, length),
  });
}
