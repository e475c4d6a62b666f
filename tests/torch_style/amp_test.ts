/** Mixed precision that is none, and generators of random numbers. */
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

Deno.test("autocast and GradScaler say that they change nothing, once, and steps without values are left out", async () => {
  const told: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void told.push(text);
  try {
    const x = torch.tensor([1, 2], { dtype: "float32", requiresGrad: true });
    const optimizer = new torch.optim.SGD([x], { lr: 0.5 });
    const scaler = new torch.amp.GradScaler();
    for (const factor of [1, Infinity, 1]) {
      optimizer.zeroGrad();
      using _ = torch.amp.autocast("cpu");
      scaler.scale(x.mul(factor).sum()).backward();
      scaler.unscale_(optimizer);
      await scaler.step(optimizer);
      scaler.update();
    }
    assertEquals(await x.tolist(), [0, 1]);
    assertEquals(scaler.getScale(), 1);
    assertEquals(told.length, 2);
    assertEquals(told.every((text) => text.includes("float32")), true);
    assertThrows(
      () => torch.amp.autocast("cpu", { dtyp: "float16" } as never),
      TypeError,
      'did you mean "dtype"',
    );
  } finally {
    console.warn = warn;
  }
});

Deno.test("a generator's order is its own, and its state goes back", async () => {
  const generator = new torch.Generator().manualSeed(5);
  assertEquals(generator.initialSeed(), 5);
  const order = () => [...new torch.data.RandomSampler(10, { generator })];
  const [first, second] = [order(), order()];
  assertNotEquals(first, second);
  generator.manualSeed(5);
  const state = generator.getState();
  torch.rand([3]);
  assertEquals(order(), first);
  generator.setState(state);
  assertEquals(order(), first);
  torch.manualSeed(7);
  assertEquals(torch.initialSeed(), 7);
  const before = torch.getRngState();
  const drawn = await torch.rand([3]).tolist();
  torch.setRngState(before);
  assertEquals(await torch.rand([3]).tolist(), drawn);
  assertThrows(() => generator.setState(torch.zeros([3])), Error, "of 3 elements");
  assertThrows(
    () => new torch.data.RandomSampler(3, { generator, seed: 1 }),
    Error,
    "exclude each other",
  );
});
