/** Memory of trainings that keep things. Run as a program, is those trainings and prints what they kept. */
import { assertEquals, assertLess } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";
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

type Setting = ReturnType<typeof setUp>;
type Pass = (options?: torch.BackwardOptions) => torch.Tensor;
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** What is done with the gradients of a pass, which go on into the next. */
const ways: Record<string, (setting: Setting, pass: Pass) => Promise<unknown>> = {
  "set to zero": async ({ optimizer }, pass) => {
    optimizer.zeroGrad({ setToNone: false });
    pass();
    await optimizer.step();
  },
  "set to zero, the graph retained": async ({ optimizer }, pass) => {
    optimizer.zeroGrad({ setToNone: false });
    pass({ retainGraph: true });
    await optimizer.step();
  },
  "set to zero and read": async ({ optimizer, weight }, pass) => {
    optimizer.zeroGrad({ setToNone: false });
    pass();
    await optimizer.step();
    await weight.grad!.data();
  },
  "added up, the loss read": (_, pass) => pass().item(),
  "added up, computed meanwhile": (_, pass) => (pass(), pause()),
  "added up from step to step, the graph retained": async ({ optimizer, weight }, pass) => {
    const isFirst = weight.grad === null;
    pass({ retainGraph: true });
    await optimizer.step();
    // From then on the step hands it out.
    if (isFirst) await weight.grad!.data();
  },
};

/** How many gradients of ten passes are still there after the last. */
async function gradientsLeft(way: typeof ways[string]): Promise<number> {
  const setting = setUp();
  const { model, x, y, weight } = setting;
  const made: WeakRef<object>[] = [];
  const pass: Pass = (options = {}) => {
    const loss = torch.nn.functional.crossEntropy(model(x), y);
    loss.backward(options);
    made.push(new WeakRef(weight.grad!.array));
    return loss;
  };
  for (let i = 0; i < 10; i++) await way(setting, pass);
  await weight.data();
  for (let i = 0; i < 2; i++) await residentMegabytes();
  return made.filter((array) => array.deref()).length;
}

async function report() {
  const left: [string, number][] = [];
  for (const [what, way] of Object.entries(ways)) left.push([what, await gradientsLeft(way)]);
  return { grown: await keepForAWhile(), left };
}

if (import.meta.main) console.log(JSON.stringify(await report()));

Deno.test("memory stays flat over 2,000 steps that keep clones, norms and losses for a while, and gradients do not hold earlier ones", async () => {
  const { grown, left } = await inOwnProcess<Awaited<ReturnType<typeof report>>>(
    import.meta.filename!,
  );
  // 1,500 steps make 1,500 * 4 * (2 * 42,000 + 16,384) bytes = 600 MB of parameters, momenta and clones.
  assertLess(grown, 150);
  // What is not known yet when the next pass begins is let go of by the pass after it.
  const most = (what: string) => /meanwhile|up.*retained/.test(what) ? 2 : 1;
  assertEquals(left.filter(([what, count]) => count > most(what)), []);
});
