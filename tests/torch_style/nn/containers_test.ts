/** Containers, buffers, paths and printing. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import { recorded } from "./recorded.ts";

const { nn } = torch;

class Net extends nn.Module {
  stem = new nn.Conv2d(3, 8, 3, { padding: "same" });
  blocks = new nn.ModuleList<torch.nn.TensorModule>([
    new nn.Linear(4, 4),
    new nn.Linear(4, 4),
    new nn.Sequential(new nn.Linear(4, 2), new nn.ReLU({ inplace: true })),
  ]);
  choices = new nn.ModuleDict({ a: new nn.Identity(), b: new nn.Sequential() });
  scales = new nn.ParameterList([torch.ones([2, 3]), torch.ones([])]);
  steps = this.registerBuffer("steps", torch.zeros([]));
  scratch = this.registerBuffer("scratch", torch.zeros([2]), { persistent: false });
  attention = new nn.MultiheadAttention(4, 2);
  norm = new nn.BatchNorm2d(8);
  override forward(x: torch.Tensor): torch.Tensor {
    return this.blocks[0](x);
  }
}

const inplace = { inplace: true };
const printed = [
  new Net(),
  new nn.Sequential({ conv: new nn.Conv2d(1, 2, 3), act: new nn.Tanh() }),
  new nn.Sequential(
    new nn.Sequential(new nn.ReLU6(inplace)),
    new nn.LeakyReLU(0.3, inplace),
    new nn.Hardtanh(-1, 1, inplace),
    new nn.ELU(1, inplace),
    new nn.Dropout(0.25, inplace),
    new nn.Hardswish(inplace),
    new nn.SiLU(inplace),
  ),
  new nn.ModuleList(),
  new nn.ModuleList([new nn.ReLU()]),
];

Deno.test("networks print as in PyTorch, and their state has PyTorch's names", () => {
  assertEquals(printed.length, recorded.texts.length);
  recorded.texts.forEach(({ text, state }, i) => {
    assertEquals(String(printed[i]), text);
    assertEquals(Object.keys(printed[i].stateDict()), state);
  });
  assertEquals(Deno.inspect(printed[1]), recorded.texts[1].text);
});

Deno.test("buffers: named, saved unless not persistent, moved, not learned", async () => {
  const net = new Net();
  assertEquals(net.namedBuffers().map(([name]) => name), [
    "steps",
    "scratch",
    "norm.running_mean",
    "norm.running_var",
    "norm.num_batches_tracked",
  ]);
  assert(!Object.keys(net.stateDict()).includes("scratch"));
  assert(!net.parameters().some((parameter) => parameter as unknown === net.steps));
  net.steps.add_(3);
  const other = new Net();
  other.loadStateDict(net.stateDict());
  assertEquals(await other.steps.item(), 3);
  // A registered name stays a buffer when another tensor is put there.
  net.steps = torch.ones([]);
  assertEquals(await net.getBuffer("steps").item(), 1);
  assertThrows(() => net.registerBuffer("stem", torch.ones([])), Error, "already exists");
  assertThrows(() => net.registerBuffer("a.b", torch.ones([])), Error, 'contain "."');
});

Deno.test("paths: getSubmodule, getParameter and getBuffer under PyTorch's names", () => {
  const net = new Net();
  assertStrictEquals(net.getSubmodule("blocks.2.0"), (net.blocks[2] as torch.nn.Sequential)[0]);
  assertStrictEquals(net.getSubmodule(""), net);
  assertStrictEquals(net.getParameter("attention.in_proj_bias"), net.attention.inProjBias);
  assertStrictEquals(net.getParameter("attention.out_proj.weight"), net.attention.outProj.weight);
  assertStrictEquals(net.getParameter("scales.1"), net.scales[1]);
  assertStrictEquals(net.getBuffer("norm.running_var"), net.norm.runningVar);
  assertThrows(() => net.getParameter("stem.wight"), Error, 'Conv2d has no parameter "wight"');
  assertThrows(() => net.getSubmodule("blocks.7"), Error, 'ModuleList has no module "7"');
});

Deno.test("Sequential: called, indexed, iterated, sliced, changed, named", async () => {
  const [a, b, c] = [new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 2)];
  const sequential = new nn.Sequential(a, b);
  assertEquals(sequential.length, 2);
  sequential.append(c);
  assertEquals([...sequential], [a, b, c]);
  assertStrictEquals(sequential[2], c);
  assertStrictEquals(sequential.at(-1), c);
  const x = torch.ones([1, 2]);
  const expected = await c(b(a(x))).tolist();
  assertEquals(await sequential(x).tolist(), expected);
  assertEquals(await new nn.Sequential(sequential.slice(0, 2), c)(x).tolist(), expected);
  sequential[1] = new nn.Identity();
  assertEquals(await sequential(x).tolist(), await c(a(x)).tolist());
  sequential.insert(0, b);
  assertEquals(sequential.namedChildren().map(([name]) => name), ["0", "1", "2", "3"]);
  assertStrictEquals(sequential.pop(0), b);
  assertEquals(sequential.length, 3);
  assertEquals(sequential[3], undefined);
  assertThrows(() => sequential.pop(3), RangeError, "index 3 is out of range");
  const named = new nn.Sequential({ first: a, last: c });
  assertEquals(await named(x).tolist(), await c(a(x)).tolist());
  assertEquals(Object.keys(named.stateDict())[2], "last.weight");
  assertStrictEquals(named[1], c);
});

Deno.test("ModuleList and ModuleDict hold modules and are not called", () => {
  const list = new nn.ModuleList([1, 2].map((n) => new nn.Linear(n, 1)));
  list.append(new nn.Linear(3, 1)).extend([new nn.Linear(4, 1)]).insert(0, new nn.Linear(9, 1));
  assertEquals([...list].map((layer) => layer.inFeatures), [9, 1, 2, 3, 4]);
  assertEquals(list[4].inFeatures, 4);
  assertEquals(list.slice(1, 3).length, 2);
  assertEquals(list.pop().inFeatures, 4);
  assertEquals(list.length, 4);
  assertEquals(list.namedParameters().length, 8);
  assertThrows(() => (list as unknown as () => void)(), Error, "missing the required");
  const dict = new nn.ModuleDict({ keys: new nn.Linear(1, 1) });
  dict.set("b", new nn.Linear(2, 1)).update([["c", new nn.Linear(3, 1)]]);
  assertEquals([...dict.keys()], ["keys", "b", "c"]);
  assertEquals(dict.get("b").inFeatures, 2);
  assertEquals(dict.pop("keys").inFeatures, 1);
  assertEquals(Object.keys(dict.stateDict()), ["b.weight", "b.bias", "c.weight", "c.bias"]);
  assertThrows(() => dict.get("x"), Error, 'ModuleDict has no "x", it has b, c');
});

Deno.test("ParameterList makes parameters of tensors, and they learn", async () => {
  const list = new nn.ParameterList([torch.ones([2])]).append(torch.full([2], 3));
  assert(list[1] instanceof nn.Parameter);
  list[0].mul(list[1]).sum().backward();
  assertEquals(await list[0].grad!.tolist(), [3, 3]);
  list[0] = torch.zeros([1]) as torch.nn.Parameter;
  assert(list.at(0) instanceof nn.Parameter);
  list.to("float64");
  assertEquals(list.parameters().map((p) => p.dtype), ["float64", "float64"]);
});

Deno.test("a shared module is visited once and saved under all its paths", () => {
  const shared = new nn.Linear(2, 2);
  const net = new nn.Sequential(shared, new nn.ReLU(), shared);
  assertEquals(net.parameters().length, 2);
  assertEquals(net.modules().length, 3);
  assertEquals(Object.keys(net.stateDict()), ["0.weight", "0.bias", "2.weight", "2.bias"]);
});

Deno.test("apply goes through all modules, children first", () => {
  const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Sequential(new nn.ReLU()));
  const seen: string[] = [];
  const same = net.apply((module) => {
    seen.push(module.constructor.name);
    if (module instanceof nn.Linear) nn.init.ones_(module.weight);
  });
  assertStrictEquals(same, net);
  assertEquals(seen, ["Linear", "ReLU", "Sequential", "Sequential"]);
});

Deno.test("to changes the dtype of floating point tensors, shared ones once", async () => {
  const net = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
  const [linear, norm] = [net[0] as torch.nn.Linear, net[1] as torch.nn.BatchNorm1d];
  const tied = new nn.Linear(2, 2);
  tied.weight = linear.weight;
  const all = new nn.Sequential(net, tied).double();
  assertEquals(linear.weight.dtype, "float64");
  assertStrictEquals(tied.weight, linear.weight);
  assertEquals([norm.runningMean!.dtype, norm.numBatchesTracked!.dtype], ["float64", "int64"]);
  assert(linear.weight.requiresGrad && linear.weight.isLeaf);
  const y = all.eval()(torch.ones([1, 2], { dtype: "float64" }));
  assertEquals(y.dtype, "float64");
  assertEquals((await y.data()).length, 2);
  assertThrows(() => all.to("int64"), Error, "only accepts floating point");
});

Deno.test("hooks see inputs and outputs and can replace them", async () => {
  const linear = new nn.Linear(2, 1, { bias: false });
  nn.init.ones_(linear.weight);
  const seen: unknown[] = [];
  const before = linear.registerForwardPreHook((_, [x]) => [(x as torch.Tensor).mul(2)]);
  const after = linear.registerForwardHook((module, inputs, output) => {
    seen.push(module, inputs.length);
    return (output as torch.Tensor).add(1);
  });
  const x = torch.ones([1, 2]);
  assertEquals(await linear(x).tolist(), [[5]]);
  assertEquals(seen, [linear, 1]);
  before.remove();
  after.remove();
  assertEquals(await linear(x).tolist(), [[2]]);
});

Deno.test("loadStateDict without strict tells what did not meet; the memory is its own", async () => {
  const net = new nn.Linear(2, 2);
  const weight = new Float32Array([1, 2, 3, 4]);
  const result = net.loadStateDict({
    weight: torch.fromArray(weight, [2, 2]),
    other: torch.ones([1]),
  }, { strict: false });
  assertEquals(result, { missingKeys: ["bias"], unexpectedKeys: ["other"] });
  weight.fill(0);
  assertEquals(await net.weight.tolist(), [[1, 2], [3, 4]]);
});

Deno.test("a state without counts of batches, as older ones of PyTorch are, is loaded strictly; counts stay", async () => {
  const make = () => new nn.Sequential(new nn.Conv2d(1, 2, 1), new nn.BatchNorm2d(2));
  const [from, to] = [make(), make()];
  from(torch.rand(3, 1, 2, 2));
  const { "1.num_batches_tracked": _, ...state } = from.stateDict();
  const norm = to[1] as torch.nn.BatchNorm2d;
  norm.numBatchesTracked!.fill_(5);
  for (const strict of [true, false]) {
    assertEquals(to.loadStateDict(state, { strict }), { missingKeys: [], unexpectedKeys: [] });
  }
  const expected = (from[1] as torch.nn.BatchNorm2d).runningMean!;
  assertEquals(await norm.runningMean!.tolist(), await expected.tolist());
  assertEquals(await norm.numBatchesTracked!.item(), 5);
  const { "1.running_mean": __, ...less } = state;
  assertThrows(() => to.loadStateDict(less), Error, 'missing key "1.running_mean"');
});
