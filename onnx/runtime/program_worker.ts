/**
 * The program of a worker that computes recorded graphs for another thread: see program_workers.ts.
 * @module
 */
import { parentPort } from "node:worker_threads";
import type { DType, TypedArray } from "../dtype.ts";
import { HostBuffer } from "../lazy_array.ts";
import { tensorOver } from "./tensors.ts";
import { openPlaced } from "../providers/provider.ts";
import { limitThreads } from "../providers/threads.ts";
import { runProgram } from "./session.ts";
import type { Shape } from "../shape.ts";

/** An input or output of a program, in memory that both threads see. */
export interface SharedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** What a worker is asked. */
export type WorkerRequest =
  | { readonly kind: "open"; readonly program: number; readonly model: Uint8Array }
  | {
    readonly kind: "run";
    readonly call: number;
    readonly program: number;
    readonly feeds: readonly SharedTensor[];
    readonly fetches: readonly SharedTensor[];
  }
  | { readonly kind: "close"; readonly program: number }
  | { readonly kind: "threads"; readonly threads: number };

/** What it answers to each "run". */
export interface WorkerReply {
  readonly call: number;
  /** Why it failed; null where it did not. */
  readonly error: string | null;
}

const sessions = new Map<number, ReturnType<typeof openPlaced>>();
/** The last run of each program: its session is in use until it is over. */
const running = new Map<number, Promise<void>>();
let threads = 1;

async function run({ program, feeds, fetches }: Extract<WorkerRequest, { kind: "run" }>) {
  const { session } = await sessions.get(program)!;
  // onnxruntime-node takes no shared memory.
  const inputs = feeds.map(({ data }) => data.slice());
  const outputs = fetches.map(({ data }) => data.slice());
  await runProgram(session, tensorsOver(inputs, feeds), tensorsOver(outputs, fetches));
  fetches.forEach(({ data }, i) => data.set(outputs[i] as never));
}

function tensorsOver(values: readonly TypedArray[], shared: readonly SharedTensor[]) {
  return Object.fromEntries(
    shared.map(({ name, ...type }, i) => [name, tensorOver(new HostBuffer(values[i]), type)]),
  );
}

async function close(program: number): Promise<void> {
  const opened = sessions.get(program);
  const last = running.get(program);
  sessions.delete(program);
  running.delete(program);
  // Whoever ran it got the error.
  await last?.catch(() => {});
  await opened?.then(({ session }) => session.release()).catch(() => {});
}

parentPort?.on("message", (request: WorkerRequest) => {
  if (request.kind === "threads") return limitThreads(threads = request.threads);
  if (request.kind === "open") {
    const opened = openPlaced(request.model, "cpu", { threads });
    // Whoever runs it gets the error.
    opened.catch(() => {});
    return void sessions.set(request.program, opened);
  }
  if (request.kind === "close") return void close(request.program);
  const answer = (error: string | null) => parentPort!.postMessage({ call: request.call, error });
  const done = run(request);
  running.set(request.program, done);
  done.then(() => answer(null), ({ message }: Error) => answer(message));
});
