/**
 * What workers that train together exchange. Follows https://docs.pytorch.org/docs/stable/distributed.html
 * @module
 */
import {
  createStorage,
  evaluate,
  HostBuffer,
  LazyArray,
  type TypedArray,
  writeElement,
} from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { noGrad } from "../grad_mode.ts";
import { doubles } from "../ops/host_function.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import {
  type Exchanged,
  type GroupPlace,
  ProcessGroup,
  REDUCE_OPS,
  type ReduceOp,
} from "./process_group.ts";

let group: ProcessGroup | undefined;

/** Exchanges happen one after the other, in the order in which they were asked for: the same in all workers. */
let queue: Promise<unknown> = Promise.resolve();

/** Makes this worker one of a group: `spawn` does it. */
export function joinGroup(place: GroupPlace): void {
  group = new ProcessGroup(place);
}

function ownGroup(): ProcessGroup {
  if (group) return group;
  throw new Error(
    "there is no process group here: call it in a function that torch.multiprocessing.spawn runs",
  );
}

/** Whether this program is one of several that `torch.multiprocessing.spawn` started. */
export function isInitialized(): boolean {
  return group !== undefined;
}

/** The number of this worker, from 0 on. @throws {Error} outside a group */
export function getRank(): number {
  return ownGroup().rank;
}

/** How many workers there are. @throws {Error} outside a group */
export function getWorldSize(): number {
  return ownGroup().worldSize;
}

/** Waits for all workers. @throws {Error} outside a group, or if another worker failed */
export function barrier(): Promise<void> {
  const own = ownGroup();
  return enqueue(Promise.resolve(), () => own.barrier());
}

/** Options of {@linkcode allReduce}. */
export interface AllReduceOptions {
  /** How values of all workers become one; "sum" unless given. */
  readonly op?: ReduceOp;
}

const ALL_REDUCE = signature("allReduce", ["tensor", tensorKind], [
  "op",
  kinds.oneOf(...REDUCE_OPS),
  "sum",
]);

/**
 * Replaces a tensor, in place, by the sum (or another reduction) of all workers' tensors of its shape. All workers get
 * the same bits. Reading the tensor waits for the exchange; so does what is computed from it.
 *
 * @throws {Error} outside a group; later, where the tensor is read, if another worker failed or made another call
 */
export function allReduce(
  ...given: Call<typeof ALL_REDUCE, AllReduceOptions, [tensor: Tensor]>
): void {
  const { tensor, op } = ALL_REDUCE.read(given);
  replace([tensor], (own, values) => own.allReduce(values, op));
}

const BROADCAST = signature("broadcast", ["tensor", tensorKind], ["src", kinds.integer, 0]);

/**
 * Replaces a tensor, in place, by that of worker `src`.
 *
 * @throws {Error} outside a group, or if there is no such worker
 */
export function broadcast(
  ...given: Call<typeof BROADCAST, { readonly src?: number }, [tensor: Tensor]>
): void {
  const { tensor, src } = BROADCAST.read(given);
  const { worldSize } = ownGroup();
  if (src < 0 || src >= worldSize) {
    throw new Error(`broadcast: src is ${src}, expected a rank from 0 to ${worldSize - 1}`);
  }
  replace([tensor], (own, values) => own.broadcast(values, src));
}

function replace(
  tensors: readonly Tensor[],
  run: (own: ProcessGroup, values: Exchanged) => void,
): void {
  const exchanged = exchange(tensors.map(({ array }) => array), run);
  noGrad(() => tensors.forEach((tensor, i) => tensor.array = exchanged[i]));
}

/** Arrays whose values are those of some arrays after an exchange; several are exchanged as one. */
export function exchange(
  arrays: readonly LazyArray[],
  run: (own: ProcessGroup, values: Exchanged) => void,
): LazyArray[] {
  const own = ownGroup();
  const results = arrays.map(({ dtype, shape }) => new LazyArray(dtype, shape));
  const done = enqueue(evaluate(arrays), () => {
    const values = joined(arrays);
    run(own, values);
    let from = 0;
    for (const result of results) {
      const part = values.subarray(from, from += result.size);
      result.resolve(new HostBuffer(stored(part, result)));
    }
  });
  for (const result of results) result.inFlight = done;
  // Whoever reads a result sees the failure.
  done.catch(() => {});
  return results;
}

function enqueue(ready: Promise<unknown>, run: () => void): Promise<void> {
  const done = queue.then(() => ready).then(run);
  queue = done.catch(() => {});
  return done;
}

/** The values of all arrays in a row: float32 as they are, everything else in double precision. */
function joined(arrays: readonly LazyArray[]): Exchanged {
  const length = arrays.reduce((sum, { size }) => sum + size, 0);
  const single = arrays.every(({ dtype }) => dtype === "float32");
  const values = single ? new Float32Array(length) : new Float64Array(length);
  let at = 0;
  for (const { buffer: { data } } of arrays) {
    values.set(single ? data as Float32Array : doubles(data), at);
    at += data.length;
  }
  return values;
}

function stored(values: Exchanged, { dtype }: LazyArray): TypedArray {
  if (dtype === "float32" && values instanceof Float32Array) return values.slice();
  const data = createStorage(dtype, values.length);
  for (let i = 0; i < data.length; i++) writeElement(data, i, values[i], dtype);
  return data;
}
