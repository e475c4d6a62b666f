/**
 * A session whose results are written where the caller says. onnxruntime-node 1.30 does that too, but copies each result once more, into memory
 * that waits for the garbage collector: 4 of the 10 ms that a step of a dense network took.
 * @module
 */
import type * as ort from "onnxruntime-node";
import { type Address, addressOf, CInterface, cText, fixedBytes, words } from "./c_interface.ts";
import { type DType, onnxTypeOf } from "../dtype.ts";

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

/** A tensor of a model, as ONNX Runtime is told about it. */
interface Bound {
  readonly name: Uint8Array<ArrayBuffer>;
  readonly value: Address;
  readonly data: Uint8Array;
  /** Where a small tensor is copied from or to. */
  readonly staged: Uint8Array<ArrayBuffer> | null;
}

/** A model opened through ONNX Runtime's C interface, on the CPU. */
export class InPlaceSession implements ProgramSession {
  readonly #names = new Map<string, Uint8Array<ArrayBuffer>>();
  /** By name and kind of tensor: most programs know one shape of each name. */
  readonly #staged = new Map<string, Pick<Bound, "value" | "staged">>();

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
      const bytes = bytesOf(model);
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
    const inputs = this.#bind(feeds);
    const outputs = this.#bind(fetches);
    for (const { staged, data } of inputs) staged?.set(data);
    const given = [namesOf(inputs), valuesOf(inputs), inputs.length] as const;
    const wanted = [namesOf(outputs), outputs.length, valuesOf(outputs)] as const;
    this.api.call("run", this.session, null, ...given, ...wanted);
    for (const { staged, data } of outputs) if (staged) data.set(staged);
  }

  release(): Promise<void> {
    for (const { value } of this.#staged.values()) this.api.release("releaseValue", value);
    this.#staged.clear();
    this.api.release("releaseSession", this.session);
    return Promise.resolve();
  }

  #bind(tensors: Tensors): Bound[] {
    return Object.entries(tensors).map(([key, tensor]) => {
      let name = this.#names.get(key);
      if (!name) this.#names.set(key, name = cText(key));
      const data = bytesOf(tensor.data as Uint8Array);
      return { name, data, ...this.#valueOf(key, tensor, data) };
    });
  }

  #valueOf(
    key: string,
    tensor: ort.Tensor,
    data: Uint8Array<ArrayBuffer>,
  ): Pick<Bound, "value" | "staged"> {
    if (data.length > STAGED_BYTES) return { value: knownValue(this.api, tensor), staged: null };
    const place = `${key} ${kindOf(tensor)}`;
    let known = this.#staged.get(place);
    if (!known) {
      const staged = fixedBytes(data.length);
      this.#staged.set(place, known = { staged, value: newValue(this.api, tensor, staged) });
    }
    return known;
  }
}

const namesOf = (tensors: readonly Bound[]) => words(tensors.map(({ name }) => addressOf(name)));

const valuesOf = (tensors: readonly Bound[]) => words(tensors.map(({ value }) => value));

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

const kindOf = ({ type, dims }: ort.Tensor) => `${type}[${dims}]`;

function newValue(
  api: CInterface,
  { dims, type }: ort.Tensor,
  bytes: Uint8Array<ArrayBuffer>,
): Address {
  const shape = words(dims.map(BigInt));
  const memory = [api.memory, bytes, bytes.length] as const;
  const elementType = onnxTypeOf(type as DType);
  return api.create("createTensorWithData", ...memory, shape, dims.length, elementType);
}

/** What ONNX Runtime was told about an array, by shape: the pool uses arrays again, step after step. */
const told = new WeakMap<object, Map<string, Address>>();

const untold = new FinalizationRegistry<Map<string, Address>>((values) => {
  for (const value of values.values()) CInterface.get()!.release("releaseValue", value);
});

function knownValue(api: CInterface, tensor: ort.Tensor): Address {
  const { data } = tensor;
  let values = told.get(data as object);
  if (!values) {
    told.set(data as object, values = new Map());
    untold.register(data as object, values);
  }
  const kind = kindOf(tensor);
  let value = values.get(kind);
  if (value === undefined) {
    values.set(kind, value = newValue(api, tensor, bytesOf(data as Uint8Array)));
  }
  return value;
}
