/**
 * Arrays as ONNX Runtime's tensors: how leaves are fed to a call, and where its results go.
 * @module
 */
import * as ort from "onnxruntime-node";
import type { BufferPool } from "./buffer_pool.ts";
import {
  countTraffic,
  DeviceBuffer,
  freeUnused,
  hostValues,
  keepsOnDevice,
  liesOnDevice,
} from "./device_buffer.ts";
import { createStorage, type DType, memoryType, storageFrom } from "../dtype.ts";
import { HostBuffer, type LazyArray } from "../lazy_array.ts";
import type { ArrayType } from "../op.ts";
import { storedType, storedValues } from "../providers/mod.ts";
import type { Provider } from "../providers/provider.ts";
import type { ProgramSession } from "./in_place_session.ts";
import { runProgram, runSession } from "./session.ts";
import { sizeOf } from "../shape.ts";

/** An array as a provider takes it: over its buffer, or a copy in the type that the provider stores it in. */
export function feedOf(provider: Provider, buffer: HostBuffer, type: ArrayType): ort.Tensor {
  const dtype = storedType(provider, type.dtype);
  const tensor = dtype === type.dtype
    ? tensorOver(buffer, type)
    : tensorOver(new HostBuffer(storedValues(buffer.data, type.dtype, dtype)), {
      dtype,
      shape: type.shape,
    });
  if (provider !== "cpu") countTraffic("uploaded", tensor);
  return tensor;
}

/** A leaf as a provider takes it: what lies on its device is fed as it lies there, what lies on another is fetched first. */
export function leafFeed(provider: Provider, leaf: LazyArray): ort.Tensor | Promise<ort.Tensor> {
  if (leaf.device instanceof DeviceBuffer && leaf.device.provider === provider) {
    return leaf.device.tensor;
  }
  if (!leaf.isOnHost) return leaf.download().then(() => leafFeed(provider, leaf));
  const [buffer, type] = fedBuffer(provider, leaf);
  return feedOf(provider, buffer, type);
}

/** What a leaf on the host is fed as: its bytes, where it has such and the provider looks them up. */
export function fedBuffer(provider: Provider, leaf: LazyArray): [HostBuffer, ArrayType] {
  if (provider === "cpu" || !leaf.byteValues) return [leaf.buffer, leaf];
  return [new HostBuffer(leaf.byteValues.bytes), { dtype: "uint8", shape: leaf.shape }];
}

/** Whether a result stays on a provider's device until somebody reads it. */
function staysOnDevice(provider: Provider, { dtype, shape }: ArrayType): boolean {
  return keepsOnDevice(provider) && liesOnDevice(storedType(provider, dtype)) && sizeOf(shape) > 0;
}

/** Where a program's outputs go; undefined where all go to the host. */
export function outputLocationsOf(
  provider: Provider,
  outputs: readonly (readonly [name: string, type: ArrayType])[],
): Record<string, "cpu" | "gpu-buffer"> | undefined {
  if (!keepsOnDevice(provider)) return undefined;
  return Object.fromEntries(
    outputs.map(([name, type]) => [name, staysOnDevice(provider, type) ? "gpu-buffer" : "cpu"]),
  );
}

/**
 * Where the results of a call go: into buffers of a pool, by way of others where a provider stores a type otherwise; or they
 * stay on the device.
 */
export class Fetches {
  readonly #wanted: {
    readonly name: string;
    readonly buffer: HostBuffer;
    readonly type: ArrayType;
  }[] = [];
  #results: ort.InferenceSession.OnnxValueMapType = {};
  #session: ort.InferenceSession | undefined;

  constructor(readonly provider: Provider, readonly pool: BufferPool) {}

  /** Wants an output. @returns what puts it in place once the call is over */
  add(name: string, type: ArrayType): (array: LazyArray) => void {
    const { provider } = this;
    if (!staysOnDevice(provider, type)) {
      const buffer = this.take(name, type);
      return (array) => array.resolve(buffer);
    }
    return (array) =>
      array.resolveOnDevice(
        new DeviceBuffer(provider, this.#results[name] as ort.Tensor, this.#session!),
      );
  }

  /** Wants an output on the host: in this buffer once the call is over. */
  take(name: string, type: ArrayType): HostBuffer {
    const buffer = this.pool.take(type.dtype, sizeOf(type.shape));
    this.#wanted.push({ name, buffer, type });
    return buffer;
  }

  /** Runs the call. */
  async run(session: ProgramSession, feeds: Record<string, ort.Tensor>): Promise<void> {
    if (!keepsOnDevice(this.provider)) return await this.#runIntoBuffers(session, feeds);
    freeUnused();
    // Where outputs stay on the device, those on the host lie in memory of ONNX Runtime's.
    this.#session = session as ort.InferenceSession;
    this.#results = await runSession(this.#session, feeds);
    for (const { name, buffer, type } of this.#wanted) {
      const result = this.#results[name] as ort.Tensor;
      countTraffic("downloaded", result);
      buffer.data.set(hostValues(result, type.dtype) as never);
    }
  }

  async #runIntoBuffers(
    session: ProgramSession,
    feeds: Record<string, ort.Tensor>,
  ): Promise<void> {
    const fetches: Record<string, ort.Tensor> = {};
    const copied: [to: HostBuffer, from: HostBuffer, dtype: DType][] = [];
    for (const { name, buffer, type: { dtype, shape } } of this.#wanted) {
      const stored = storedType(this.provider, dtype);
      let own = buffer;
      if (stored !== dtype) {
        own = new HostBuffer(createStorage(stored, buffer.data.length));
        copied.push([buffer, own, dtype]);
      }
      fetches[name] = tensorOver(own, { dtype: stored, shape });
    }
    await runProgram(session, feeds, fetches);
    if (this.provider !== "cpu") {
      Object.values(fetches).forEach((tensor) => countTraffic("downloaded", tensor));
    }
    for (const [to, { data }, dtype] of copied) {
      to.data.set(storageFrom(data as Int32Array, dtype) as never);
    }
  }
}

/** A tensor of ONNX Runtime over a buffer, not copied. */
export function tensorOver(buffer: HostBuffer, { dtype, shape }: ArrayType): ort.Tensor {
  const tensor = new ort.Tensor(memoryType(dtype) as "float32", buffer.data as Float32Array, shape);
  if (dtype !== "float16") return tensor;
  // onnxruntime-node 1.30 takes a Float16Array for an empty one; its bits in a Uint16Array it understands.
  const { buffer: bytes, byteOffset, length } = buffer.data;
  return Object.defineProperty(tensor, "data", {
    value: new Uint16Array(bytes, byteOffset, length),
  });
}
