/**
 * A model that several workers train together. Follows
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { queueCallback } from "../autograd/backward.ts";
import { noGrad } from "../grad_mode.ts";
import { type AnyModule, Module } from "../nn/modules/module.ts";
import type { Tensor } from "../tensor.ts";
import { exchange } from "./collectives.ts";

/** Options of {@linkcode DistributedDataParallel}. */
export interface DistributedDataParallelOptions {
  /** Whether each pass in training begins with rank 0's buffers (running statistics); true unless given. */
  readonly broadcastBuffers?: boolean;
}

const DISTRIBUTED = signature(
  "DistributedDataParallel",
  ["module", kind<AnyModule>("a module", (value) => value instanceof Module)],
  "*",
  ["broadcastBuffers", kinds.boolean, true],
);

/**
 * Wraps a model, in each of the workers that `torch.multiprocessing.spawn` starts: weights begin as rank 0's, and each
 * backward pass averages the gradients over all workers. So a loss that is a mean over a worker's share of the batch
 * trains as one process would with the whole batch. Batch norms see their worker's share only, as in PyTorch.
 *
 * @throws {Error} outside a group of workers
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

  constructor(...given: Call<typeof DISTRIBUTED, DistributedDataParallelOptions, [module: M]>) {
    super();
    const { module, broadcastBuffers } = DISTRIBUTED.read(given);
    this.module = module as M;
    this.broadcastBuffers = broadcastBuffers;
    const trained = [...module.parameters()].filter((parameter) => parameter.requiresGrad);
    if (trained.length === 0) {
      throw new Error(
        "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient.",
      );
    }
    takeFromFirst([...module.parameters(), ...module.buffers()]);
    const averaging = new GradientAveraging(trained);
    for (const parameter of trained) {
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

/** Gradients of the pass that runs, averaged together at its end. */
class GradientAveraging {
  readonly #order: ReadonlyMap<Tensor, number>;
  #reached: Tensor[] = [];
  #paused = 0;

  constructor(parameters: readonly Tensor[]) {
    this.#order = new Map(parameters.map((parameter, i) => [parameter, i]));
  }

  add(parameter: Tensor): void {
    if (this.#paused > 0) return;
    if (this.#reached.length === 0) queueCallback(() => this.#average());
    this.#reached.push(parameter);
  }

  #average(): void {
    const reached = this.#reached;
    this.#reached = [];
    // All workers in one order, whichever their graphs were walked in.
    reached.sort((a, b) => this.#order.get(a)! - this.#order.get(b)!);
    const gradients = reached.map(({ grad }) => grad!);
    const averaged = exchange(
      gradients.map(({ array }) => array),
      (group, values) => group.allReduce(values, "avg"),
    );
    noGrad(() => gradients.forEach((gradient, i) => gradient.array = averaged[i]));
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
