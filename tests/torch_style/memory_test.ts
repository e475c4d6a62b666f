/** Memory of a long training that keeps things. Run as a program, is that training and prints how much its memory grew. */
import { assertLess } from "@std/assert";
import type * as torch from "../../torch_style/mod.ts";
import { inOwnProcess, residentMegabytes } from "../in_own_process.ts";
import { setUp } from "./small_training.ts";

/** 2,000 steps that overwrite their activations and keep the last ten clones, norms and losses. */
async function keepForAWhile(): Promise<number> {
  const { weight, step } = setUp({ inplace: true });
  const kept: torch.Tensor[] = [];
  let early = 0;
  for (let i = 0; i < 2000; i++) {
    const { loss } = await step();
    kept.push(weight.detach().clone(), weight.norm(), loss);
    while (kept.length > 30) await kept.shift()!.data();
    if (i === 500) early = await residentMegabytes();
  }
  return await residentMegabytes() - early;
}

if (import.meta.main) console.log(await keepForAWhile());

Deno.test("memory stays flat over 2,000 steps that keep clones, norms and losses for a while", async () => {
  // 1,500 steps make 1,500 * 4 * (2 * 42,000 + 16,384) bytes = 600 MB of parameters, momenta and clones.
  assertLess(await inOwnProcess<number>(import.meta.filename!), 150);
});
