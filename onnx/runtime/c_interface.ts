/**
 * The functions of ONNX Runtime's C interface that programs are opened and run with, called without its binding for JavaScript. A program that may
 * use native code of some folders only runs them through the binding.
 *
 * Source: `struct OrtApi` of onnxruntime_c_api.h, https://onnxruntime.ai/docs/api/c/struct_ort_api.html. A function's position in that table never
 * changes from one version to the next.
 * @module
 */
import "./telemetry.ts";
import process from "node:process";

/** The version of the table; later libraries have it too. */
const VERSION = 4;

/** Errors and less are not printed: what goes wrong is thrown. */
const LOG_FATAL = 4;

const status = "pointer";
const object = "u64";
const out = "buffer";
const text = "buffer";

/** Position, parameters and result of each function. */
const FUNCTIONS = {
  getErrorMessage: [2, ["pointer"], "pointer"],
  createEnv: [3, ["i32", text, out], status],
  createSessionFromArray: [8, [object, "buffer", "usize", object, out], status],
  run: [
    9,
    [object, "pointer", "buffer", "buffer", "usize", "buffer", "usize", "buffer"],
    status,
  ],
  createSessionOptions: [10, [out], status],
  disableMemPattern: [17, [object], status],
  setSessionLogSeverityLevel: [22, [object, "i32"], status],
  setSessionGraphOptimizationLevel: [23, [object, "i32"], status],
  setIntraOpNumThreads: [24, [object, "i32"], status],
  createTensorWithData: [49, [object, "buffer", "usize", "buffer", "usize", "i32", out], status],
  createCpuMemoryInfo: [69, ["i32", "i32", out], status],
  releaseStatus: [93, ["pointer"], "void"],
  releaseSession: [95, [object], "void"],
  releaseValue: [96, [object], "void"],
  releaseSessionOptions: [100, [object], "void"],
  addSessionConfigEntry: [130, [object, text, text], status],
} as const;

type FunctionName = keyof typeof FUNCTIONS;

/** An object of the library: its address. */
export type Address = bigint;

type Argument = number | Deno.PointerValue | Address | BufferSource;

/** Bytes that stay where they are: V8 moves the smallest arrays, unless they lie in a buffer of their own. */
export function fixedBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

/** A text as C has it. */
export function cText(value: string): Uint8Array<ArrayBuffer> {
  const encoded = new TextEncoder().encode(`${value}\0`);
  const text = fixedBytes(encoded.length);
  text.set(encoded);
  return text;
}

/** Room for so many addresses or sizes. */
export function words(count: number): BigUint64Array<ArrayBuffer> {
  return new BigUint64Array(new ArrayBuffer(8 * count));
}

/** Where bytes lie. */
export function addressOf(bytes: Uint8Array<ArrayBuffer>): Address {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

/** The library, opened. */
export class CInterface {
  readonly #functions = new Map<FunctionName, (...given: Argument[]) => unknown>();
  readonly env: Address;
  /** Where tensors lie: in the memory of this process. */
  readonly memory: Address;

  private constructor(path: string) {
    const library = Deno.dlopen(path, { OrtGetApiBase: { parameters: [], result: "pointer" } });
    const base = new Deno.UnsafePointerView(library.symbols.OrtGetApiBase()!);
    const getApi = new Deno.UnsafeFnPointer(base.getPointer(0)!, {
      parameters: ["u32"],
      result: "pointer",
    });
    const table = new Deno.UnsafePointerView(getApi.call(VERSION)!);
    for (const [name, [position, parameters, result]] of Object.entries(FUNCTIONS)) {
      const definition = { parameters, result } as Deno.ForeignFunction;
      const pointer = table.getPointer(position * 8) as Deno.PointerObject<typeof definition>;
      const call = new Deno.UnsafeFnPointer(pointer, definition);
      this.#functions.set(name as FunctionName, (...given) => call.call(...given as never[]));
    }
    this.env = this.create("createEnv", LOG_FATAL, cText("tandem"));
    const [deviceAllocator, defaultMemory] = [0, 0];
    this.memory = this.create("createCpuMemoryInfo", deviceAllocator, defaultMemory);
  }

  /**
   * Opens the library that the binding uses, once.
   *
   * @returns null where it is not to be had: without `--allow-ffi` for all paths, on a platform that the binding lacks
   */
  static get(): CInterface | null {
    return opened === undefined ? opened = open() : opened;
  }

  /** Calls a function that makes an object. @throws {Error} with ONNX Runtime's message */
  create(name: FunctionName, ...given: Argument[]): Address {
    const made = words(1);
    this.call(name, ...given, made);
    return made[0];
  }

  /** Calls a function that may fail. @throws {Error} with ONNX Runtime's message */
  call(name: FunctionName, ...given: Argument[]): void {
    const failure = this.#functions.get(name)!(...given) as Deno.PointerValue;
    if (failure === null) return;
    const message = this.#functions.get("getErrorMessage")!(failure) as Deno.PointerObject;
    const said = Deno.UnsafePointerView.getCString(message);
    this.release("releaseStatus", failure);
    throw new Error(said);
  }

  /** Calls a function that frees an object. */
  release(name: FunctionName & `release${string}`, given: Address | Deno.PointerValue): void {
    this.#functions.get(name)!(given);
  }

  /** @internal */
  static openAt(path: string): CInterface {
    return new CInterface(path);
  }
}

let opened: CInterface | null | undefined;

function open(): CInterface | null {
  const path = libraryPath();
  if (path === null) return null;
  // Deno hands out addresses to programs only that may use all native code. Asked first: using it without would ask the user.
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return null;
  try {
    return CInterface.openAt(path);
  } catch {
    return null;
  }
}

const LIBRARY_NAMES: Partial<Record<string, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
  win32: "onnxruntime.dll",
};

/** The library beside the binding, which loads the same file. */
function libraryPath(): string | null {
  const { platform, arch } = process;
  const name = LIBRARY_NAMES[platform];
  if (!name || typeof globalThis.Deno?.dlopen !== "function") return null;
  const binding = import.meta.resolve("onnxruntime-node");
  if (!binding.startsWith("file:")) return null;
  const url = new URL(`../bin/napi-v6/${platform}/${arch}/${name}`, binding);
  return decodeURIComponent(platform === "win32" ? url.pathname.slice(1) : url.pathname);
}
