/**
 * The machine's GPUs, memory growth, and the engine that computes on what is there.
 *
 *   deno run --permission-set=default keras_style/examples/gpu.ts
 * @module
 */
import { keras } from "@tandem/tandem";

/** Prints the GPUs, and with what the training will go on. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const { logicalDevices } = await keras.gpuConfig({ memoryGrowth: true, log: print });
  const use = logicalDevices[0]?.uses[0];
  const { engine, provider } = await keras.selectEngine(use?.engine ?? "onnxruntime", {
    provider: use?.provider ?? "cpu",
  });
  print(`computing with ${engine} on ${provider}`);
}

if (import.meta.main) await main();
