/**
 * A session whose results are written where the caller says. onnxruntime-node 1.30 does that too, but copies each result once more, into memory
 * that waits for the garbage collector: 4 of the 10 ms that a step of a dense network took.
 * @module
 */
import type * as ort from "onnxruntime-node";
import { viewBytes } from "../bytes.ts";
import { type Address, addressOf, CInterface, cText, fixedBytes, words } from "./c_interface.ts";
import { type DType, onnxTypeOf } from "../dtype.ts";
import { sameShape } from "../shape.ts";

type Tensors = Readonly<Record<string, ort.Tensor>>;

/** What runs a program: a session of ours or one of onnxruntime-node's. */
export interface ProgramSession {
  run(feeds: Tensors, fetches: Tensors): Promise<unknown>;
  release(): Promise<void>;
}

/** Options of {@linkcode InPlaceSession}. */
export interface InPlaceOptions {
  /** Null: as many as the machine has cores, each tied to one. */
  readonly threads: number | null;
  /** Configuration entries of ONNX Runtime, by key. */
  readonly config: Readonly<Record<string, string>>;
}

/** Only what is fatal is printed: what goes wrong is thrown. */
const LOG_FATAL = 4;
/** ONNX Runtime's own passes: our rules and the writer have done what they would, and they take half of the compiling. */
const OPTIMIZE_NOTHING = 0;

/** Up to so many bytes a tensor is copied into memory that ONNX Runtime knows already: quicker than telling it about new memory. */
const STAGED_BYTES = 4096;

/** Memory that ONNX Runtime was told about, as a tensor. */
interface Known {
  readonly type: string;
  readonly dims: readonly number[];
  readonly value: Address;
}

/** Memory that small tensors are copied from or to. */
interface Staged extends Known {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A name in the model, and the small tensors that went under it: most programs know one shape of each. */
interface Name {
  /** Held for as long as its address is used. */
  readonly text: Uint8Array<ArrayBuffer>;
  readonly address: Address;
  readonly staged: Staged[];
}

/** Names and tensors of a call, as ONNX Runtime gets them. */
interface Slots {
  readonly names: BigUint64Array<ArrayBuffer>;
  readonly values: BigUint64Array<ArrayBuffer>;
}

/** A small tensor, and where it is staged. */
type Copied = readonly [data: Uint8Array, staged: Uint8Array];

/** A model opened through ONNX Runtime's C interface, on the CPU. */
export class InPlaceSession implements ProgramSession {
  readonly #names = new Map<string, Name>();
  #inputs = slotsFor(0);
  #outputs = slotsFor(0);

  private constructor(readonly api: CInterface, readonly session: Address) {}

  /**
   * Opens a model.
   *
   * @returns null where the C interface is not to be had
   * @throws {Error} what ONNX Runtime does not like about the model
   */
  static open(model: Uint8Array, { threads, config }: InPlaceOptions): InPlaceSession | null {
    const api = CInterface.get();
    if (api === null) return null;
    const options = api.create("createSessionOptions");
    try {
      api.call("setSessionLogSeverityLevel", options, LOG_FATAL);
      api.call("setSessionGraphOptimizationLevel", options, OPTIMIZE_NOTHING);
      api.call("disableMemPattern", options);
      if (threads !== null) api.call("setIntraOpNumThreads", options, threads);
      for (const [key, value] of Object.entries(config)) {
        api.call("addSessionConfigEntry", options, cText(key), cText(value));
      }
      const bytes = viewBytes(model);
      const given = [api.env, bytes, bytes.length, options] as const;
      return new InPlaceSession(api, api.create("createSessionFromArray", ...given));
    } finally {
      api.release("releaseSessionOptions", options);
    }
  }

  /** Computes; what is fetched is written into the tensors given for it. @throws {Error} saying which node failed, and why */
  async run(feeds: Tensors, fetches: Tensors): Promise<void> {
    // Timers, streams and signals have their turn between two steps.
    await new Promise((resolve) => setImmediate(resolve));
    const [inputs, inputsCopied] = this.#bind(feeds, this.#inputs);
    const [outputs, outputsCopied] = this.#bind(fetches, this.#outputs);
    [this.#inputs, this.#outputs] = [inputs, outputs];
    for (const [data, staged] of inputsCopied) staged.set(data);
    const given = [inputs.names, inputs.values, inputs.names.length] as const;
    const wanted = [outputs.names, outputs.names.length, outputs.values] as const;
    this.api.call("run", this.session, null, ...given, ...wanted);
    for (const [data, staged] of outputsCopied) data.set(staged);
  }

  release(): Promise<void> {
    for (const { staged } of this.#names.values()) {
      for (const { value } of staged) this.api.release("releaseValue", value);
    }
    this.#names.clear();
    this.api.release("releaseSession", this.session);
    return Promise.resolve();
  }

  /** Tells names and tensors, in the last call's slots where as many fit, and which tensors are staged. */
  #bind(tensors: Tensors, last: Slots): [Slots, Copied[]] {
    const keys = Object.keys(tensors);
    const slots = last.names.length === keys.length ? last : slotsFor(keys.length);
    const copied: Copied[] = [];
    for (let i = 0; i < keys.length; i++) {
      const tensor = tensors[keys[i]];
      const name = this.#nameOf(keys[i]);
      const data = tensor.data as Uint8Array;
      slots.names[i] = name.address;
      if (data.byteLength > STAGED_BYTES) slots.values[i] = knownValue(this.api, tensor, data);
      else {
        const { value, bytes } = this.#stagedFor(name, tensor, data.byteLength);
        slots.values[i] = value;
        copied.push([viewBytes(data), bytes]);
      }
    }
    return [slots, copied];
  }

  #nameOf(key: string): Name {
    let name = this.#names.get(key);
    if (!name) {
      const text = cText(key);
      this.#names.set(key, name = { text, address: addressOf(text), staged: [] });
    }
    return name;
  }

  #stagedFor({ staged }: Name, tensor: ort.Tensor, length: number): Staged {
    let known = findKnown(staged, tensor);
    if (!known) {
      const bytes = fixedBytes(length);
      staged.push(known = { ...newValue(this.api, tensor, bytes), bytes });
    }
    return known;
  }
}

function slotsFor(count: number): Slots {
  return { names: words(count), values: words(count) };
}

function findKnown<K extends Known>(among: readonly K[], { type, dims }: ort.Tensor) {
  return among.find((known) => known.type === type && sameShape(known.dims, dims));
}

function newValue(
  api: CInterface,
  { dims, type }: ort.Tensor,
  bytes: Uint8Array<ArrayBuffer>,
): Known {
  const shape = words(dims.length);
  dims.forEach((dimension, i) => shape[i] = BigInt(dimension));
  const memory = [api.memory, bytes, bytes.length] as const;
  const elementType = onnxTypeOf(type as DType);
  const value = api.create("createTensorWithData", ...memory, shape, dims.length, elementType);
  return { type, dims, value };
}

/** What ONNX Runtime was told about an array: the pool uses arrays again, step after step. */
const told = new WeakMap<object, Known[]>();

const untold = new FinalizationRegistry<readonly Known[]>((known) => {
  for (const { value } of known) CInterface.get()!.release("releaseValue", value);
});

function knownValue(api: CInterface, tensor: ort.Tensor, data: Uint8Array): Address {
  let all = told.get(data);
  if (!all) {
    told.set(data, all = []);
    untold.register(data, all);
  }
  let known = findKnown(all, tensor);
  if (!known) all.push(known = newValue(api, tensor, viewBytes(data)));
  return known.value;
}
