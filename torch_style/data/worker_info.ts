/**
 * Lets a dataset know in which worker it is.
 * @module
 */

/** Which worker of how many. */
export interface WorkerInfo {
  /** Counted from 0. */
  readonly id: number;
  readonly numWorkers: number;
  /** What its random numbers start from. */
  readonly seed: number;
}

let info: WorkerInfo | undefined;

/**
 * Which worker this code runs in; undefined outside of workers. An iterable dataset gives each worker its share by it.
 * Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info
 */
export function getWorkerInfo(): WorkerInfo | undefined {
  return info;
}

/** For the worker's program. */
export function setWorkerInfo(value: WorkerInfo): void {
  info = value;
}
