/** Every in-place variant writes what the function of the same name gives, into the memory that views share. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

type AnyMethod = (...args: unknown[]) => torch.Tensor;
const methodOf = (x: torch.Tensor, name: string) =>
  (x as unknown as Record<string, AnyMethod>)[name];

const half = () => torch.tensor([[0.2, 0.5], [0.7, 0.9]]);
const whole = () => torch.tensor([[12, 7], [5, 9]]);
const index = torch.tensor([[0, 1], [1, 0]]);
const square = torch.tensor([[1.5, -0.5], [0.25, 2.5]]);
const cube = torch.ones([3, 2, 2]);

/** Arguments of those that take some; integers where the name is of bits. */
const argumentsOf: Record<string, unknown[]> = {
  addcmul: [square, square],
  addcdiv: [square, square],
  addmm: [square, square],
  addmv: [square, torch.tensor([1.5, 2.5])],
  addr: [torch.tensor([1.5, 2.5]), torch.tensor([1.5, 2.5])],
  addbmm: [cube, cube],
  cumsum: [0],
  cumprod: [1],
  scatter: [0, index, square],
  scatterAdd: [0, index, square],
  scatterReduce: [0, index, square, "amax"],
  indexAdd: [0, torch.tensor([0, 1]), square],
  indexCopy: [0, torch.tensor([1, 0]), square],
  indexFill: [0, torch.tensor([1]), 3],
  indexReduce: [0, torch.tensor([0, 1]), square, "amax"],
  maskedScatter: [torch.tensor([[true, false], [true, true]]), square],
  put: [torch.tensor([0, 3]), torch.tensor([1.5, 2.5])],
  polygamma: [1],
  mvlgamma: [1],
  renorm: [2, 0, 1],
  clip: [{ min: 0.3 }],
  clampMin: [0.4],
  clampMax: [0.4],
  ...Object.fromEntries(
    [
      "subtract",
      "multiply",
      "divide",
      "trueDivide",
      "greater",
      "greaterEqual",
      "less",
      "lessEqual",
      "notEqual",
      "eq",
      "ne",
      "gt",
      "ge",
      "lt",
      "le",
      "logicalAnd",
      "logicalOr",
      "logicalXor",
      "floorDivide",
      "remainder",
      "xlogy",
      "ldexp",
      "fmod",
      "copysign",
      "heaviside",
      "nextafter",
      "igamma",
      "igammac",
      "atan2",
      "arctan2",
      "hypot",
    ].map((name) => [name, [square]]),
  ),
  floatPower: [2],
  ...Object.fromEntries(
    ["bitwiseAnd", "bitwiseOr", "bitwiseXor", "bitwiseLeftShift", "bitwiseRightShift", "gcd", "lcm"]
      .map((name) => [name, [torch.tensor([1, 2])]]),
  ),
};
const OF_INTEGERS = /^(bitwise|gcd|lcm)/;
const LIKE_BATCH = new Set(["baddbmm"]);

const names = Object.getOwnPropertyNames(torch.Tensor.prototype)
  .filter((name) => name.endsWith("_") && name.slice(0, -1) in torch.Tensor.prototype)
  .filter((name) =>
    ![
      "requiresGrad_",
      "indexPut_",
      "bernoulli_",
      "lerp_",
      "maskedFill_",
      "add_",
      "sub_",
      "mul_",
      "div_",
      "pow_",
      "clamp_",
    ].includes(name)
  );

Deno.test("in-place variants give what the functions give", async () => {
  assert(names.length > 100, `${names.length} variants`);
  for (const name of names) {
    const base = name.slice(0, -1);
    const make = OF_INTEGERS.test(name)
      ? whole
      : LIKE_BATCH.has(base)
      ? () => torch.ones([3, 2, 2])
      : half;
    const args = LIKE_BATCH.has(base) ? [cube, cube] : argumentsOf[base] ?? [];
    const x = name.startsWith("acosh") || name.startsWith("arccosh") ? make().add(1) : make();
    const expected = methodOf(x, base).apply(x, args).to(x.dtype);
    const view = x.view(-1);
    const result = methodOf(x, name).apply(x, args);
    assert(result === x, `${name} returns the tensor`);
    assertEquals(await view.tolist(), await expected.view(-1).tolist(), name);
  }
});

Deno.test("in-place variants have the gradients of the functions, which may read what is overwritten", async () => {
  const tried: string[] = [];
  for (const name of [...names, "mul_", "div_", "pow_", "add_", "sub_"]) {
    const base = name.slice(0, -1);
    if (OF_INTEGERS.test(name) || LIKE_BATCH.has(base)) continue;
    const x = name.startsWith("acosh") || name.startsWith("arccosh") ? half().add(1) : half();
    const gradients = async (run: (x: torch.Tensor, args: unknown[]) => torch.Tensor) => {
      const wants = x.detach().requiresGrad_();
      const given = argumentsOf[base] ?? (names.includes(name) ? [] : [square]);
      const args = given.map((arg) => arg === square ? square.detach().requiresGrad_() : arg);
      const y = run(wants.mul(1), args);
      if (!y.requiresGrad) return undefined;
      y.sum().backward();
      const leaves = [wants, ...args.filter((arg) => arg instanceof torch.Tensor)];
      return await Promise.all(leaves.map(async ({ grad }) => grad && String(await grad.tolist())));
    };
    const expected = await gradients((x, args) => methodOf(x, base).apply(x, args))
      .catch(() => undefined); // A function without gradients.
    if (!expected) continue;
    tried.push(name);
    assertEquals(await gradients((x, args) => methodOf(x, name).apply(x, args)), expected, name);
  }
  assert(tried.length > 80, `${tried.length} variants have gradients`);
});

Deno.test("an in-place variant refuses a result of another shape", () => {
  assertThrows(
    () => torch.zeros([3]).atan2_(torch.ones([2, 3])),
    Error,
    "doesn't match the broadcast shape",
  );
});
