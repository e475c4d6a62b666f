/** Backward hooks, parameters by name, buffers by value, and modules that learn their sizes from the first input. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const { nn } = torch;

Deno.test("a backward hook sees the gradients of inputs and outputs, and can replace those of the inputs", async () => {
  const layer = new nn.Linear(2, 1, { bias: false });
  layer.loadStateDict({ weight: torch.tensor([[2, 3]]).float() });
  const seen: unknown[] = [];
  const handle = layer.registerFullBackwardHook((module, gradInput, gradOutput) => {
    seen.push(
      module === (layer as unknown),
      gradInput.map((g) => g?.shape),
      gradOutput.map((g) => g?.shape),
    );
    return [gradInput[0]!.mul(10)];
  });
  const x = torch.tensor([[1, 1]], { dtype: "float32", requiresGrad: true });
  layer(x).sum().backward();
  assertEquals(seen, [true, [[1, 2]], [[1, 1]]]);
  assertEquals(await x.grad!.tolist(), [[20, 30]]);
  assertEquals(await layer.weight.grad!.tolist(), [[1, 1]]);
  handle.remove();
  x.grad = null;
  layer(x).sum().backward();
  assertEquals(await x.grad!.tolist(), [[2, 3]]);
});

Deno.test("without an input that takes gradients a backward hook is called with null", () => {
  const layer = new nn.Linear(2, 1);
  const seen: unknown[] = [];
  layer.registerFullBackwardHook((_, gradInput, gradOutput) =>
    void seen.push(gradInput, gradOutput.length)
  );
  layer(torch.ones([3, 2])).sum().backward();
  assertEquals(seen, [[null], 1]);
  torch.noGrad(() => layer(torch.ones([3, 2])));
  assertEquals(seen.length, 2);
});

Deno.test("a backward hook that returns too many gradients is refused", () => {
  const layer = new nn.Linear(2, 1);
  layer.registerFullBackwardHook(() => [null, null]);
  const loss = layer(torch.ones([1, 2], { requiresGrad: true })).sum();
  assertThrows(() => loss.backward(), Error, "got 2, but expected 1");
});

Deno.test("ParameterDict holds parameters by name", () => {
  const dict = new nn.ParameterDict({
    left: torch.ones([2]),
    right: new nn.Parameter(torch.zeros([3])),
  });
  assertEquals(dict.namedParameters().map(([name]) => name), ["left", "right"]);
  assertEquals([...dict.keys()], ["left", "right"]);
  assert(dict.get("left").requiresGrad && dict.has("right") && dict.length === 2);
  dict.pop("left");
  assertEquals(Object.keys(dict.stateDict()), ["right"]);
  assertEquals(dict.double().get("right").dtype, "float64");
  assertThrows(() => dict.get("left"), Error, 'has no "left", it has right');
  assertThrows(() => dict.set("a.b", torch.ones([1])), Error, 'contain "."');
});

Deno.test("a field that holds a Buffer is a buffer", () => {
  class Net extends nn.Module {
    mean = new nn.Buffer(torch.zeros([2]));
    scratch = new nn.Buffer(torch.zeros([1]), { persistent: false });
    override forward(x: torch.Tensor): torch.Tensor {
      return x.sub(this.mean);
    }
  }
  const net = new Net();
  assertEquals(net.namedBuffers().map(([name]) => name), ["mean", "scratch"]);
  assertEquals(Object.keys(net.stateDict()), ["mean"]);
  assertEquals(net.parameters(), []);
  assertEquals(net.double().mean.dtype, "float64");
  assertEquals(Object.keys(net.stateDict()), ["mean"]);
});

const classes = nn as unknown as Record<string, new (...given: unknown[]) => torch.nn.AnyModule>;
const lazies: Record<string, [lazy: unknown[], eager: unknown[], shape: number[]]> = {
  Linear: [[3], [4, 3], [2, 4]],
  ...Object.fromEntries([1, 2, 3].flatMap((rank) => {
    const image = [2, 4, 5, 5, 5].slice(0, 2 + rank);
    return [
      [`Conv${rank}d`, [[3, 2, { padding: 1 }], [4, 3, 2, { padding: 1 }], image]],
      [`ConvTranspose${rank}d`, [[3, 2, { stride: 2 }], [4, 3, 2, { stride: 2 }], image]],
      [`BatchNorm${rank}d`, [[{ eps: 1e-3 }], [4, { eps: 1e-3 }], image]],
      [`InstanceNorm${rank}d`, [[{ affine: true }], [4, { affine: true }], image]],
    ];
  })),
};

for (const [name, [lazy, eager, shape]] of Object.entries(lazies)) {
  Deno.test(`Lazy${name} becomes ${name} at its first call`, async () => {
    const expected = new classes[name](...eager);
    const module = new classes[`Lazy${name}`](...lazy);
    assertEquals(module.parameters().length, 0);
    const x = torch.randn(shape);
    module(x);
    assertEquals(String(module), String(expected));
    assert(module instanceof classes[name]);
    module.loadStateDict(expected.stateDict());
    module.eval();
    expected.eval();
    const [own, other] = [module(x) as torch.Tensor, expected(x) as torch.Tensor];
    assertEquals(await own.tolist(), await other.tolist());
  });
}
