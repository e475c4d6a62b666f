/**
 * The program of a worker: makes its dataset, then batches as they are asked for.
 * @module
 */
import { type Dataset, hasValues, itemsOf, type IterableDataset } from "./dataset.ts";
import { defaultCollate } from "./collate.ts";
import { flatten, type WorkerReply, type WorkerRequest } from "./worker_messages.ts";
import { manualSeed } from "../random.ts";
import { exportOf } from "../module_export.ts";
import { setWorkerInfo } from "./worker_info.ts";

interface WorkerScope {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage(reply: WorkerReply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
let dataset: Dataset | IterableDataset;
let samples: AsyncIterator<unknown> | Iterator<unknown> | undefined;
/** Requests are answered one after the other, in order. */
let queue = Promise.resolve();

scope.onmessage = ({ data }) => {
  queue = queue.then(() => answer(data)).catch((error) =>
    scope.postMessage({
      kind: "error",
      message: error instanceof Error ? error.message : String(error),
    })
  );
};

async function answer(request: WorkerRequest): Promise<void> {
  if (request.kind === "open") {
    const { id, workers, seed, source, initFn } = request;
    setWorkerInfo({ id, numWorkers: workers, seed });
    manualSeed(seed);
    if (initFn !== undefined) await (await exportOf(source.module, initFn))(id);
    dataset = await openDataset(source);
    return;
  }
  if (!dataset) throw new Error("the dataset could not be made");
  const batch = request.kind === "batch"
    ? itemsOf(dataset as Dataset, Int32Array.from(request.indices))
    : await nextBatch(request.size, request.dropLast);
  if (!batch) return scope.postMessage({ kind: "end" });
  const [plain, memory] = await flatten(batch);
  scope.postMessage({ kind: "batch", batch: plain }, memory);
}

async function openDataset(
  { module, name, args = [] }: { module: string; name: string; args?: readonly unknown[] },
): Promise<Dataset | IterableDataset> {
  return await (await exportOf(module, name))(...args) as Dataset | IterableDataset;
}

async function nextBatch(size: number, dropLast: boolean): Promise<unknown> {
  if (hasValues(dataset)) {
    throw new Error("a dataset with values was expected to be asked by number");
  }
  samples ??= Symbol.asyncIterator in dataset
    ? dataset[Symbol.asyncIterator]()
    : dataset[Symbol.iterator]();
  const batch: unknown[] = [];
  while (batch.length < size) {
    const { done, value } = await samples.next();
    if (done) break;
    batch.push(value);
  }
  if (batch.length === 0 || (dropLast && batch.length < size)) return undefined;
  return defaultCollate(batch);
}
