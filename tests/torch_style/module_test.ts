import { assert, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const { nn } = torch;

class Nested extends nn.Module {
  body = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Dropout(0.5));
  head = new nn.Linear(4, 2, { bias: false });
  override forward(x: torch.Tensor): torch.Tensor {
    return this.head(this.body(x));
  }
}

Deno.test("a new module trains, train and eval reach all below it", () => {
  const module = new Nested();
  const modes = () => module.namedModules().map(([, m]) => m.training);
  assertEquals(modes(), [true, true, true, true, true, true]);
  assertEquals(module.eval(), module);
  assertEquals(modes(), [false, false, false, false, false, false]);
  module.train();
  assert(modes().every((mode) => mode));
});

Deno.test("dropout drops about p while training, scales the rest, and nothing in eval", async () => {
  torch.manualSeed(1);
  const dropout = new nn.Dropout(0.25);
  const ones = torch.ones([4000]);
  const data = [...await dropout(ones).data()].map(Number);
  const dropped = data.filter((value) => value === 0).length / data.length;
  assert(Math.abs(dropped - 0.25) < 0.03, `dropped ${dropped}`);
  assert(data.every((value) => value === 0 || Math.abs(value - 4 / 3) < 1e-6));
  assertEquals([...await dropout.eval()(ones).data()], [...await ones.data()]);
});

Deno.test("parameters, modules and printing under PyTorch's names", () => {
  const module = new Nested();
  assertEquals(module.namedParameters().map(([name]) => name), [
    "body.0.weight",
    "body.0.bias",
    "head.weight",
  ]);
  assertEquals(module.namedModules().map(([name]) => name), [
    "",
    "body",
    "body.0",
    "body.1",
    "body.2",
    "head",
  ]);
  assertEquals(
    String(module),
    `Nested(
  (body): Sequential(
    (0): Linear(in_features=3, out_features=4, bias=True)
    (1): ReLU()
    (2): Dropout(p=0.5, inplace=False)
  )
  (head): Linear(in_features=4, out_features=2, bias=False)
)`,
  );
});

Deno.test("stateDict goes from one module to another; what does not fit is named and changes nothing", async () => {
  torch.manualSeed(1);
  const [from, to] = [new Nested(), new Nested()];
  const state = from.stateDict();
  to.loadStateDict(state);
  for (const [name, tensor] of Object.entries(to.stateDict())) {
    assertEquals([...await tensor.data()], [...await state[name].data()], name);
  }
  const before = [...await to.head.weight.data()];
  const name = "head.weight";
  const { [name]: _, ...rest } = state;
  assertThrows(
    () => to.loadStateDict({ ...rest, "body.0.bias": torch.zeros([5]), extra: torch.zeros([1]) }),
    Error,
    'missing key "head.weight"; unexpected key "extra"; size mismatch for body.0.bias: got [5], expected [4]',
  );
  const others = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`more.${i}`, state[name]]),
  );
  const { message } = assertThrows(() => to.loadStateDict({ ...state, ...others }), Error);
  assertEquals(message.match(/unexpected key "more/g)!.length, 20, "all are named, as in PyTorch");
  assertEquals([...await to.head.weight.data()], before);
});

Deno.test("weights start as PyTorch's rule says: uniform within 1 / sqrt(fan in)", async () => {
  torch.manualSeed(1);
  const linear = new nn.Linear(400, 50);
  const conv = new nn.Conv2d(8, 16, 5);
  for (const [tensor, fanIn] of [[linear.weight, 400], [conv.weight, 200]] as const) {
    const data = [...await tensor.data()].map(Number);
    const bound = 1 / Math.sqrt(fanIn);
    const deviation = Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
    assert(data.every((value) => Math.abs(value) <= bound));
    assert(Math.abs(deviation / (bound / Math.sqrt(3)) - 1) < 0.05, `deviation ${deviation}`);
  }
});

Deno.test("wrong inputs get PyTorch's kind of message", () => {
  assertThrows(
    () => new nn.Linear(3, 2)(torch.zeros([5, 4])),
    Error,
    "mat1 and mat2 shapes cannot be multiplied ([5, 4] and [3, 2])",
  );
  assertThrows(() => new nn.Conv2d(3, 8, 3)(torch.zeros([1, 4, 8, 8])), Error, "4 channels");
  assertThrows(() => new nn.Conv2d(3, 8, 9)(torch.zeros([1, 3, 8, 8])), Error, "larger than");
  assertThrows(() => new nn.Dropout(1.5), Error, "between 0 and 1, but got 1.5");
  assertThrows(
    () => new nn.CrossEntropyLoss()(torch.zeros([4, 3]), torch.zeros([4])),
    Error,
    "expected target of dtype int64 but got float32",
  );
});
