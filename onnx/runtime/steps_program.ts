/**
 * Several steps made ready to run as one call: ONNX' Loop, with the program of one step as its body, so that what a step hands to
 * the next never leaves the provider's memory.
 * @module
 */
import type * as ort from "onnxruntime-node";
import type { BufferPool } from "./buffer_pool.ts";
import type { PendingGraph } from "../graph.ts";
import { HostBuffer, type LazyArray } from "../lazy_array.ts";
import { lowerInto } from "../export/lowering.ts";
import type { ArrayType } from "../op.ts";
import { type CheckedLeaf, checkedLeaves } from "../ops/index_range.ts";
import {
  beforeReshape,
  type ByteTables,
  releaseProgram,
  rewriteFor,
  runChecks,
  threadsFor,
  writerFor,
} from "./program.ts";
import { fedBuffer, feedOf, Fetches, leafFeed, outputLocationsOf, tensorOver } from "./tensors.ts";
import type { ProgramSession } from "./in_place_session.ts";
import {
  deviceFailure,
  openPlaced,
  type PlacedSession,
  type Provider,
} from "../providers/provider.ts";
import { type Placement, ROUNDS } from "../providers/mod.ts";
import { sizeOf } from "../shape.ts";
import type { StepGroup, StepPlan } from "./step_group.ts";

/** What a loop of steps is made of. */
interface Layout {
  readonly plan: StepPlan;
  /** Positions of leaves that are fed. */
  readonly fed: readonly number[];
  /** Types of the roots, for one step. */
  readonly outputs: readonly ArrayType[];
  /** Which roots are handed to the next step; of the others there is a value a step. */
  readonly carried: ReadonlySet<number>;
  readonly checked: readonly CheckedLeaf[];
}

/** A compiled loop over steps of one structure, for any number of them. */
export class StepsProgram {
  readonly #session: ProgramSession;
  readonly #layout: Layout;
  readonly #provider: Provider;
  /** What the provider leaves to the CPU. */
  readonly placement: Placement;

  private constructor(
    provider: Provider,
    { session, placement }: PlacedSession,
    layout: Layout,
    /** How many threads its session keeps for itself. */
    readonly ownThreads: number,
    /** Milliseconds it took to rewrite, write and open. */
    readonly compileMs: number,
  ) {
    this.#provider = provider;
    this.#session = session;
    this.placement = placement;
    this.#layout = layout;
  }

  /** Compiles the loop over a step for a provider. */
  static async compile(
    graph: PendingGraph,
    roots: readonly LazyArray[],
    plan: StepPlan,
    provider: Provider,
    strict = false,
    tables: ByteTables = [],
  ): Promise<StepsProgram> {
    const begin = performance.now();
    const { model, layout } = await writeSteps(graph, roots, plan, provider, tables);
    const threads = threadsFor(graph);
    const { outputs, carried } = layout;
    // Those of which there is one a step are read.
    const carriedOnly = outputs.flatMap((type, i) =>
      carried.has(i) ? [[`y${i}`, type] as const] : []
    );
    const outputLocations = outputLocationsOf(provider, carriedOnly);
    const placed = await openPlaced(model, provider, { threads, strict, outputLocations });
    return new StepsProgram(provider, placed, layout, threads - 1, performance.now() - begin);
  }

