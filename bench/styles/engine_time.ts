/**
 * Tells the engine's share of a style's time from the rest.
 * @module
 */
import type { Runtime } from "../../onnx/mod.ts";
import type { StyleContext } from "./style.ts";

/**
 * Reads a runtime's clock from now on, at every step.
 *
 * @returns to be called after the fit: sets `compileSeconds` and `engineSeconds`
 */
export function watchEngine({ clock, outcome }: StyleContext, runtime: Runtime): () => void {
  const before = runtime.statistics;
  const times = () => ({
    compileMs: runtime.statistics.compileMs - before.compileMs,
    runMs: runtime.statistics.runMs - before.runMs,
  });
  clock.engine = times;
  return () => {
    const { compileMs, runMs } = times();
    outcome.compileSeconds = compileMs / 1000;
    outcome.engineSeconds = runMs / 1000;
  };
}
