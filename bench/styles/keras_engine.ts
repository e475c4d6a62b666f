/**
 * What both Keras styles do around their training: choose the engine, name it, take the compile time.
 * @module
 */
import { defaultRuntime } from "../../onnx/mod.ts";
import { selectEngine, setRandomSeed } from "../../keras_style/mod.ts";
import type { StyleContext } from "./style.ts";
import { watchEngine } from "./engine_time.ts";

/**
 * Selects the engine that is asked for and starts the random numbers.
 *
 * @returns to be called after the fit: sets `compileSeconds` and `engineSeconds`, where the engine can tell
 */
export async function startEngine(context: StyleContext): Promise<() => void> {
  const { options, outcome } = context;
  const { engine, provider, notes } = await selectEngine(options.kerasEngine, {
    // libtensorflow chooses for itself; only onnxruntime is told.
    provider: options.kerasEngine.startsWith("tfjs-node") ? undefined : options.device,
  });
  outcome.engine = engine;
  outcome.provider = provider;
  outcome.notes.push(...notes);
  setRandomSeed(options.seed);
  return engine === "onnxruntime" ? watchEngine(context, defaultRuntime()) : () => {};
}
