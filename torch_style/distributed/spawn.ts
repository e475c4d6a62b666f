/**
 * Several workers that run one function. Follows https://docs.pytorch.org/docs/stable/multiprocessing.html#spawning-subprocesses
 * @module
 */
import { threadLimit } from "../../onnx/mod.ts";
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { announceFailure, groupPlaces } from "./process_group.ts";
import type { SpawnReply, SpawnRequest } from "./spawn_worker.ts";

/** A function by the module that exports it: workers share no code with who starts them. */
export interface WorkerFunction {
  /** The module's URL: `import.meta.url`, where the function stands in the same file. */
  readonly module: string;
  /** The name it is exported by; called with the worker's rank, then `args`. */
  readonly name: string;
}

/** Options of {@linkcode spawn}. */
export interface SpawnOptions {
  /** What the function is called with behind the rank; anything that `postMessage` can send. */
  readonly args?: readonly unknown[];
  /** How many workers; 1 unless given. */
  readonly nprocs?: number;
  /** How many threads each computes on; the machine's divided among them unless given. */
  readonly threads?: number;
}

const SPAWN = signature(
  "spawn",
  [
    "fn",
    kind<WorkerFunction>(
      "{ module, name }, a function by the module that exports it",
      (value) =>
        typeof value === "object" && value !== null && "module" in value && "name" in value,
    ),
  ],
  ["args", kind<readonly unknown[]>("an array", Array.isArray), []],
  ["nprocs", kinds.integer, 1],
  "*",
  ["threads", kinds.integer, undefined],
);

/**
 * Runs a function in `nprocs` workers, threads of this process, that form a group: in them `torch.distributed` is
 * there, and `nn.parallel.DistributedDataParallel` averages gradients over all of them. One that fails ends all.
 *
 * @returns what the function gave in each worker, by rank; what `postMessage` cannot send is an error
 * @throws {Error} the first failure, with the rank of the worker
 * @example
 * ```ts no-run
 * import { torch } from "@tandem/tandem";
 *
 * export async function train(rank: number, epochs: number): Promise<number> {
 *   const net = new torch.nn.parallel.DistributedDataParallel(new torch.nn.Linear(8, 2));
 *   console.log(`${rank} of ${torch.distributed.getWorldSize()}: ${epochs} epochs`);
 *   return await net(torch.ones([4, 8])).sum().item();
 * }
 *
 * if (import.meta.main) {
 *   await torch.multiprocessing.spawn({ module: import.meta.url, name: "train" }, [5], 2);
 * }
 * ```
 */
export async function spawn(
  ...given: Call<typeof SPAWN, SpawnOptions, [fn: WorkerFunction]>
): Promise<unknown[]> {
  const { fn, args, nprocs, threads = Math.max(1, Math.floor(threadLimit() / nprocs)) } = SPAWN
    .read(given);
  if (nprocs < 1 || nprocs > 1024) {
    throw new Error(`spawn: nprocs is ${nprocs}, expected 1 to 1,024 workers`);
  }
  if (threads < 1) throw new Error(`spawn: threads is ${threads}, expected at least 1`);
  const workers = groupPlaces(nprocs).map((place) =>
    new SpawnedWorker({ module: fn.module, name: fn.name, args, threads, place })
  );
  try {
    return await Promise.all(workers.map(({ result }) => result));
  } finally {
    for (const worker of workers) worker.end();
  }
}

class SpawnedWorker {
  readonly result: Promise<unknown>;
  readonly #worker: Worker;

  constructor(request: SpawnRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.result = promise;
    const fail = (message: string) => {
      reject(new Error(`worker ${request.place.rank} failed: ${message}`));
      announceFailure(request.place, request.place.rank);
    };
    this.#worker = new Worker(new URL("./spawn_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<SpawnReply>) => {
      if (data.kind === "done") resolve(data.result);
      else fail(data.message);
    };
    this.#worker.onerror = (event) => {
      // Else the whole program would end with the worker.
      event.preventDefault();
      fail(event.message || "it ended unexpectedly");
    };
    this.#worker.postMessage(request);
  }

  end(): void {
    this.#worker.terminate();
  }
}
