import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const { functional, grad, gradcheck } = torch.autograd;
type Context = torch.autograd.FunctionContext;

function leaf(...values: number[]): torch.Tensor {
  return torch.tensor(values, { dtype: "float64", requiresGrad: true });
}

class Sum extends torch.autograd.Function {
  static override forward(_: Context, x: torch.Tensor, y: torch.Tensor) {
    return x.add(y);
  }
  static override backward(_: Context, gradient: torch.Tensor) {
    return [gradient, gradient];
  }
}

Deno.test("gradients add up in grad until they are zeroed", async () => {
  const x = leaf(1, 2);
  x.mul(3).sum().backward();
  x.mul(x).sum().backward();
  assertEquals(await x.grad!.tolist(), [5, 7]);
  x.grad!.zero_();
  x.mul(2).sum().backward();
  assertEquals(await x.grad!.tolist(), [2, 2]);
});

Deno.test("gradients of several tensors are one pass, of all leaves or of those asked for", async () => {
  const { backward } = torch.autograd;
  const [x, w] = [leaf(1, 1), leaf(1, 1)];
  const h = x.mul(2);
  backward(h.mul(w).sum(), { inputs: [h, w] });
  assertEquals([await h.grad!.tolist(), await w.grad!.tolist(), x.grad], [[1, 1], [2, 2], null]);
  x.mul(w).sum().backward({ inputs: x });
  backward([x.mul(w).sum(), x.mul(x)], [null, torch.tensor([1, 2], { dtype: "float64" })]);
  assertEquals([await x.grad!.tolist(), await w.grad!.tolist()], [[4, 6], [3, 3]]);
  // PyTorch's `None` by position, before what else there is.
  const y = h.mul(h).sum();
  backward(y, null, true);
  y.backward(null, true);
  assertThrows(() => backward([h.sum(), torch.ones([1])]), Error, "element 1 of tensors does not");
  assertThrows(() => backward([h.sum()], [null, null]), Error, "got 1 tensors and 2 gradTensors");
  assertThrows(() => backward(x.sum(), { inputs: [] }), Error, "cannot be empty");
  assertThrows(
    () => backward(x.sum(), { inputs: torch.ones([1]) }),
    Error,
    "does not require grad",
  );
});

Deno.test("a gradient is a tensor of its own: what is written into it is nobody else's", async () => {
  const [x, y, seed] = [leaf(1, 2), leaf(3, 4), torch.ones([2], { dtype: "float64" })];
  const seen: torch.Tensor[] = [];
  for (const createGraph of [false, true]) {
    x.grad = y.grad = null;
    const h = x.mul(2);
    h.retainGrad();
    x.registerHook((g) => void seen.push(g));
    Sum.apply(h, y).backward({ gradient: seed, createGraph });
    [x, y, h].forEach((tensor) => torch.noGrad(() => tensor.grad!.mul_(10)));
    const gradients = [x.grad!, y.grad!, h.grad!, seed, seen.at(-1)!];
    const expected = [[20, 20], [10, 10], [10, 10], [1, 1], [2, 2]];
    assertEquals(await Promise.all(gradients.map((g) => g.tolist())), expected);
  }
  const [z, factor] = [leaf(1, 2), leaf(3, 4)];
  z.backward({ gradient: factor });
  assertEquals([z.grad!.requiresGrad, z.grad === factor], [false, false]);
  const penalty = leaf(1, 2);
  penalty.backward({ gradient: factor, createGraph: true });
  penalty.grad!.sum().backward();
  assertEquals(await factor.grad!.tolist(), [1, 1]);
});

Deno.test("a second pass needs retainGraph", () => {
  const y = leaf(1, 2).exp().sum();
  y.backward({ retainGraph: true });
  y.backward();
  assertThrows(() => y.backward(), Error, "Trying to backward through the graph a second time");
});

