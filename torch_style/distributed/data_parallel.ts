/**
 * A model that several workers train together. Follows
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { queueCallback } from "../autograd/backward.ts";
import { settleLater } from "../autograd/unsettled_gradients.ts";
import { noGrad } from "../grad_mode.ts";
import { type AnyModule, Module } from "../nn/modules/module.ts";
import { zerosLike } from "../creation.ts";
import { Tensor } from "../tensor.ts";
import { exchange } from "./collectives.ts";
import type { ProcessGroup } from "./process_group.ts";

/** Options of {@linkcode DistributedDataParallel}. */
export interface DistributedDataParallelOptions {
  /** Whether each pass in training begins with rank 0's buffers (running statistics); true unless given. */
  readonly broadcastBuffers?: boolean;
  /**
   * Whether the workers' passes may reach different parameters; false unless given. A worker whose pass does not reach a
   * parameter adds nothing to its mean; a parameter that none reaches keeps the gradient that it had, null after
   * `zeroGrad`. Which those are is known when the gradients are: await `optimizer.step()`.
   */
  readonly findUnusedParameters?: boolean;
}

const DISTRIBUTED = signature(
  "DistributedDataParallel",
  ["module", kind<AnyModule>("a module", (value) => value instanceof Module)],
  "*",
  ["broadcastBuffers", kinds.boolean, true],
  ["findUnusedParameters", kinds.boolean, false],
);

/**
 * Wraps a model, in each of the workers that `torch.multiprocessing.spawn` starts: weights begin as rank 0's, and each
 * backward pass averages the gradients over all workers. So a loss that is a mean over a worker's share of the batch
 * trains as one process would with the whole batch. Batch norms see their worker's share only, as in PyTorch.
 *
 * The passes of all workers have to reach the same parameters (but for `findUnusedParameters`), each at least one; those
 * that none reaches stay as they are.
 *
 * @throws {Error} outside a group of workers; later, where gradients are read, if the workers' passes reached different
 * parameters and `findUnusedParameters` is not set
 * @example
 * ```ts no-run
 * import { torch } from "@tandem/tandem";
 *
 * export async function train(rank: number) {
 *   torch.manualSeed(1);
 *   const net = new torch.nn.parallel.DistributedDataParallel(new torch.nn.Linear(8, 2));
 *   const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
 *   const loss = net(torch.randn([16, 8]).add(rank)).square().mean();
 *   loss.backward(); // From here on `grad` is the mean over the workers.
 *   await optimizer.step();
 * }
 *
 * if (import.meta.main) {
 *   await torch.multiprocessing.spawn({ module: import.meta.url, name: "train" }, { nprocs: 2 });
 * }
 * ```
 */
export class DistributedDataParallel<M extends AnyModule>
  extends Module<Parameters<M["forward"]>, ReturnType<M["forward"]>> {
  module: M;
  readonly broadcastBuffers: boolean;
  readonly findUnusedParameters: boolean;

  constructor(...given: Call<typeof DISTRIBUTED, DistributedDataParallelOptions, [module: M]>) {
    super();
    const { module, broadcastBuffers, findUnusedParameters } = DISTRIBUTED.read(given);
    this.module = module as M;
    this.broadcastBuffers = broadcastBuffers;
    this.findUnusedParameters = findUnusedParameters;
    const trained = new Map<Tensor, string>();
    for (const [name, parameter] of module.namedParameters()) {
      if (parameter.requiresGrad) trained.set(parameter, name);
    }
    if (trained.size === 0) {
      throw new Error(
        "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient.",
      );
    }
    takeFromFirst([...module.parameters(), ...module.buffers()]);
    const averaging = new GradientAveraging(trained, findUnusedParameters);
    for (const parameter of trained.keys()) {
      parameter.registerPostAccumulateGradHook((reached) => averaging.add(reached));
    }
    synchronizing.set(this, averaging);
  }

  override forward(...inputs: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const buffers = [...this.module.buffers()];
    if (this.training && this.broadcastBuffers && buffers.length > 0) takeFromFirst(buffers);
    return this.module(...inputs) as ReturnType<M["forward"]>;
  }

  /**
   * Runs a function whose backward passes leave gradients to themselves: all but the last of several micro-batches.
   * The next pass outside averages their sum.
   */
  noSync<T>(run: () => T): T {
    return synchronizing.get(this)!.pausedDuring(run);
  }
}

