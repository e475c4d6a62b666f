/**
 * How fast this machine multiplies matrices: what the steps of trials are held against.
 * @module
 */
import { childCommand } from "../processes/child.ts";
import type { BenchOptions } from "../options.ts";

/**
 * Measures the floating-point operations a second of a product of two large matrices, in a process of its own.
 *
 * @returns null where it cannot be measured
 */
export async function measurePeak(
  { device, threads }: Pick<BenchOptions, "device" | "threads">,
): Promise<number | null> {
  const args = [device, ...threads === null ? [] : [String(threads)]];
  const child = childCommand(new URL("./peak_process.ts", import.meta.url), { args }).spawn();
  await child.stdin.close();
  const { stdout, success } = await child.output();
  const flops = Number(new TextDecoder().decode(stdout));
  return success && flops > 0 && Number.isFinite(flops) ? flops : null;
}
