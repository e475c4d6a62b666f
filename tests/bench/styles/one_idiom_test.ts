/** A trial loads the idiom that it trains in, and not the other. Run as a program, loads the PyTorch idiom's and prints what came along. */
import { assertEquals } from "@std/assert";
import { inOwnProcess } from "../../in_own_process.ts";

if (import.meta.main) {
  await import("../../../bench/runner/trials/run_trial.ts");
  await import("../../../bench/styles/torch.ts");
  await import("../../../bench/peers/torch_idiom.ts");
  // TensorFlow.js' engine puts itself there.
  console.log(JSON.stringify({ hasTensorflow: "_tfengine" in globalThis }));
}

Deno.test("a trial of the PyTorch idiom loads no TensorFlow.js", async () => {
  const found = await inOwnProcess<{ hasTensorflow: boolean }>(import.meta.filename!);
  assertEquals(found, { hasTensorflow: false });
});
