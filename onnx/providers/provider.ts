/**
 * Execution providers of ONNX Runtime: which one computes, and what to do when it cannot start.
 * @module
 */
import type * as ort from "onnxruntime-node";
import { GraphWriter } from "../export/graph_writer.ts";
import type { ArrayType } from "../op_types.ts";
import type { ProgramSession } from "../runtime/in_place_session.ts";
import { type Provider, PROVIDERS } from "./provider_name.ts";
import { describeFailure, type FailureKind, failureKind } from "./failure.ts";
import { describePlacement, type Placement, profiledPlacement, WHOLE } from "./placement.ts";
import { hasThreadLimit, threadLimit } from "./threads.ts";
import { OnnxRuntimeError } from "../runtime/onnx_runtime_error.ts";
import { createInPlaceSession, createSession } from "../runtime/session.ts";

export { type Provider, PROVIDERS } from "./provider_name.ts";

/** An execution provider could not start, refused a model or failed; the message says what is wrong and what to do. */
export class ProviderError extends Error {
  override name = "ProviderError";
  /** What is wrong. */
  readonly kind: FailureKind;

  /**
   * @param otherwise the kind where what was thrown does not tell it; `start` unless given
   * @param arrays of the program that failed, of which the largest are named where memory ran out
   */
  constructor(
    readonly provider: Provider,
    cause: unknown,
    otherwise: FailureKind = "start",
    arrays: readonly ArrayType[] = [],
  ) {
    const reason = firstLine(cause);
    const inner = cause instanceof Error ? cause.cause : "";
    const kind = failureKind(`${cause} ${inner}`, otherwise);
    super(describeFailure(provider, kind, reason, arrays), { cause });
    this.kind = kind;
  }
}

/** A graph has nodes that a provider leaves to the CPU, where none was allowed. */
export class FallbackError extends Error {
  override name = "FallbackError";
  constructor(readonly provider: Provider, readonly placement: Placement) {
    super(
      `execution provider "${provider}" leaves ${describePlacement(placement)}; ` +
        "without --strict-device it computes them there",
    );
  }
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n")[0].replace(/\.$/, "");
}

/** Reads a provider's name. @throws {TypeError} naming the value and what is allowed. */
export function parseProvider(name: string): Provider {
  if ((PROVIDERS as readonly string[]).includes(name)) return name as Provider;
  throw new TypeError(`device "${name}" is unknown, expected one of ${PROVIDERS.join(", ")}`);
}

/** Proves that a provider can start, before any work. @throws {ProviderError} saying why not and what to install */
export async function checkProvider(provider: Provider): Promise<void> {
  const writer = new GraphWriter();
  const scalar = { dtype: "float32", shape: [] } as const;
  writer.input("x", scalar);
  writer.nameOutput("x", "y");
  writer.output("y", scalar);
  try {
    await (await createSession(writer.encode(), sessionOptions(provider, 1))).release();
  } catch (error) {
    throw provider === "cpu" ? error : new ProviderError(provider, error);
  }
}

/**
 * What a program's failure on a provider is: its device's, where ONNX Runtime's message says so.
 *
 * @param arrays of the program, of which the largest are named where memory ran out
 */
export function deviceFailure(
  provider: Provider,
  error: unknown,
  arrays: readonly ArrayType[],
): unknown {
  const isOurs = provider !== "cpu" && error instanceof OnnxRuntimeError;
  const kind = isOurs ? failureKind(`${error} ${error.cause}`, "refused") : "refused";
  return kind === "lost" || kind === "memory"
    ? new ProviderError(provider, error, kind, arrays)
    : error;
}

/** How a session is opened. */
export interface OpenOptions {
  /** How many threads an operator computes on; as many as {@linkcode threadLimit} says unless given. */
  readonly threads?: number;
  /** Whether a model is refused that has nodes without a kernel of the provider; false unless given. */
  readonly strict?: boolean;
  /** Where each output's values go; all to the host unless given. */
  readonly outputLocations?: Readonly<Record<string, "cpu" | "gpu-buffer">>;
}

/** Opens a model. @throws {ProviderError} if the provider, {@linkcode OnnxRuntimeError} if the model is what fails. */
export async function openSession(
  model: Uint8Array | string,
  provider: Provider,
  { threads = threadLimit(), strict = false }: OpenOptions = {},
): Promise<ort.InferenceSession> {
  const options = sessionOptions(provider, threads);
  try {
    // The CPU is what others fall back to: ONNX Runtime refuses the option there.
    const refusesFallback = strict && provider !== "cpu";
    return await createSession(model, refusesFallback ? withoutFallback(options) : options);
  } catch (error) {
    if (provider !== "cpu" && await opensOnCpu(model)) {
      throw new ProviderError(provider, error, "refused");
    }
    throw error;
  }
}

/** A program's session, and what of it the provider leaves to the CPU. */
export interface PlacedSession {
  readonly session: ProgramSession;
  readonly placement: Placement;
}

