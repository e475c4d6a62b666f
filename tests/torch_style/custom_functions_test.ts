/** Functions with a gradient rule of one's own, and those of the idiom that are made so. */
import { assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const { grad, gradcheck } = torch.autograd;
const { linalg } = torch;
type Context = torch.autograd.FunctionContext;
type Compute = (x: torch.Tensor) => torch.Tensor;

function leaf(...values: number[]): torch.Tensor {
  return torch.tensor(values, { dtype: "float64", requiresGrad: true });
}

class Exp extends torch.autograd.Function {
  static override forward(context: Context, x: torch.Tensor) {
    const result = x.exp();
    context.saveForBackward(result);
    return result;
  }
  static override backward(context: Context, gradient: torch.Tensor) {
    return gradient.mul(context.savedTensors[0]);
  }
}

/** Saves its input and something between, of which no gradient of a gradient flows. */
class Square extends torch.autograd.Function {
  static between: torch.Tensor;
  static context: Context;
  static override forward(context: Context, x: torch.Tensor) {
    Square.between = x.mul(2);
    Square.context = context;
    context.saveForBackward(x, Square.between);
    return x.mul(x);
  }
  static override backward(context: Context, gradient: torch.Tensor) {
    return gradient.mul(context.savedTensors[1]);
  }
}

Deno.test("a function with a rule of its own", async () => {
  class Cube extends torch.autograd.Function {
    static override forward(context: Context, x: torch.Tensor) {
      context.saveForBackward(x);
      return x.pow(3);
    }
    static override backward(context: Context, gradient: torch.Tensor) {
      const [x] = context.savedTensors;
      return gradient.mul(x.mul(x).mul(3));
    }
  }
  const cube = (x: torch.Tensor) => Cube.apply(x);
  const x = leaf(2, -1);
  const y = cube(x);
  assertEquals(String(y), "tensor([ 8., -1.], dtype=torch.float64, grad_fn=<CubeBackward>)");
  assertEquals(await gradcheck(cube, [x]), true);
  const [first] = grad([y.sum()], [x], { createGraph: true });
  const [second] = grad([first!.sum()], [x]);
  assertEquals(await second!.tolist(), [12, -6]);
  class Broken extends torch.autograd.Function {
    static override forward(_: Context, x: torch.Tensor) {
      return x.mul(2);
    }
    static override backward(_: Context, gradient: torch.Tensor) {
      return [gradient, gradient];
    }
  }
  assertThrows(() => Broken.apply(x).sum().backward(), Error, "expected 1, got 2");
});

Deno.test("a function of tensors and other values, with several results and attributes on its context", async () => {
  class ScaledPair extends torch.autograd.Function {
    static override forward(context: Context, x: torch.Tensor, factor: number, y: torch.Tensor) {
      context.factor = factor;
      assertEquals(context.needsInputGrad, [true, false, false]);
      return [x.mul(factor), y.add(x)];
    }
    static override backward(context: Context, first: torch.Tensor, second: torch.Tensor) {
      return [first.mul(context.factor).add(second), null, second];
    }
  }
  const x = leaf(1, 2);
  const [scaled, sum] = ScaledPair.apply(x, 3, torch.ones([2], { dtype: "float64" }));
  assertEquals([await scaled.tolist(), await sum.tolist()], [[3, 6], [2, 3]]);
  scaled.sum().backward({ retainGraph: true }); // The other result has a gradient of zeros.
  assertEquals(await x.grad!.tolist(), [3, 3]);
  sum.mul(2).sum().backward();
  assertEquals(await x.grad!.tolist(), [5, 5]);
  assertThrows(() => torch.autograd.Function.apply(x), Error, "must implement the forward");
});

const spread = [1.5, 0.25, -0.5, 0.75, 2, 0.125, -1, 0.5, 3];
/** Symmetric, with different eigenvalues above 0. */
const positive: Compute = (x) => x.matmul(x.t()).add(torch.eye(3, { dtype: "float64" }));
const overMatrices: Record<string, Compute> = {
  det: (a) => linalg.det(a),
  slogdet: (a) => linalg.slogdet(a).logabsdet,
  inv: (a) => linalg.inv(a),
  "solve for A": (a) => linalg.solve(a, torch.tensor([1, -2, 3], { dtype: "float64" })),
  "solve for B": (a) => linalg.solve(positive(a), a),
  matrixExp: (a) => linalg.matrixExp(a),
  cholesky: (a) => linalg.cholesky(positive(a)),
  qr: (a) => torch.cat([...linalg.qr(a)]),
  eigh: (a) => torch.cat([...linalg.eigh(positive(a))].map((part) => part.square().flatten())),
  svd: (a) => torch.cat([...linalg.svd(a)].map((part) => part.square().flatten())),
};
const overElements: Record<string, Compute> = {
  Exp: (x) => Exp.apply(x),
  erfc: (x) => x.erfc(),
  erfinv: (x) => x.div(4).erfinv(),
  lgamma: (x) => x.square().add(0.5).lgamma(),
  digamma: (x) => x.square().add(0.5).digamma(),
  polygamma: (x) => torch.polygamma(1, x.square().add(0.5)),
  i0: (x) => x.i0(),
};

for (const [name, f] of Object.entries({ ...overMatrices, ...overElements })) {
  Deno.test(`${name}: second derivatives are those of central differences`, async () => {
    const x = leaf(...spread);
    const slope = (moved: torch.Tensor) =>
      torch.enableGrad(() => {
        const at = moved.requiresGrad ? moved : moved.requiresGrad_();
        const y = f(name in overMatrices ? at.reshape(3, 3) : at).flatten();
        const weights = torch.arange(1, y.numel() + 1, 1, { dtype: "float64" }).cos();
        return grad([y.mul(weights).sum()], [at], { createGraph: true })[0]!;
      });
    assertEquals(await gradcheck(slope, [x]), true);
  });
}

Deno.test("what a function saved must not be changed in place, unless nobody asks for it", async () => {
  const x = leaf(1, 2);
  const modified = (what: string, version: number) =>
    `modified by an inplace operation: [float64 [2]], which is ${what}, is at version ${version}; ` +
    `expected version ${version - 1} instead`;
  const input = x.mul(1);
  const squares = Square.apply(input);
  input.mul_(2);
  assertThrows(() => squares.sum().backward(), Error, modified("output 0 of MulBackward0", 1));
  const others = Square.apply(x.mul(1));
  Square.between.add_(1);
  assertThrows(() => others.sum().backward(), Error, modified("a leaf", 1));
  const powers = Exp.apply(x);
  powers.mul_(2);
  assertThrows(() => powers.sum().backward(), Error, modified("output 0 of ExpBackward", 1));
  const weight = leaf(1, 2);
  const kept = Square.apply(weight);
  torch.noGrad(() => weight.add_(1));
  assertThrows(() => kept.sum().backward(), Error, modified("a leaf", 1));
  // A result that was not saved may change.
  const free = Square.apply(x);
  free.mul_(3);
  free.sum().backward();
  assertEquals(await x.grad!.tolist(), [6, 12]);
  assertThrows(() => Square.context.savedTensors, Error, "a second time (SquareBackward)");
});

Deno.test("a result of integers has no gradient", async () => {
  class Sorted extends torch.autograd.Function {
    static override forward(context: Context, x: torch.Tensor) {
      const [values, indices] = x.sort();
      context.saveForBackward(indices);
      return [values, indices];
    }
    static override backward(context: Context, gradient: torch.Tensor) {
      return gradient.gather(0, context.savedTensors[0].argsort());
    }
  }
  const x = leaf(3, 1, 2);
  const [values, indices] = Sorted.apply(x);
  assertEquals([values.requiresGrad, indices.requiresGrad], [true, false]);
  values.mul(torch.tensor([1, 10, 100])).sum().backward();
  assertEquals(await x.grad!.tolist(), [100, 1, 10]);
});

Deno.test("matrixExp of a matrix that is not finite is NaN, and ends", async () => {
  for (const value of [Infinity, -Infinity, NaN]) {
    const result = linalg.matrixExp(torch.tensor([[value, 1], [0, 1]]));
    assertEquals(await result.tolist(), [[NaN, NaN], [NaN, NaN]]);
  }
});