  /**
   * Runs a group's steps and puts their results in place.
   *
   * @throws {RangeError} naming an index that is out of range, {@linkcode OnnxRuntimeError} if ONNX Runtime fails
   */
  async run({ steps }: StepGroup, pool: BufferPool): Promise<void> {
    const { plan, fed, outputs, carried, checked } = this.#layout;
    for (const { leaves } of steps) await runChecks(checked, leaves);
    const count = steps.length;
    const rounds = { dtype: "int64", shape: [] } as const;
    const feeds: Record<string, ort.Tensor> = {
      [ROUNDS]: tensorOver(new HostBuffer(BigInt64Array.of(BigInt(count))), rounds),
    };
    const taken: [ArrayType, HostBuffer][] = [];
    for (const i of fed) {
      const leaf = steps[0].leaves[i];
      if (plan.perStep[i]) {
        const type = stacked(fedBuffer(this.#provider, leaf)[1], count);
        const buffer = pool.take(type.dtype, sizeOf(type.shape));
        taken.push([type, buffer]);
        for (const [step, { leaves }] of steps.entries()) {
          await leaves[i].download();
          const [{ data }] = fedBuffer(this.#provider, leaves[i]);
          buffer.data.set(data as never, step * leaf.size);
        }
        feeds[`x${i}`] = feedOf(this.#provider, buffer, type);
      } else feeds[`x${i}`] = await leafFeed(this.#provider, leaf);
    }
    const fetched = new Fetches(this.#provider, pool);
    const place = outputs.map((type, i): (array: LazyArray, step: number) => void => {
      if (carried.has(i)) {
        const last = fetched.add(`y${i}`, type);
        return (array, step) => step === count - 1 ? last(array) : array.passOver();
      }
      const whole = fetched.take(`y${i}`, stacked(type, count));
      taken.push([type, whole]);
      return (array, step) => {
        const part = whole.data.slice(step * array.size, (step + 1) * array.size);
        array.resolve(new HostBuffer(part));
      };
    });
    try {
      await fetched.run(this.#session, feeds);
    } catch (error) {
      throw deviceFailure(this.#provider, error, outputs);
    }
    steps.forEach(({ outputs: arrays }, step) => {
      arrays.forEach((array, i) => place[i](array, step));
    });
    for (const [{ dtype }, buffer] of taken) pool.give(dtype, buffer);
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await releaseProgram(this.#provider, this.#session);
  }
}

/** One value a step. */
function stacked({ dtype, shape }: ArrayType, count: number): ArrayType {
  return { dtype, shape: [count, ...shape] };
}

/** Writes the loop; inputs are named x0, x1, ..., outputs y0, y1, ... as those of one step. */
async function writeSteps(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  plan: StepPlan,
  provider: Provider,
  tables: ByteTables,
) {
  const { inputs, roots: rewritten, read } = await rewriteFor(provider, graph, roots, tables);
  const carriedInto = inputs.flatMap((_, i) => plan.carriedFrom[i] === undefined ? [] : [i]);
  const carried = new Set(carriedInto.map((leaf) => plan.carriedFrom[leaf]!));
  // A round gets what is carried in the shape that the round before gave it.
  const results = rewritten.map((root, i) => carried.has(i) ? root : beforeReshape(root));
  const fed = inputs.flatMap((_, i) => read.includes(i) || carriedInto.includes(i) ? [i] : []);
  const writer = writerFor(provider);
  writer.count(ROUNDS);
  for (const i of fed) {
    const type = inputs[i];
    writer.input(`x${i}`, type, plan.perStep[i] ? [ROUNDS, ...type.shape] : type.shape);
  }
  const loopInputs = carriedInto.map((i) => ({ name: `x${i}`, type: inputs[i] }));
  const separate = results.flatMap((_, i) => carried.has(i) ? [] : [i]);
  const written = writer.loop(ROUNDS, loopInputs, {
    write(round, before) {
      carriedInto.forEach((i, at) => rename(inputs[i], before[at]));
      for (const i of fed) {
        if (plan.perStep[i]) rename(inputs[i], writer.node("Gather", [`x${i}`, round]));
      }
      const name = (i: number) => `r${i}`;
      lowerInto(writer, results.map((array, i) => ({ name: name(i), array })));
      const value = (i: number, as = name(i)) => ({ name: as, type: results[i] });
      const next = carriedInto.map((leaf, at) => {
        const root = plan.carriedFrom[leaf]!;
        // A body names each of its outputs once.
        const isFirst = carriedInto.findIndex((l) => plan.carriedFrom[l] === root) === at;
        return isFirst ? value(root) : value(root, writer.node("Identity", [name(root)]));
      });
      return [...next, ...separate.map((i) => value(i))];
    },
  });
  carried.forEach((root) => {
    const at = carriedInto.findIndex((leaf) => plan.carriedFrom[leaf] === root);
    writer.nameOutput(written[at], `y${root}`);
    writer.output(`y${root}`, results[root]);
  });
  separate.forEach((root, at) => {
    writer.nameOutput(written[carriedInto.length + at], `y${root}`);
    writer.output(`y${root}`, results[root], [ROUNDS, ...results[root].shape]);
  });
  const outputs = results.map(({ dtype, shape }) => ({ dtype, shape }));
  const layout: Layout = { plan, fed, outputs, carried, checked: checkedLeaves(graph) };
  return { model: writer.encode(), layout };
}

/** Within a body a leaf is called otherwise than outside. */
function rename(leaf: LazyArray, name: string): void {
  leaf.placeholder = { name };
}
