/**
 * Memory on a provider's device that an array's values lie in: what one run leaves there feeds the next without crossing to
 * the host.
 * @module
 */
import type * as ort from "onnxruntime-node";
import { bytesOf, createStorage, type DType, storageFrom, type TypedArray } from "../dtype.ts";
import { GraphWriter } from "../export/graph_writer.ts";
import type { Provider } from "../providers/provider_name.ts";
import { openSession } from "../providers/provider.ts";
import { runSession } from "./session.ts";

/** Providers whose memory onnxruntime-node lets arrays stay in; with CUDA it knows none, several steps go in one call there. */
export function keepsOnDevice(provider: Provider): boolean {
  return provider === "webgpu";
}

const TYPES: readonly DType[] = ["float32", "float16", "int32", "uint32", "uint8", "bool"];

/** Whether onnxruntime-node knows tensors of a type in a device's memory. */
export function liesOnDevice(dtype: DType): boolean {
  return TYPES.includes(dtype);
}

interface Held {
  readonly tensor: ort.Tensor;
  readonly bytes: number;
  /** Whose allocator frees the memory: it must not be collected before. */
  readonly session: ort.InferenceSession;
}

let bytesHeld = 0;

/** Memory to be freed before the next run. */
let unused: Held[] = [];

/** How many arrays lie in memory of each session, and which are to be released once there is none. */
const users = new Map<ort.InferenceSession, number>();
const leaving = new Set<ort.InferenceSession>();

function release(held: Held): void {
  unused.push(held);
  bytesHeld -= held.bytes;
}

/** Releases a session, later where arrays still lie in its memory: what frees them would be gone. */
export async function releaseWhenUnused(session: ort.InferenceSession): Promise<void> {
  if (users.has(session)) leaving.add(session);
  else await session.release();
}

/** Frees memory that is not used any more: between two runs, because the provider's memory is the run's while one goes on. */
export function freeUnused(): void {
  const held = unused;
  unused = [];
  for (const { tensor, session } of held) {
    tensor.dispose();
    const left = users.get(session)! - 1;
    if (left > 0) users.set(session, left);
    else {
      users.delete(session);
      if (leaving.delete(session)) void session.release();
    }
  }
}

/** Finds what nobody reaches any more. */
const lost = new FinalizationRegistry<Held>(release);

/** Bytes of all device memory that arrays hold. */
export function deviceBytes(): number {
  return bytesHeld;
}

/** Bytes that crossed between the host and devices since the process began. */
export interface DeviceTraffic {
  readonly uploaded: number;
  readonly downloaded: number;
}

const traffic = { uploaded: 0, downloaded: 0 };

/** Bytes that programs on devices were fed from the host, and gave it, so far. */
export function deviceTraffic(): DeviceTraffic {
  return { ...traffic };
}

/** Notes that a tensor crosses. */
export function countTraffic(direction: keyof DeviceTraffic, { type, size }: ort.Tensor): void {
  traffic[direction] += size * bytesOf(type as DType);
}

/** Values on a device. */
export class DeviceBuffer {
  #held: Held | undefined;
  /** Never touched, so that it takes no memory: by its size V8 knows how much a lost array keeps from being used. */
  #weight: ArrayBuffer | undefined;

  /** @param session which computed the tensor */
  constructor(readonly provider: Provider, tensor: ort.Tensor, session: ort.InferenceSession) {
    const bytes = tensor.size * bytesOf(tensor.type as DType);
    users.set(session, (users.get(session) ?? 0) + 1);
    this.#held = { tensor, bytes, session };
    this.#weight = new ArrayBuffer(bytes);
    bytesHeld += bytes;
    lost.register(this, this.#held, this);
  }

  /** What feeds a run. @throws {Error} if it was freed */
  get tensor(): ort.Tensor {
    if (this.#held) return this.#held.tensor;
    throw new Error("memory on the device was freed though somebody still reads it");
  }

  /** Copies the values to the host. */
  async read(dtype: DType): Promise<TypedArray> {
    const { tensor } = this;
    freeUnused();
    const session = await downloadSession(this.provider, tensor);
    const { y } = await runSession(session, { x: tensor });
    countTraffic("downloaded", y as ort.Tensor);
    return hostValues(y as ort.Tensor, dtype);
  }

  /** Lets the memory be freed before the next run: for who is sure that nobody else reads it. */
  dispose(): void {
    if (!this.#held) return;
    lost.unregister(this);
    release(this.#held);
    this.#held = undefined;
    this.#weight = undefined;
  }
}

/** A result on the host, in an array's own type. */
export function hostValues(tensor: ort.Tensor, dtype: DType): TypedArray {
  const data = tensor.data as unknown as TypedArray;
  const own = createStorage(dtype, 0).constructor;
  if (data.constructor === own) return data;
  if (dtype === "float16") {
    return new Float16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
  }
  return storageFrom(data as Int32Array, dtype);
}

const sessions = new Map<string, Promise<ort.InferenceSession>>();

/** Copies a tensor to the host: its getData() ends the process in onnxruntime-node 1.30, a model's output does not. */
function downloadSession(
  provider: Provider,
  { type, dims }: ort.Tensor,
): Promise<ort.InferenceSession> {
  const key = `${provider} ${type} ${dims.length}`;
  let session = sessions.get(key);
  if (!session) {
    const writer = new GraphWriter();
    const declared = { dtype: type as DType, shape: [] };
    const names = dims.map((_, axis) => `d${axis}`);
    writer.input("x", declared, names);
    writer.nameOutput("x", "y");
    writer.output("y", declared, names);
    session = openSession(writer.encode(), provider, { threads: 1 });
    sessions.set(key, session);
    session.catch(() => sessions.delete(key));
  }
  return session;
}