/**
 * Opens a program, a model that is run with all of its results' places given, and finds what of it the provider leaves to the CPU.
 *
 * @throws {ProviderError} as {@linkcode openSession} does, and naming the nodes on the CPU where `strict` allows none
 */
export async function openPlaced(
  model: Uint8Array,
  provider: Provider,
  { threads = threadLimit(), strict = false, outputLocations }: OpenOptions = {},
): Promise<PlacedSession> {
  const located = outputLocations ? { preferredOutputLocation: outputLocations } : {};
  const options = { ...sessionOptions(provider, threads), ...located };
  if (provider === "cpu") {
    // Our rules and the writer have done what ONNX Runtime's own passes would: those find nothing that shows, and take half of the compiling.
    options.graphOptimizationLevel = "disabled";
    const session = openInPlace(model, options) ?? await createSession(model, options);
    return { session, placement: WHOLE };
  }
  return await openCounted(model, provider, options, strict);
}

/** A model of a file on a device, and what of it the device leaves to the CPU. */
export interface DeviceSession {
  readonly session: ort.InferenceSession;
  readonly placement: Placement;
}

/**
 * Opens a file's model on a device, and tells what of it is left to the CPU.
 *
 * @throws {ProviderError} as {@linkcode openSession} does
 * @throws {FallbackError} naming the nodes on the CPU where `strict` allows none
 */
export async function openOnDevice(
  model: Uint8Array,
  provider: Exclude<Provider, "cpu">,
  { threads = threadLimit(), strict = false }: Pick<OpenOptions, "threads" | "strict"> = {},
): Promise<DeviceSession> {
  return await openCounted(model, provider, sessionOptions(provider, threads), strict);
}

async function openCounted(
  model: Uint8Array,
  provider: Provider,
  options: ort.InferenceSession.SessionOptions,
  strict: boolean,
): Promise<DeviceSession> {
  try {
    return { session: await createSession(model, withoutFallback(options)), placement: WHOLE };
  } catch (error) {
    if (!FALLS_BACK.test(String(error))) {
      if (await opensOnCpu(model)) throw new ProviderError(provider, error, "refused");
      throw error;
    }
  }
  const open = (more: ort.InferenceSession.SessionOptions) =>
    createSession(model, { ...options, ...more });
  const placement = await profiledPlacement(open);
  if (strict) throw new FallbackError(provider, placement);
  return { session: await createSession(model, options), placement };
}

/** Opens a program whose results are not copied; null where that cannot be. */
function openInPlace(
  model: Uint8Array,
  { intraOpNumThreads, extra }: ort.InferenceSession.SessionOptions,
): ProgramSession | null {
  const entries = Object.entries(extra!.session as Record<string, string>);
  const config = Object.fromEntries(entries.map(([key, value]) => [`session.${key}`, value]));
  return createInPlaceSession(model, { threads: intraOpNumThreads ?? null, config });
}

/** What ONNX Runtime says where it may not fall back to the CPU but would. */
const FALLS_BACK = /assigned to the default CPU EP/;

function withoutFallback(
  options: ort.InferenceSession.SessionOptions,
): ort.InferenceSession.SessionOptions {
  const { session, ...extra } = options.extra as Record<string, Record<string, string>>;
  return { ...options, extra: { ...extra, session: { ...session, disable_cpu_ep_fallback: "1" } } };
}

/** A model that even the CPU refuses is a fault of the model, not of the provider. */
async function opensOnCpu(model: Uint8Array | string): Promise<boolean> {
  try {
    const session = await createSession(model, sessionOptions("cpu", 1));
    await session.release();
    return true;
  } catch {
    return false;
  }
}

function sessionOptions(
  provider: Provider,
  threads: number,
): ort.InferenceSession.SessionOptions {
  return {
    // ONNX Runtime's own choice ties its threads to processor cores, the number would not.
    ...(!hasThreadLimit() && threads > 1 ? {} : { intraOpNumThreads: threads }),
    // Images are channels first in our programs: in its own layout the filters, which every step changes, would be transposed at every step.
    executionProviders: [
      provider === "webgpu" ? { name: provider, preferredLayout: "NCHW" } : provider,
    ],
    logSeverityLevel: 4,
    graphOptimizationLevel: "all",
    // The plan for one block would be a second memory beside that of the first run: 1.7 times the peak of MobileNetV2, no time less.
    enableMemPattern: false,
    // Moving averages of gradients that became 0 sink into denormal numbers, which processors take ten times as long for.
    extra: {
      session: { set_denormal_as_zero: "1" },
      // Shapes and coordinates are int64: WebGPU has kernels that cast to it only when asked.
      ...(provider === "webgpu"
        ? { ep: { webgpuexecutionprovider: { enableInt64: "1", preserveDevice: "1" } } }
        : {}),
    },
  };
}
