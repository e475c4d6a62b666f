/** Functions of tensors against PyTorch's values (tests/golden/torch_tensors.py). */
import { assertEquals } from "@std/assert";
import type { DType } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_tensors.json" with { type: "json" };
import { assertSame, type Flat, type GoldenCase, type Rule, testCases } from "./golden.ts";

type Tensor = torch.Tensor;
type Index = torch.Index;

const { slice: s } = torch;
const long = (...values: number[]) => torch.tensor(values);

const unary = (fn: (x: Tensor) => Tensor): Rule => ([x]) => fn(x);
const binary = (fn: (a: Tensor, b: Tensor) => Tensor): Rule => ([a, b]) => fn(a, b);

/** PyTorch's expressions between brackets. */
const indexings: Record<string, (x: Tensor) => Index[]> = {
  "x[1]": () => [1],
  "x[-1,2]": () => [-1, 2],
  "x[1:,:2]": () => [s(1), s(null, 2)],
  "x[:,1:-1]": () => [s(), s(1, -1)],
  "x[::2,1::2]": () => [s(null, null, 2), s(1, null, 2)],
  "x[...,0]": () => ["...", 0],
  "x[0,...,None]": () => [0, "...", null],
  "x[:,None]": () => [s(), null],
  "x[[2,0,-1]]": () => [long(2, 0, -1)],
  "x[:,[3,1]]": () => [s(), long(3, 1)],
  "x[[0,1],[1,3]]": () => [long(0, 1), long(1, 3)],
  "x[[[0],[2]],[1,3]]": () => [torch.tensor([[0], [2]]), long(1, 3)],
  "x[:,[0,2],[1,0]]": () => [s(), long(0, 2), long(1, 0)],
  "x[[0,2],:,[1,0]]": () => [long(0, 2), s(), long(1, 0)],
  "x[mask]": () => [torch.tensor([true, false, true])],
  "x[mask2]": (x) => [x.detach().select(2, 0).gt(0)],
  "x[1:,[0,3],1]": () => [s(1), long(0, 3), 1],
};

const assignments: Record<string, (y: Tensor, v: Tensor) => unknown> = {
  "x[1]=v": (y, v) => y.indexPut_([1], v),
  "x[:,1::2]=v": (y, v) => y.indexPut_([s(), s(1, null, 2)], v),
  "x[[2,0]]=v": (y, v) => y.indexPut_([long(2, 0)], v),
  "x[:,[3,1]]=v": (y, v) => y.indexPut_([s(), long(3, 1)], v),
  "x[[0,2],[1,3]]=v": (y, v) => y.indexPut_([long(0, 2), long(1, 3)], v),
  "x[...,-1]=v": (y, v) => y.indexPut_(["...", -1], v.select(0, 0)),
  "x.t()[0]=v": (y, v) => y.permute(1, 0, 2).select(0, 0).copy_(v),
  "x.view[5:9]=v": (y, v) => y.view(-1).index(s(5, 9)).view(2, 2).copy_(v),
  "x[[1,1]]+=v": (y, v) => y.indexPut_([long(1, 1)], v, { accumulate: true }),
  "x[x>0]=0.5": (y) => y.indexPut_([y.detach().gt(0)], 0.5),
};

