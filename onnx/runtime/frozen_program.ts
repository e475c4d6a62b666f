/**
 * A graph whose weights do not change between calls: what follows from them alone, such as filters in the order that the kernels
 * read them in, is computed once and lies beside them until they change.
 * @module
 */
import type * as ort from "onnxruntime-node";
import type { BufferPool } from "./buffer_pool.ts";
import { lowerGraph } from "../export/lowering.ts";
import { collectGraph, type PendingGraph } from "../graph.ts";
import { fromBuffer, type LazyArray } from "../lazy_array.ts";
import type { ArrayType } from "../op.ts";
import { type CheckedLeaf, checkedLeaves } from "../ops/index_range.ts";
import { openPlaced } from "../providers/provider.ts";
import { computedByImage } from "../rewrite/cpu/by_image.ts";
import { splitFrozen } from "../rewrite/frozen.ts";
import { sizeOf } from "../shape.ts";
import type { ProgramSession } from "./in_place_session.ts";
import { beforeReshape, rewriteFor, runChecks, threadsFor, writerFor } from "./program.ts";
import { Fetches, tensorOver } from "./tensors.ts";

/** What is computed beforehand may take so many times the memory of what it is computed from. */
const MOST_GROWTH = 2;

/** An array that every call is fed: a leaf as it is, under whatever shape, or one that was computed beforehand. */
interface Fed {
  readonly name: string;
  readonly type: ArrayType;
  readonly from: { readonly leaf: number } | { readonly prepared: number };
}

interface Plan {
  /** Computes what is prepared, p0, p1, ..., from leaves x0, x1, ... */
  readonly preparation: Uint8Array<ArrayBuffer>;
  readonly prepared: readonly ArrayType[];
  /** Positions of leaves that the preparation reads. */
  readonly preparedFrom: readonly number[];
  readonly fed: readonly Fed[];
  readonly outputs: readonly ArrayType[];
  readonly checked: readonly CheckedLeaf[];
  readonly threads: number;
}

/** A graph compiled for frozen leaves, on the CPU. */
export class FrozenProgram {
  #prepared: LazyArray[] = [];

  private constructor(
    readonly plan: Plan,
    readonly session: ProgramSession,
    /** Milliseconds it took to rewrite, write and open. */
    readonly compileMs: number,
  ) {}

  /**
   * Compiles a collected graph.
   *
   * @param frozen positions of leaves that are the same arrays at every call
   * @returns null where nothing follows from those alone
   */
  static async compile(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    frozen: ReadonlySet<number>,
  ): Promise<FrozenProgram | null> {
    const begin = performance.now();
    const written = await write(graph, roots, frozen);
    if (!written) return null;
    const { model, plan } = written;
    const { session } = await openPlaced(model, "cpu", { threads: plan.threads });
    return new FrozenProgram(plan, session, performance.now() - begin);
  }

  /** Positions of the leaves from which something was computed beforehand: another array at one of them asks for {@linkcode FrozenProgram.prepare}. */
  get frozen(): readonly number[] {
    return this.plan.preparedFrom;
  }