Deno.test("more than one number needs its gradient, of the right shape", async () => {
  const x = leaf(1, 2);
  const y = x.mul(x);
  assertThrows(() => y.backward(), Error, "grad can be implicitly created only for scalar outputs");
  assertThrows(
    () => y.backward({ gradient: torch.ones([3]) }),
    Error,
    "gradient has a shape of [3] and output has a shape of [2]",
  );
  y.backward({ gradient: torch.tensor([10, 100], { dtype: "float64" }) });
  assertEquals(await x.grad!.tolist(), [20, 400]);
});

Deno.test("one tensor used in many indices receives the sum", async () => {
  const x = leaf(2);
  const a = x.mul(3);
  const b = a.mul(a).add(a).add(x);
  b.sum().backward();
  assertEquals(await x.grad!.tolist(), [18 * 2 + 3 + 1]);
});

Deno.test("detach and noGrad end the history, enableGrad takes it up again", () => {
  const x = leaf(1);
  assertEquals(x.mul(2).detach().requiresGrad, false);
  {
    using _ = torch.noGrad();
    assertEquals(x.mul(2).requiresGrad, false);
    assertEquals(torch.enableGrad(() => x.mul(2).requiresGrad), true);
    assertEquals(torch.isGradEnabled(), false);
  }
  assertEquals(torch.inferenceMode(() => x.mul(2).requiresGrad), false);
  assert(torch.isGradEnabled());
});

Deno.test("autograd.grad leaves grad alone and finds unused inputs", async () => {
  const [x, z] = [leaf(3), leaf(1)];
  const h = x.mul(x);
  const y = h.mul(2).sum();
  const [dx, dh] = grad([y], [x, h], { retainGraph: true });
  assertEquals([await dx!.tolist(), await dh!.tolist()], [[12], [2]]);
  assertEquals(x.grad, null);
  assertThrows(() => grad([y], [z], { retainGraph: true }), Error, "Set allowUnused: true");
  assertEquals(grad([y], [z], { allowUnused: true }), [null]);
  assertThrows(() => grad([y], [torch.ones([1])]), Error, "does not require grad");
});

Deno.test("gradients of gradients, three times", async () => {
  const x = leaf(2);
  let y = x.pow(4).sum();
  const expected = [32, 48, 48];
  for (const value of expected) {
    const [dx] = grad([y], [x], { createGraph: true });
    assertEquals(await dx!.tolist(), [value]);
    y = dx!.sum();
  }
});

Deno.test("a computed tensor passed twice has the gradients of one passed beside its copy", async () => {
  const functions: ((a: torch.Tensor, b: torch.Tensor) => torch.Tensor)[] = [
    (a, b) => a.mul(b),
    (a, b) => a.pow(b),
    (a, b) => torch.einsum("i,i->i", a, b),
    (a, b) => torch.stack([a, b]).prod(0),
    (a, b) => a.addcmul(a, b),
  ];
  for (const f of functions) {
    const derivatives = async (second: (y: torch.Tensor) => torch.Tensor) => {
      const x = leaf(0.5, 3);
      const y = x.mul(2);
      const [dx] = grad([f(y, second(y)).sum()], [x], { createGraph: true });
      const [ddx] = grad([dx!.sum()], [x]);
      return [await dx!.tolist(), await ddx!.tolist()];
    };
    assertEquals(await derivatives((y) => y), await derivatives((y) => y.mul(1)), String(f));
  }
});

Deno.test("a gradient penalty trains: backward through backward", async () => {
  const w = leaf(0.5, -1);
  const x = leaf(1, 2);
  const [dx] = grad([w.mul(x.mul(x)).sum()], [x], { createGraph: true });
  dx!.square().sum().backward();
  // d/dw of (2 w x)^2
  assertEquals(await w.grad!.tolist(), [8 * 0.5 * 1, 8 * -1 * 4]);
});

Deno.test("hooks see and change gradients, of leaves and of results", async () => {
  const x = leaf(1, 2);
  const y = x.mul(3);
  const seen: torch.Tensor[] = [];
  y.registerHook((g) => void seen.push(g));
  const doubled = y.registerHook((g) => g.mul(2));
  y.retainGrad();
  y.retainGrad();
  x.registerHook((g) => g.add(1));
  y.sum().backward({ retainGraph: true });
  assertEquals(await seen[0].tolist(), [1, 1]);
  assertEquals(await y.grad!.tolist(), [2, 2]);
  assertEquals(await x.grad!.tolist(), [7, 7]);
  doubled.remove();
  x.grad = null;
  y.sum().backward();
  assertEquals(await x.grad!.tolist(), [4, 4]);
  assertThrows(() => torch.ones([1]).registerHook(() => {}), Error, "doesn't require gradient");
});

