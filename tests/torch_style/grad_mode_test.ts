/** The gradient mode belongs to the code that set it, across its awaits. */
import { assertEquals } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const weight = torch.ones([2], { requiresGrad: true });
const isRemembered = () => weight.mul(2).requiresGrad;

Deno.test("noGrad(async) holds until its promise ends, for itself only", async () => {
  const inside = torch.noGrad(async () => {
    const modes = [isRemembered()];
    await weight.data();
    modes.push(isRemembered());
    await pause(5);
    modes.push(isRemembered(), torch.enableGrad(isRemembered));
    return modes;
  });
  assertEquals(isRemembered(), true);
  assertEquals(await inside, [false, false, false, true]);
  assertEquals(isRemembered(), true);
});

Deno.test("a using block holds in its function, before and after its awaits, and in what that calls", async () => {
  async function helper() {
    await pause(1);
    return isRemembered();
  }
  async function evaluate(ms: number) {
    using _ = torch.noGrad();
    const modes = [isRemembered(), [1, 2].map(isRemembered)];
    await pause(ms);
    modes.push(isRemembered(), await helper(), await Promise.all([helper(), helper()]));
    return modes;
  }
  const right = [false, [false, false], false, false, [false, false]];
  const running = [evaluate(6), evaluate(2)];
  assertEquals(isRemembered(), true, "meanwhile");
  await pause(4);
  assertEquals(isRemembered(), true, "while one of them waits");
  assertEquals(await Promise.all(running), [right, right]);
  assertEquals(torch.isGradEnabled(), true, "after both");
});

Deno.test("blocks that overlap never leave gradients off", async () => {
  const slow = async (ms: number) => {
    using _ = torch.noGrad();
    await pause(ms);
  };
  await Promise.all([slow(1), slow(6), slow(3)]);
  assertEquals(isRemembered(), true);
  {
    using _ = torch.noGrad();
    assertEquals(isRemembered(), false);
    {
      using _ = torch.enableGrad();
      assertEquals(isRemembered(), true);
    }
    assertEquals(isRemembered(), false);
  }
  assertEquals(isRemembered(), true);
});

Deno.test("a module called inside a using block computes without gradients, one called meanwhile with", async () => {
  const layer = new torch.nn.Linear(2, 1);
  const call = () => layer(torch.ones([1, 2])).requiresGrad;
  async function evaluate() {
    using _ = torch.inferenceMode();
    const before = call();
    await pause(2);
    return [before, call()];
  }
  const running = evaluate();
  assertEquals(call(), true);
  assertEquals(await running, [false, false]);
});

Deno.test("setGradEnabled lasts, or until its block ends", () => {
  torch.setGradEnabled(false);
  assertEquals(isRemembered(), false);
  torch.setGradEnabled(true);
  {
    using _ = torch.setGradEnabled(false);
    assertEquals(isRemembered(), false);
  }
  assertEquals(isRemembered(), true);
});