const rules: Record<string, Rule> = {
  addAlpha: ([a, b], options) => torch.add(a, b, options),
  subAlpha: ([a, b], options) => torch.sub(a, b, options),
  divRounded: ([a, b], { roundingMode }) =>
    a.detach().div(b.detach(), { roundingMode: roundingMode ?? undefined }),
  floorDivide: binary((a, b) => a.detach().floorDivide(b.detach())),
  remainder: binary((a, b) => a.detach().remainder(b.detach())),
  clamp: ([x], options) => x.clamp(options),
  lerp: ([a, b], { weight }) => a.lerp(b, weight),
  where: ([c, a, b]) => torch.where(c, a, b),
  maskedFill: ([x, mask], { value }) => x.maskedFill(mask, value),
  logical_and: binary(torch.logicalAnd),
  logical_or: binary(torch.logicalOr),
  logical_xor: binary(torch.logicalXor),
  sum: ([x], o) => x.sum(o),
  mean: ([x], o) => x.mean(o),
  amax: ([x], o) => x.amax(o),
  amin: ([x], o) => x.amin(o),
  var: ([x], o) => x.var(o),
  std: ([x], o) => x.std(o),
  norm: ([x], o) => x.norm({ ...o, p: o.p === "inf" ? Infinity : Number(o.p) }),
  logsumexp: ([x], o) => x.logsumexp(o),
  prod: ([x], { dim }) => x.prod(dim),
  maxValues: ([x], { dim }) => x.max(dim).values,
  minValues: ([x], { dim }) => x.min(dim).values,
  maxIndices: ([x], { dim }) => x.max(dim).indices,
  minIndices: ([x], { dim }) => x.min(dim).indices,
  all: ([x], { dim }) => x.all(dim),
  any: ([x], { dim }) => x.any(dim),
  argmax: unary((x) => x.argmax()),
  argmin: ([x], o) => x.argmin(o),
  reshape: unary((x) => x.reshape(4, -1)),
  permute: unary((x) => x.permute(2, 0, 1)),
  transpose: unary((x) => x.transpose(0, -1)),
  movedim: unary((x) => x.movedim(0, -1)),
  movedimMany: unary((x) => x.movedim([0, 1], [2, 0])),
  flatten: unary((x) => x.flatten(1)),
  unflatten: unary((x) => x.unflatten(2, [2, -1])),
  unsqueeze: unary((x) => x.unsqueeze(-2)),
  squeeze: unary((x) => x.unsqueeze(0).unsqueeze(-1).squeeze()),
  expand: unary((x) => x.expand(2, -1, -1, -1)),
  narrow: unary((x) => x.narrow(1, 1, 2)),
  select: unary((x) => x.select(1, -1)),
  repeat: unary((x) => x.repeat(2, 1, 1, 2)),
  flip: unary((x) => x.flip(0, 2)),
  roll: unary((x) => x.roll(2, 2)),
  split: unary((x) => torch.cat(x.split(3, 2).map((part, i) => part.mul(i + 1)), 2)),
  chunk: unary((x) => x.chunk(2, 1)[1]),
  unbind: unary((x) => x.unbind(1)[2]),
  tril: unary((x) => x.tril(1)),
  triu: unary((x) => x.triu(-1)),
  cat: ([a, b]) => torch.cat([a, b], a.ndim === 2 ? 1 : 0),
  stack: binary((a, b) => torch.stack([a, b], -1)),
  index: ([x], { expression }) => x.index(...indexings[expression](x)),
  indexSelect: ([x, k], { dim }) => x.indexSelect(dim, k),
  gather: ([x, k], { dim }) => x.gather(dim, k),
  assign: ([x, v], { expression }) => {
    const y = x.mul(1);
    assignments[expression](y, v);
    return y;
  },
};

/** Names that need no options: the function of that name. */
function ruleOf(name: string): Rule {
  // deno-lint-ignore no-explicit-any
  return rules[name] ?? ((inputs) => (torch as any)[name](...inputs.map((x: Tensor) => x)));
}

const cases = golden.cases as GoldenCase[];
// A mask must be known before it names entries.
for (const name of ["index", "assign"]) {
  for (const item of cases.filter((c) => c.name === name)) {
    const { expression } = item.options as { expression: string };
    if (/mask2|x>0/.test(expression)) item.name = `${name} by a computed mask`;
  }
}
rules["index by a computed mask"] = ([x]) => x.index(maskOf(x.detach().select(2, 0)));
rules["assign by a computed mask"] = ([x]) => x.mul(1).indexPut_([maskOf(x.detach())], 0.5);

function maskOf(x: Tensor): Tensor {
  const mask = x.gt(0);
  assertEquals(mask.array.isOnHost, true, "small comparisons are computed at once");
  return mask;
}

testCases(cases, Object.fromEntries(cases.map(({ name }) => [name, ruleOf(name)])));

Deno.test("dtypes are promoted as PyTorch does", () => {
  const of = (dtype: string, kind: string) =>
    torch.ones(kind === "axes" ? [2] : [], { dtype: dtype as DType });
  for (const [a, left, b, right, expected] of golden.promotion) {
    const x = of(a as string, left as string);
    const y = b === "number" ? right as number : of(b as string, right as string);
    assertEquals(torch.resultType(x, y), expected, `${a} (${left}) and ${b} (${right})`);
  }
});

Deno.test("creation gives PyTorch's numbers", async () => {
  const made: Record<string, Tensor> = {
    "arange(5)": torch.arange(5),
    "arange(1, 2.5, 0.5)": torch.arange(1, 2.5, 0.5),
    "arange(5, 0, -2)": torch.arange(5, 0, -2),
    "linspace(-1, 2, 7)": torch.linspace(-1, 2, 7),
    "eye(2, 3)": torch.eye(2, 3),
    "full([2], 7)": torch.full([2], 7),
  };
  for (const [expression, expected] of Object.entries(golden.creation)) {
    await assertSame(made[expression], expected as Flat, expression);
  }
});
