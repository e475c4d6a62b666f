/**
 * Threads that compute recorded graphs at the same time, each with processor cores of its own: what data-parallel training needs of
 * the engine. A graph is written once and sent to a worker once; values lie in memory that all threads see.
 * @module
 */
import { Worker } from "node:worker_threads";
import { createStorage, type TypedArray } from "../dtype.ts";
import type { PendingGraph } from "../graph.ts";
import { HostBuffer, type LazyArray } from "../lazy_array.ts";
import { OnnxRuntimeError } from "./onnx_runtime_error.ts";
import { checkedLeaves } from "../ops/index_range.ts";
import { writeProgram, type WrittenProgram } from "./program.ts";
import type { SharedTensor, WorkerReply, WorkerRequest } from "./program_worker.ts";

interface SentProgram extends WrittenProgram {
  readonly id: number;
}

/** Workers, numbered from 0. They end with the program, or when disposed. */
export class ProgramWorkers implements Disposable {
  readonly #workers: readonly ProgramWorker[];
  readonly #programs = new WeakMap<PendingGraph, Promise<SentProgram>>();
  /** Values that lie in shared memory already: weights are the same for all workers. */
  readonly #shared = new WeakMap<LazyArray, TypedArray>();
  /** Programs of graphs that are gone are closed. */
  readonly #gone = new FinalizationRegistry<number>((id) => {
    for (const worker of this.#workers) worker.close(id);
  });
  #written = 0;

  /**
   * @param count how many workers
   * @param threads how many threads each computes on
   */
  constructor(readonly count: number, readonly threads: number) {
    this.#workers = Array.from({ length: count }, () => new ProgramWorker(threads));
  }

  /**
   * Computes a recorded graph in a worker, on these leaves, which may still be on their way.
   *
   * @param outputs arrays that get the values of the roots
   * @throws {OnnxRuntimeError} if ONNX Runtime fails, {@linkcode Error} if the worker does
   */
  async run(
    worker: number,
    graph: PendingGraph,
    roots: readonly LazyArray[],
    leaves: readonly LazyArray[],
    outputs: readonly LazyArray[],
  ): Promise<void> {
    await Promise.all(leaves.map((leaf) => leaf.inFlight));
    for (const { leaf, check } of checkedLeaves(graph)) check(leaves[leaf].buffer.data);
    const program = await this.#program(graph, roots);
    const feeds = program.read.map((i) => ({
      name: `x${i}`,
      dtype: leaves[i].dtype,
      shape: leaves[i].shape,
      data: this.#sharedValues(leaves[i]),
    }));
    const fetches = program.outputs.map(({ dtype, shape }, i) => ({
      name: `y${i}`,
      ...{ dtype, shape },
      data: sharedStorage(outputs[i]),
    }));
    await this.#workers[worker].run(program, feeds, fetches);
    outputs.forEach((output, i) => output.resolve(new HostBuffer(fetches[i].data.slice())));
  }

  #program(graph: PendingGraph, roots: readonly LazyArray[]): Promise<SentProgram> {
    let program = this.#programs.get(graph);
    if (!program) {
      const id = this.#written++;
      program = writeProgram(graph, roots, "cpu").then((written) => ({ ...written, id }));
      this.#programs.set(graph, program);
      this.#gone.register(graph, id);
    }
    return program;
  }

  #sharedValues(array: LazyArray): TypedArray {
    let shared = this.#shared.get(array);
    if (!shared) {
      shared = sharedStorage(array);
      shared.set(array.buffer.data as never);
      this.#shared.set(array, shared);
    }
    return shared;
  }

  /** Ends the workers; what they compute is lost. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.end("was ended");
  }
}

function sharedStorage({ dtype, size }: LazyArray): TypedArray {
  const { BYTES_PER_ELEMENT, constructor } = createStorage(dtype, 0);
  const Storage = constructor as new (memory: SharedArrayBuffer) => TypedArray;
  return new Storage(new SharedArrayBuffer(size * BYTES_PER_ELEMENT));
}

class ProgramWorker {
  readonly #worker: Worker;
  readonly #opened = new Set<number>();
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  #calls = 0;
  #ended: string | null = null;

  constructor(threads: number) {
    this.#worker = new Worker(new URL("./program_worker.ts", import.meta.url));
    this.#worker.on("message", ({ call, error }: WorkerReply) => {
      const waiting = this.#waiting.get(call)!;
      this.#waiting.delete(call);
      this.#holdProgram();
      if (error === null) waiting.resolve();
      else waiting.reject(new OnnxRuntimeError(error));
    });
    this.#worker.on("error", (error: Error) => this.end(`failed: ${error.message}`));
    this.#worker.unref();
    this.#post({ kind: "threads", threads });
  }

  run(
    { id, model }: SentProgram,
    feeds: readonly SharedTensor[],
    fetches: readonly SharedTensor[],
  ): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#failure());
    if (!this.#opened.has(id)) this.#post({ kind: "open", program: id, model });
    this.#opened.add(id);
    const call = this.#calls++;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.set(call, waiting);
    this.#holdProgram();
    this.#post({ kind: "run", call, program: id, feeds, fetches });
    return waiting.promise;
  }

  /** Frees a program, once it is not computing. */
  close(id: number): void {
    if (this.#opened.delete(id) && this.#ended === null) this.#post({ kind: "close", program: id });
  }

  /** An idle worker does not keep the program from ending. */
  #holdProgram(): void {
    if (this.#waiting.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  end(why: string): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(this.#failure());
    this.#waiting.clear();
    this.#worker.terminate();
  }

  #failure(): Error {
    return new Error(`a worker ${this.#ended}`);
  }
}