Deno.test("a leaf's hook is called once a pass, with the sum of all that comes", async () => {
  const x = leaf(1, 2);
  const calls: string[] = [];
  x.registerPostAccumulateGradHook(() => void calls.push("post"));
  x.registerHook((g) => {
    calls.push("hook");
    return g.clamp({ max: 6 });
  });
  // The gradient is 2 x + 3 + 1.
  const pass = () => x.mul(x).add(x.mul(3)).sum().add(x.sum());
  pass().backward();
  assertEquals(calls, ["hook", "post"]);
  assertEquals(await x.grad!.tolist(), [6, 6]);
  pass().backward();
  assertEquals(await x.grad!.tolist(), [12, 12]);
  const [dx] = grad([pass()], [x]);
  assertEquals(calls, ["hook", "post", "hook", "post", "hook"]);
  assertEquals(await dx!.tolist(), [6, 6]);
});

Deno.test("autograd.grad goes no further than what it is asked for", async () => {
  const [x, w] = [leaf(1, 2), leaf(3, 4)];
  const h = x.mul(2);
  const calls: string[] = [];
  x.registerHook(() => void calls.push("x"));
  w.registerHook(() => void calls.push("w"));
  const [dh] = grad([h.mul(h).mul(w).sum()], [h]);
  assertEquals(calls, []);
  // What is behind h has not let go of what it saved.
  h.backward({ gradient: dh! });
  assertEquals([await x.grad!.tolist(), calls, w.grad], [[24, 64], ["x"], null]);
  const a = leaf(1, 2);
  const b = a.mul(3);
  b.registerHook((g) => g.mul(2));
  const last = () => grad([b.mul(b).sum()], [b], { retainGraph: true });
  assertEquals(await last()[0]!.tolist(), [12, 24]);
  const [da, db] = grad([b.mul(b).sum()], [a, b]);
  assertEquals([await da!.tolist(), await db!.tolist()], [[36, 72], [6, 12]]);
});

Deno.test("retainGrad keeps what all hooks made of a gradient", async () => {
  const x = leaf(1, 2);
  const y = x.mul(3);
  y.retainGrad();
  y.registerHook((g) => g.mul(2));
  y.sum().backward();
  assertEquals([await y.grad!.tolist(), await x.grad!.tolist()], [[2, 2], [6, 6]]);
});

Deno.test("a value that backward needs must not be changed in place", () => {
  const x = leaf(1, 2);
  const h = x.mul(2);
  const y = h.mul(h);
  h.add_(1);
  assertThrows(
    () => y.sum().backward(),
    Error,
    "modified by an inplace operation: [float64 [2]], which is output 0 of MulBackward0, is at version 1; " +
      "expected version 0 instead",
  );
  const e = x.exp();
  e.mul_(2);
  const again = x.exp();
  const total = again.sum();
  again.add_(1);
  assertThrows(() => total.add(again.sum()).backward(), Error, "output 0 of ExpBackward0");
});

Deno.test("what backward does not need may be changed in place", async () => {
  const x = leaf(1, 2);
  const h = x.mul(2);
  const y = h.add(1);
  h.mul_(10);
  y.sum().add(h.sum()).backward();
  assertEquals(await x.grad!.tolist(), [22, 22]);
});

Deno.test("in place changes have gradients too, through views as well", async () => {
  const x = leaf(1, 2, 3);
  const base = x.mul(1);
  base.narrow(0, 1, 2).mul_(5);
  base.select(0, 0).fill_(7);
  base.sum().backward();
  assertEquals(await base.tolist(), [7, 10, 15]);
  assertEquals(await x.grad!.tolist(), [0, 5, 5]);
});

