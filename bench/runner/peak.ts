/**
 * How fast this machine multiplies matrices: what the steps of trials are held against.
 * @module
 */
import { childCommand } from "./child.ts";
import type { BenchDevice } from "./trial.ts";

/**
 * Measures the floating-point operations a second of a product of two large matrices, in a process of its own.
 *
 * @returns null where it cannot be measured
 */
export async function measurePeak(device: BenchDevice): Promise<number | null> {
  const child = childCommand(new URL("./peak_process.ts", import.meta.url), { args: [device] })
    .spawn();
  await child.stdin.close();
  const { stdout, success } = await child.output();
  const flops = Number(new TextDecoder().decode(stdout));
  return success && flops > 0 && Number.isFinite(flops) ? flops : null;
}
