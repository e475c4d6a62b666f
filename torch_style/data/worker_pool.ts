/**
 * Workers that make batches ahead of time, and hand them over in order.
 * @module
 */
import {
  unflatten,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSource,
} from "./worker_messages.ts";

/** A request and what it is about, for the message of a failure. */
interface Task {
  readonly request: WorkerRequest;
  readonly about: string;
}

/** What the workers of a pass start with. */
export interface WorkerStart {
  /** Worker i's random numbers start from seed + i. */
  readonly seed: number;
  /** Name of the function that each worker calls first. */
  readonly initFn?: string;
}

/** One worker: answers come in the order of the requests. */
class DataWorker {
  readonly #worker: Worker;
  readonly #waiting: { task: Task; pending: PromiseWithResolvers<unknown> }[] = [];
  #failure: Error | undefined;

  constructor(
    readonly id: number,
    workers: number,
    source: WorkerSource,
    { seed, initFn }: WorkerStart,
  ) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      // Else the whole program would end with the worker.
      event.preventDefault();
      this.#fail(event.message || "it ended unexpectedly");
    };
    const own = (seed + id) % 2 ** 32;
    this.#worker.postMessage(
      { kind: "open", source, id, workers, seed: own, initFn } satisfies WorkerRequest,
    );
  }

  ask(task: Task): Promise<unknown> {
    const pending = Promise.withResolvers<unknown>();
    // Whoever takes the batch sees the failure; batches that nobody takes any more do not matter.
    pending.promise.catch(() => {});
    if (this.#failure) pending.reject(this.#failure);
    else {
      this.#waiting.push({ task, pending });
      this.#worker.postMessage(task.request);
    }
    return pending.promise;
  }

  #receive(reply: WorkerReply): void {
    if (reply.kind === "error") return this.#fail(reply.message);
    const first = this.#waiting.shift();
    first?.pending.resolve(reply.kind === "batch" ? unflatten(reply.batch) : undefined);
  }

  #fail(message: string): void {
    const about = this.#waiting[0]?.task.about ?? "no batch";
    this.#failure = new Error(`DataLoader worker ${this.id} failed at ${about}: ${message}`);
    for (const { pending } of this.#waiting.splice(0)) pending.reject(this.#failure);
    this.end();
  }

  end(): void {
    this.#worker.terminate();
  }
}

/** Several workers; batch k comes from worker k modulo their number. Ended by `using`. */
export class WorkerPool implements Disposable {
  readonly #workers: DataWorker[];

  constructor(count: number, source: WorkerSource, start: WorkerStart) {
    this.#workers = Array.from(
      { length: count },
      (_, id) => new DataWorker(id, count, source, start),
    );
  }

  /** Batches of samples by number, in order, `ahead` of them in the making in each worker. */
  async *byNumber(
    batches: Iterable<readonly number[]>,
    ahead: number,
  ): AsyncGenerator<unknown> {
    const waiting: Promise<unknown>[] = [];
    let next = 0;
    for (const indices of batches) {
      const about = `samples [${indices.slice(0, 8).join(", ")}${
        indices.length > 8 ? ", ..." : ""
      }]`;
      const worker = this.#workers[next++ % this.#workers.length];
      waiting.push(worker.ask({ request: { kind: "batch", indices }, about }));
      if (waiting.length >= ahead * this.#workers.length) yield await waiting.shift();
    }
    for (const batch of waiting) yield await batch;
  }

  /** Batches of each worker's own stream of samples, by turns, until all have ended. */
  async *inTurn(size: number, dropLast: boolean, ahead: number): AsyncGenerator<unknown> {
    const ask = (worker: DataWorker) =>
      worker.ask({ request: { kind: "next", size, dropLast }, about: "its next batch" });
    let streams = this.#workers.map((worker) => ({
      worker,
      waiting: Array.from({ length: ahead }, () => ask(worker)),
    }));
    while (streams.length > 0) {
      const ended = new Set<DataWorker>();
      for (const { worker, waiting } of streams) {
        const batch = await waiting.shift()!;
        if (!batch) ended.add(worker);
        else {
          waiting.push(ask(worker));
          yield batch;
        }
      }
      streams = streams.filter(({ worker }) => !ended.has(worker));
    }
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.end();
  }
}