  /** Computes what follows from these leaves alone, into buffers of the pool. */
  async prepare(leaves: readonly LazyArray[], pool: BufferPool): Promise<void> {
    this.forget(pool);
    const { preparation, prepared, preparedFrom, threads } = this.plan;
    const feeds: Record<string, ort.Tensor> = {};
    for (const i of preparedFrom) {
      await leaves[i].download();
      feeds[`x${i}`] = tensorOver(leaves[i].buffer, leaves[i]);
    }
    const fetched = new Fetches("cpu", pool);
    const buffers = prepared.map((type, i) => fetched.take(`p${i}`, type));
    // Opened anew each time: its memory and threads are not needed in between.
    const { session } = await openPlaced(preparation, "cpu", { threads });
    try {
      await fetched.run(session, feeds);
    } finally {
      await session.release();
    }
    this.#prepared = buffers.map((buffer, i) => {
      const { shape, dtype } = prepared[i];
      return fromBuffer(buffer, shape, dtype);
    });
  }

  /** Gives back the memory of what was computed beforehand. */
  forget(pool: BufferPool): void {
    for (const array of this.#prepared) pool.giveArray(array);
    this.#prepared = [];
  }

  /** Runs the graph on leaves that have the prepared ones among them; results lie in buffers of the pool. */
  async run(
    leaves: readonly LazyArray[],
    outputs: readonly LazyArray[],
    pool: BufferPool,
  ): Promise<void> {
    const { plan } = this;
    await runChecks(plan.checked, leaves);
    const feeds: Record<string, ort.Tensor> = {};
    for (const { name, type, from } of plan.fed) {
      const array = "leaf" in from ? leaves[from.leaf] : this.#prepared[from.prepared];
      await array.download();
      feeds[name] = tensorOver(array.buffer, type);
    }
    const fetched = new Fetches("cpu", pool);
    const placed = plan.outputs.map((type, i) => fetched.add(`y${i}`, type));
    await fetched.run(this.session, feeds);
    outputs.forEach((output, i) => placed[i](output));
  }

  /** Frees the session, and the memory of what was computed beforehand. */
  async release(pool: BufferPool): Promise<void> {
    this.forget(pool);
    await this.session.release();
  }
}

async function write(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  frozen: ReadonlySet<number>,
): Promise<{ model: Uint8Array<ArrayBuffer>; plan: Plan } | null> {
  const { inputs, roots: chosen, read } = await rewriteFor("cpu", graph, roots, [], frozen);
  const split = splitFrozen(chosen);
  const positions = new Map(inputs.map((input, i) => [input, i]));
  const prepared: LazyArray[] = [];
  const fed = split.values.map((value, i): Fed => {
    const type = { dtype: value.dtype, shape: value.shape };
    // What is only seen under another shape is fed as it lies.
    const source = beforeReshape(value);
    const leaf = positions.get(source);
    const from = leaf === undefined ? { prepared: prepared.push(source) - 1 } : { leaf };
    return { name: `f${i}`, type, from };
  });
  const reached = new Set(collectGraph(prepared).leaves);
  const preparedFrom = read.filter((i) => reached.has(inputs[i]));
  if (preparedFrom.length === 0 || outgrows(prepared, preparedFrom.map((i) => inputs[i]))) {
    return null;
  }
  const preparation = writerFor("cpu");
  for (const i of preparedFrom) preparation.input(`x${i}`, inputs[i]);
  lowerGraph(preparation, prepared.map((array, i) => ({ name: `p${i}`, array })));

  const outputs = computedByImage(split.roots).map(beforeReshape);
  const fedWhole = new Set(collectGraph(outputs).leaves);
  const others = inputs.flatMap((type, leaf): Fed[] =>
    fedWhole.has(type) ? [{ name: `x${leaf}`, type, from: { leaf } }] : []
  );
  const writer = writerFor("cpu");
  for (const { name, type } of [...others, ...fed]) writer.input(name, type);
  lowerGraph(writer, outputs.map((array, i) => ({ name: `y${i}`, array })));
  return {
    model: writer.encode(),
    plan: {
      preparation: preparation.encode(),
      prepared: prepared.map(typeOf),
      preparedFrom,
      fed: [...others.map((one) => ({ ...one, type: typeOf(one.type) })), ...fed],
      outputs: outputs.map(typeOf),
      checked: checkedLeaves(graph),
      threads: threadsFor(graph),
    },
  };
}

const typeOf = ({ dtype, shape }: ArrayType): ArrayType => ({ dtype, shape });

function outgrows(prepared: readonly ArrayType[], from: readonly ArrayType[]): boolean {
  const elements = (arrays: readonly ArrayType[]) =>
    arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return elements(prepared) > MOST_GROWTH * elements(from);
}
