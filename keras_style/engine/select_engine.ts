/**
 * Chooses what the Keras idiom computes with.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, ops, parseProvider, type Provider, useProvider } from "../../onnx/mod.ts";
import { BACKEND_NAME } from "./onnxruntime_backend.ts";
import {
  installHint,
  type TfjsNodeLoader,
  tfjsNodeLoader,
  type TfjsNodePackage,
} from "./tfjs_node.ts";

/** The engines that can be asked for. */
export const ENGINES = ["auto", "onnxruntime", "tfjs-node", "tfjs-node-gpu"] as const;

/** An engine, or `auto`. */
export type EngineName = typeof ENGINES[number];

/** What {@linkcode selectEngine} chose. */
export interface SelectedEngine {
  readonly engine: Exclude<EngineName, "auto">;
  /** What it computes on: an execution provider of ONNX Runtime, `cpu` or `cuda` for libtensorflow. */
  readonly provider: Provider;
  /** What the user should know about the choice, a sentence each. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode selectEngine}. */
export interface SelectEngineOptions {
  /** What to compute on; `cpu` unless given. */
  readonly provider?: string;
  /** Whether ONNX Runtime may leave nothing that the provider has no kernel for to the CPU; false unless given. */
  readonly strict?: boolean;
  /** How libtensorflow's packages are found. */
  readonly loader?: TfjsNodeLoader;
}

/** An engine cannot be used; the message says why and what to do. */
export class EngineError extends Error {
  override name = "EngineError";
  constructor(readonly engine: EngineName, message: string, cause?: unknown) {
    super(`engine "${engine}" ${message}`, { cause });
  }
}

/**
 * Makes an engine the one that TensorFlow.js computes with from now on.
 *
 * `auto` takes `tfjs-node-gpu` where it is installed and loads (and `provider` is not another than `cuda`),
 * else `onnxruntime`; it never asks the network.
 *
 * @param name one of {@linkcode ENGINES}
 * @throws {TypeError} if the engine's or provider's name is unknown
 * @throws {EngineError} if the engine asked for is not installed or does not load
 * @throws {ProviderError} if the execution provider cannot start
 *
 * @example
 * ```ts
 * import { selectEngine } from "./select_engine.ts";
 *
 * const { engine, provider } = await selectEngine("onnxruntime", { provider: "cpu" });
 * console.log(`${engine} on ${provider}`);
 * ```
 */
export async function selectEngine(
  name: EngineName,
  options: SelectEngineOptions = {},
): Promise<SelectedEngine> {
  if (!ENGINES.includes(name)) {
    throw new TypeError(`keras engine "${name}" is unknown, expected one of ${ENGINES.join(", ")}`);
  }
  const provider = options.provider === undefined ? undefined : parseProvider(options.provider);
  const { strict = false } = options;
  const loader = options.loader ?? tfjsNodeLoader;
  if (name === "auto") return await selectByItself(provider, loader, strict);
  if (name === "onnxruntime") return await selectOnnxRuntime(provider ?? "cpu", [], strict);
  return await selectTfjsNode(name, provider, loader);
}

async function selectByItself(
  provider: Provider | undefined,
  loader: TfjsNodeLoader,
  strict: boolean,
): Promise<SelectedEngine> {
  const notes: string[] = [];
  const gpuWanted = provider === undefined || provider === "cuda";
  if (gpuWanted && await loader.find("tfjs-node-gpu")) {
    try {
      return await selectTfjsNode("tfjs-node-gpu", provider, loader);
    } catch (error) {
      notes.push(`tfjs-node-gpu is installed but was not taken: ${firstLine(error)}`);
    }
  }
  return await selectOnnxRuntime(provider ?? "cpu", notes, strict);
}

async function selectOnnxRuntime(
  provider: Provider,
  notes: string[],
  strict: boolean,
): Promise<SelectedEngine> {
  const runtime = useProvider(provider, { strict });
  // A provider that cannot start says so now, not in the middle of a training.
  if (provider !== "cpu") await runtime.evaluate([ops.expand(constant(1), [2])]);
  await activate("onnxruntime", BACKEND_NAME);
  return { engine: "onnxruntime", provider, notes };
}

async function selectTfjsNode(
  name: TfjsNodePackage,
  provider: Provider | undefined,
  loader: TfjsNodeLoader,
): Promise<SelectedEngine> {
  const own: Provider = name === "tfjs-node" ? "cpu" : "cuda";
  if (provider !== undefined && provider !== own) {
    throw new EngineError(name, `computes on ${own}, not on "${provider}"; use onnxruntime for it`);
  }
  if (!await loader.find(name)) {
    throw new EngineError(
      name,
      `is not installed. Install it with: ${installHint(name)} (or use --keras-engine onnxruntime)`,
    );
  }
  try {
    await loader.load(name);
  } catch (error) {
    throw new EngineError(
      name,
      `is installed but does not load: ${
        firstLine(error)
      }. Its native part comes from a download that ` +
        `may have failed; try again with: ${installHint(name)}`,
      error,
    );
  }
  await activate(name, "tensorflow");
  return { engine: name, ...deviceOf(name) };
}

/** libtensorflow falls back to the CPU without a word. */
function deviceOf(name: TfjsNodePackage): { provider: Provider; notes: string[] } {
  if (name === "tfjs-node") return { provider: "cpu", notes: [] };
  const { isUsingGpuDevice } = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  return isUsingGpuDevice
    ? { provider: "cuda", notes: [] }
    : { provider: "cpu", notes: ["tfjs-node-gpu found no GPU and computes on the CPU"] };
}

async function activate(name: EngineName, backend: string): Promise<void> {
  if (await tf.setBackend(backend)) return;
  throw new EngineError(name, `is there but TensorFlow.js could not start its backend ${backend}`);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0].replace(/\.$/, "");
}