Deno.test("what infinities are written over has a gradient of 0", async () => {
  const at = torch.tensor([1]);
  const masked = torch.tensor([-Infinity], { dtype: "float64" });
  const ways: ((x: torch.Tensor) => torch.Tensor)[] = [
    (x) => x.scatter(0, at, masked),
    (x) => x.indexPut_([at], -Infinity),
    (x) => x.indexCopy(0, at, masked),
    (x) => x.put(at, masked),
  ];
  for (const way of ways) {
    const x = leaf(1, 2, 3);
    way(x.mul(1)).sum().backward();
    assertEquals(await x.grad!.tolist(), [1, 0, 1], String(way));
  }
});

Deno.test("a view made before an in place change has the history of what it now shows", async () => {
  const x = leaf(1, 2);
  const base = x.mul(1);
  const view = base.select(0, 1);
  base.mul_(3);
  assertEquals(await view.item(), 6);
  view.backward();
  assertEquals(await x.grad!.tolist(), [0, 3]);
});

Deno.test("a leaf that requires gradients, or a view of it, is not changed in place", () => {
  const x = leaf(1, 2);
  assertThrows(() => x.add_(1), Error, "a leaf Variable that requires grad is being used");
  assertThrows(() => x.select(0, 0).zero_(), Error, "a view of a leaf Variable that requires grad");
  torch.noGrad(() => x.add_(1));
});

Deno.test("gradcheck passes right gradients and names wrong ones", async () => {
  const x = leaf(0.3, -0.7, 1.1);
  assertEquals(await gradcheck((a) => a.sin().mul(a.exp()), [x]), true);
  class Wrong extends torch.autograd.Function {
    static override forward(_: Context, a: torch.Tensor) {
      return a.mul(2);
    }
    static override backward(_: Context, gradient: torch.Tensor) {
      return gradient.mul(3);
    }
  }
  await assertRejects(
    () => gradcheck((a) => Wrong.apply(a), [x]),
    Error,
    "gradient of input 0 [3] differs at element 0: 3 by backward, 2",
  );
});

Deno.test("derivatives of functions as a whole", async () => {
  const x = leaf(1, 2);
  const v = torch.tensor([1, -1], { dtype: "float64" });
  const square = (x: torch.Tensor) => x.pow(2).mul(x.sum());
  const list = (x: torch.Tensor) => x.tolist();
  // x_i^2 (x_1 + x_2)
  const J = [[2 * 1 * 3 + 1, 1], [4, 2 * 2 * 3 + 4]];
  assertEquals(await list(functional.jacobian(square, x)), J);
  const [output, product] = functional.vjp(square, x, v);
  assertEquals([await list(output), await list(product)], [[3, 12], [
    J[0][0] - J[1][0],
    J[0][1] - J[1][1],
  ]]);
  assertEquals(await list(functional.jvp(square, x, v)[1]), [J[0][0] - J[0][1], J[1][0] - J[1][1]]);
  const cubes = (x: torch.Tensor) => x.pow(3).sum();
  assertEquals(await list(functional.hessian(cubes, x)), [[6, 0], [0, 12]]);
  assertEquals(await list(functional.hvp(cubes, x, v)[1]), [6, -12]);
  assertEquals(await list(functional.jacobian(() => torch.ones([2]), x)), [[0, 0], [0, 0]]);
  assertThrows(() => functional.hessian(square, x), Error, "gives 2 values, expected a single one");
  const again = functional.jacobian(cubes, x, { createGraph: true });
  again.sum().backward();
  assertEquals(await list(x.grad!), [6, 12]);
});

Deno.test("grad takes a tensor where PyTorch does, and results come apart in order or by name", async () => {
  const x = leaf(3, 1, 2);
  const [gradient] = grad(x.pow(2).sum(), x);
  assertEquals(await gradient!.tolist(), [6, 2, 4]);
  const [values, indices] = x.sort();
  assertEquals([await values.tolist(), await indices.tolist()], [[1, 2, 3], [1, 2, 0]]);
  const [largest] = x.max(0);
  assertEquals(await largest.item(), 3);
});