/** Not a field: a module's fields are looked through for parameters. */
const synchronizing = new WeakMap<object, GradientAveraging>();

/** Gradients of the pass that runs and of those that were left to themselves before it, averaged together at its end. */
class GradientAveraging {
  readonly #names: ReadonlyMap<Tensor, string>;
  readonly #findsUnused: boolean;
  readonly #reached = new Set<Tensor>();
  #isQueued = false;
  #paused = 0;

  /**
   * @param names of the parameters, in an order that all workers have
   * @param findsUnused whether workers may have reached different ones
   */
  constructor(names: ReadonlyMap<Tensor, string>, findsUnused: boolean) {
    this.#names = names;
    this.#findsUnused = findsUnused;
  }

  add(parameter: Tensor): void {
    this.#reached.add(parameter);
    if (this.#paused > 0 || this.#isQueued) return;
    this.#isQueued = true;
    queueCallback(() => this.#average());
  }

  #average(): void {
    // All workers in one order, whichever their graphs were walked in. Gradients may have been set to null since.
    const all = [...this.#names.keys()];
    const reached = all.map((one) => this.#reached.has(one) && one.grad !== null);
    this.#reached.clear();
    this.#isQueued = false;
    const counts = Float32Array.from(reached, Number);
    if (this.#findsUnused) this.#averageAll(all, counts);
    else this.#averageReached(all.filter((_, i) => reached[i]), counts);
  }

  #averageReached(parameters: readonly Tensor[], counts: Float32Array): void {
    const gradients = parameters.map(({ grad }) => grad!);
    const averaged = exchange(
      gradients.map(({ array }) => array),
      (group, values) => {
        this.#refuseOthers(group, counts);
        group.allReduce(values, "avg");
      },
    );
    noGrad(() => gradients.forEach((gradient, i) => gradient.array = averaged[i]));
  }

  /** Each worker adds what it has, or zeros; where none has a gradient, the one before comes back. */
  #averageAll(parameters: readonly Tensor[], counts: Float32Array): void {
    const before = parameters.map(({ grad }) => grad);
    const averaged = exchange(
      before.map((grad, i) => (grad ?? zerosLike(parameters[i])).array),
      (group, values) => {
        group.allReduce(counts, "sum");
        group.allReduce(values, "avg");
      },
    );
    const after = averaged.map((array) => new Tensor(array));
    parameters.forEach((parameter, i) => parameter.grad = after[i]);
    settleLater(averaged[0].inFlight!.then(() => {
      parameters.forEach((parameter, i) => {
        if (counts[i] === 0 && parameter.grad === after[i]) parameter.grad = before[i];
      });
    }));
  }

  /** Values are averaged by their positions: the workers' have to be those of the same parameters. */
  #refuseOthers(group: ProcessGroup, reached: Float32Array): void {
    group.allReduce(reached, "sum");
    const part = reached.findIndex((count) => count !== 0 && count !== group.worldSize);
    if (part < 0) return;
    const name = [...this.#names.values()][part];
    throw new Error(
      `DistributedDataParallel: parameter "${name}" received a gradient in ${
        reached[part]
      } of ${group.worldSize} ` +
        "workers, expected passes of all workers to reach the same parameters " +
        "(or findUnusedParameters: true)",
    );
  }

  pausedDuring<T>(run: () => T): T {
    this.#paused++;
    const resume = () => void this.#paused--;
    let result: T;
    try {
      result = run();
    } catch (error) {
      resume();
      throw error;
    }
    if (result instanceof Promise) return result.finally(resume) as T;
    resume();
    return result;
  }
}

function takeFromFirst(tensors: readonly Tensor[]): void {
  const values = exchange(
    tensors.map(({ array }) => array),
    (group, own) => group.broadcast(own, 0),
  );
  noGrad(() => tensors.forEach((tensor, i) => tensor.array = values[i]));
}
