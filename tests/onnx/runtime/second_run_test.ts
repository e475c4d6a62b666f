/** Memory of a program's later runs. Run as a program, runs one three times and prints how much memory the later runs took. */
import { assertLess } from "@std/assert";
import { constant, fromHost, type LazyArray, ops, Runtime } from "../../../onnx/mod.ts";
import { inOwnProcess, residentMegabytes } from "../../in_own_process.ts";

/** 20 results of 16 MB that are all read at the end, as a backward pass reads those of the forward pass. */
function longLived(x: LazyArray): LazyArray {
  const results: LazyArray[] = [x];
  for (let i = 0; i < 20; i++) results.push(ops.tanh(ops.mul(results.at(-1)!, constant(1.5 + i))));
  return results.reverse().reduce((sum, result) => ops.mul(ops.add(sum, result), result));
}

async function grownByLaterRuns(): Promise<number> {
  const runtime = new Runtime();
  const x = fromHost(new Float32Array(2 ** 22).fill(0.5), [2 ** 11, 2 ** 11]);
  const run = () => runtime.evaluate([ops.sum(longLived(x))]);
  await run();
  const first = await residentMegabytes();
  for (let i = 0; i < 2; i++) await run();
  return await residentMegabytes() - first;
}

if (import.meta.main) console.log(await grownByLaterRuns());

Deno.test("a program's later runs take the memory of its first, not one more", async () => {
  // The 20 results are 335 MB.
  assertLess(await inOwnProcess<number>(import.meta.filename!), 150);
});
