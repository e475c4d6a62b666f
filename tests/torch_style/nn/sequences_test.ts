/** Recurrent networks, transformers and parametrized weights against PyTorch's values (tests/golden/torch_sequences.py). */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_sequences.json" with { type: "json" };
import { type Flat, tensorOf } from "../golden.ts";
import { assertAll, backward } from "./recorded.ts";

const { nn } = torch;
const { rnn } = nn.utils;
type AnyModule = torch.nn.AnyModule;

interface Recorded {
  readonly kind: string;
  readonly name: string;
  readonly args: unknown[];
  readonly options: Record<string, unknown>;
  readonly text: string;
  readonly state: Record<string, Flat>;
  readonly inputs: Flat[];
  readonly outputs: Flat[];
  readonly gradients: (Flat | null)[];
  readonly parameters: Record<string, Flat>;
  readonly lengths?: number[] | null;
  readonly enforceSorted?: boolean;
  readonly masks?: Record<string, Flat>;
  readonly hints?: Record<string, boolean>;
  readonly how?: string;
  readonly of?: string;
}

const classes = nn as unknown as Record<string, new (...args: unknown[]) => AnyModule>;

function make(item: Recorded): AnyModule {
  if (item.kind === "stack") {
    const options = { dimFeedforward: 6, dropout: 0 };
    const norm = new nn.LayerNorm(4);
    return item.name === "TransformerEncoder"
      ? new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, options), 2, norm)
      : new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2, options), 2, norm);
  }
  if (item.kind === "weight") {
    const module = new classes[item.of!](...item.args);
    const [first, second] = item.how!.split(".");
    const space = second ? nn.utils.parametrizations : nn.utils;
    return (space as unknown as Record<string, (m: AnyModule) => AnyModule>)[second ?? first](
      module,
    );
  }
  return new classes[item.name](...item.args, item.options);
}

function call(module: AnyModule, item: Recorded, inputs: torch.Tensor[]): unknown {
  const [x, ...rest] = inputs;
  if (item.kind === "layer" || item.kind === "stack") {
    const masks = Object.entries(item.masks!).map((
      [name, flat],
    ) => [name, tensorOf(flat).detach()]);
    return module(...inputs, { ...Object.fromEntries(masks), ...item.hints });
  }
  if (item.kind === "weight") return [module(x), module(x)];
  const state = rest.length === 0 ? null : rest.length === 1 ? rest[0] : rest;
  if (!item.lengths) return module(x, state);
  const { batchFirst = false } = item.options as { batchFirst?: boolean };
  const { enforceSorted } = item;
  const packed = rnn.packPaddedSequence(x, item.lengths, { batchFirst, enforceSorted });
  const [output, last] = module(packed, state) as [torch.nn.utils.rnn.PackedSequence, unknown];
  return [rnn.padPackedSequence(output, { batchFirst }), last];
}

const shown = (item: Recorded) =>
  `${item.how ?? item.name} ${JSON.stringify(item.options)} ${
    item.lengths ? `lengths ${item.lengths}` : ""
  }`;

for (const [i, item] of (golden.cases as unknown as Recorded[]).entries()) {
  Deno.test(`#${i} ${shown(item)}: state, values and gradients are PyTorch's`, async () => {
    const module = make(item);
    if (item.kind !== "weight") assertEquals(String(module), item.text);
    assertEquals(Object.keys(module.stateDict()).sort(), Object.keys(item.state).sort());
    const state = Object.entries(item.state).map(([name, flat]) => [name, tensorOf(flat).detach()]);
    module.loadStateDict(Object.fromEntries(state));
    const inputs = item.inputs.map(tensorOf);
    const result = call(module, item, inputs);
    const outputs = (Array.isArray(result) ? result.flat(Infinity) : [result]) as torch.Tensor[];
    backward(outputs);
    await assertAll([
      ...item.outputs.map((expected, k) => ({ what: `output ${k}`, actual: outputs[k], expected })),
      ...item.gradients.map((expected, k) => ({
        what: `gradient ${k}`,
        actual: inputs[k].grad,
        expected,
      })),
      ...Object.entries(item.parameters).map(([name, expected]) => ({
        what: `gradient of ${name}`,
        actual: module.getParameter(name).grad,
        expected,
      })),
    ]);
  });
}

Deno.test("removeWeightNorm gives the weight back", async () => {
  const layer = new nn.Linear(4, 3);
  const before = await layer.weight.tolist();
  nn.utils.weightNorm(layer);
  assertEquals(Object.keys(layer.stateDict()).sort(), ["bias", "weight_g", "weight_v"]);
  nn.utils.removeWeightNorm(layer);
  assertEquals(Object.keys(layer.stateDict()).sort(), ["bias", "weight"]);
  const after = (await layer.weight.tolist()) as number[][];
  (before as number[][]).flat().forEach((value, i) =>
    assert(Math.abs(value - after.flat()[i]) < 1e-6)
  );
  assertThrows(() => nn.utils.removeWeightNorm(layer), Error, "not found in Linear");
});

Deno.test("a vector of all parameters goes there and back", async () => {
  const net = new nn.Sequential(new nn.Linear(3, 2), new nn.Linear(2, 1));
  const vector = nn.utils.parametersToVector(net.parameters());
  assertEquals(vector.shape, [11]);
  const twice = vector.detach().mul(2);
  const expected = await twice.tolist();
  nn.utils.vectorToParameters(twice, net.parameters());
  assertEquals(await nn.utils.parametersToVector(net.parameters()).tolist(), expected);
  assertThrows(
    () => nn.utils.vectorToParameters(torch.zeros([3]), net.parameters()),
    Error,
    "of 11",
  );
});

Deno.test("sequences of different lengths are filled up, packed and taken apart", async () => {
  const list = [
    torch.tensor([1, 2, 3]).float(),
    torch.tensor([4]).float(),
    torch.tensor([5, 6]).float(),
  ];
  assertEquals(await rnn.padSequence(list, { batchFirst: true, paddingValue: -1 }).tolist(), [
    [1, 2, 3],
    [4, -1, -1],
    [5, 6, -1],
  ]);
  assertEquals(await rnn.padSequence(list, { batchFirst: true, paddingSide: "left" }).tolist(), [
    [1, 2, 3],
    [0, 0, 4],
    [0, 5, 6],
  ]);
  const packed = rnn.packSequence(list, false);
  assertEquals(await packed.data.tolist(), [1, 5, 4, 2, 6, 3]);
  assertEquals(packed.batchSizes, [3, 2, 1]);
  const back = rnn.unpackSequence(packed);
  assertEquals(await Promise.all(back.map((one) => one.tolist())), [[1, 2, 3], [4], [5, 6]]);
  assertThrows(() => rnn.packSequence(list), Error, "sorted in decreasing order");
  assertThrows(
    () => rnn.packPaddedSequence(torch.zeros([2, 1]), [3]),
    Error,
    "at most 2, but found 3",
  );
});

Deno.test("deepcopy shares nothing, and keeps what was shared inside", async () => {
  const shared = new nn.Linear(2, 2);
  class Tied extends nn.Module {
    first = shared;
    blocks = new nn.ModuleList([
      shared,
      new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2)),
    ]);
    scale = this.registerBuffer("scale", torch.ones([1]));
    override forward(x: torch.Tensor): torch.Tensor {
      return [...this.blocks].reduce((y: torch.Tensor, block) => block(y), x).mul(this.scale);
    }
  }
  const net = new Tied();
  const copy = torch.deepcopy(net);
  assert(copy instanceof Tied && copy.first === copy.blocks.at(0) && copy.first !== net.first);
  assertEquals(Object.keys(copy.stateDict()), Object.keys(net.stateDict()));
  assertEquals(String(copy), String(net));
  const x = torch.rand([3, 2]);
  net.eval();
  copy.eval();
  assertEquals(await copy(x).tolist(), await net(x).tolist());
  torch.noGrad(() => net.first.weight.zero_());
  assert((await copy.first.weight.abs().sum().item()) > 0);
});

Deno.test("deepcopy copies every container, and names a private member that no copy can have", () => {
  const scale = torch.ones([2]);
  const containers = [
    new nn.ParameterDict({ scale }),
    new nn.ParameterList([scale]),
    new nn.ModuleDict({ linear: new nn.Linear(2, 2) }),
    new nn.ModuleList([new nn.Linear(2, 2)]),
    new nn.Sequential(new nn.Linear(2, 2)),
  ];
  for (const module of containers) {
    const copy = torch.deepcopy(module);
    assertEquals(Object.keys(copy.stateDict()), Object.keys(module.stateDict()));
    assert(copy.parameters()[0] !== module.parameters()[0], module.constructor.name);
    assertEquals([copy.length, String(copy)], [module.length, String(module)]);
  }
  class Hidden extends nn.Module<[torch.Tensor]> {
    linear = new nn.Linear(2, 2);
    #twice(x: torch.Tensor): torch.Tensor {
      return this.linear(this.linear(x));
    }
    override forward(x: torch.Tensor): torch.Tensor {
      return this.#twice(x);
    }
  }
  class Inner extends Hidden {}
  class Counted extends nn.Module {
    static #made = 0;
    linear = new nn.Linear(2, 2);
    override forward(x: torch.Tensor): torch.Tensor {
      return this.linear(x).mul(++Counted.#made);
    }
  }
  torch.deepcopy(new Counted())(torch.ones([1, 2]));
  for (const module of [new Hidden(), new nn.Sequential(new Inner())]) {
    assertThrows(
      () => torch.deepcopy(module as torch.nn.Module),
      Error,
      "deepcopy: Hidden has the private member #twice, which no copy can have; expected a name without #",
    );
  }
});

Deno.test("transformers take masks in PyTorch's order, and a hint needs its mask", async () => {
  const options = { dimFeedforward: 6, dropout: 0, batchFirst: true };
  const [x, memory] = [torch.randn([2, 3, 4]), torch.randn([2, 3, 4])];
  const later = nn.Transformer.generateSquareSubsequentMask(3);
  const padding = torch.tensor([[0, 0, 1], [0, 0, 0]]).bool();
  const layer = new nn.TransformerEncoderLayer(4, 2, options);
  const decoderLayer = new nn.TransformerDecoderLayer(4, 2, options);
  const whole = new nn.Transformer(4, 2, 1, 1, options);
  const encoder = new nn.TransformerEncoder(layer, 1);
  const decoder = new nn.TransformerDecoder(decoderLayer, 1);
  const decoderMasks = { tgtMask: later, memoryMask: later, tgtKeyPaddingMask: padding };
  const pairs: [torch.Tensor, torch.Tensor, torch.Tensor][] = [
    [
      layer(x, later, padding, true),
      layer(x, { srcMask: later, srcKeyPaddingMask: padding }),
      layer(x),
    ],
    [
      encoder(x, later, padding),
      encoder(x, { mask: later, srcKeyPaddingMask: padding }),
      encoder(x),
    ],
    ...[decoderLayer, decoder].map((one): [torch.Tensor, torch.Tensor, torch.Tensor] => [
      one(x, memory, later, later, padding, null, true, true),
      one(x, memory, decoderMasks),
      one(x, memory),
    ]),
    [
      whole(x, memory, null, later, later, null, padding),
      whole(x, memory, decoderMasks),
      whole(x, memory),
    ],
  ];
  for (const [byPosition, byName, without] of pairs) {
    assertEquals(await byPosition.tolist(), await byName.tolist());
    assertNotEquals(await byPosition.tolist(), await without.tolist());
  }
  const hints: (() => unknown)[] = [
    () => layer(x, { isCausal: true }),
    () => encoder(x, { isCausal: true }),
    () => decoderLayer(x, memory, { tgtIsCausal: true }),
    () => decoder(x, memory, { memoryIsCausal: true }),
    () => whole(x, memory, { srcIsCausal: true }),
    () => whole(x, memory, { tgtIsCausal: true }),
  ];
  for (const call of hints) {
    assertThrows(call, Error, "Need attnMask if specifying the isCausal hint");
  }
  assertThrows(() => layer(x, { mask: later } as never), Error, 'unknown option "mask"');
});

Deno.test("a query that sees no key gets nothing, or NaN where weights are asked for, as in PyTorch", async () => {
  const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
  torch.noGrad(() => attention.outProj.bias!.fill_(0.5));
  const x = torch.randn([2, 3, 4]).requiresGrad_();
  const keyPaddingMask = torch.tensor([[1, 1, 1], [0, 0, 1]]).bool();
  const [output] = attention(x, x, x, { keyPaddingMask, needWeights: false });
  output.sum().backward();
  assertEquals(
    (await output.tolist() as number[][][])[0],
    [[], [], []].map(() => Array(4).fill(0.5)),
  );
  const gradients = await x.grad!.tolist() as number[][][];
  assertEquals(gradients[0], [[], [], []].map(() => Array(4).fill(0)));
  assert(gradients[1].flat().some((value) => value !== 0));
  const [shown] = attention(x, x, x, keyPaddingMask);
  assert((await shown.tolist() as number[][][])[0].flat().every(Number.isNaN));
  const more = new nn.MultiheadAttention(4, 2, { batchFirst: true, addZeroAttn: true });
  const [some] = more(x, x, x, keyPaddingMask);
  assert((await some.tolist() as number[][][]).flat(2).every(Number.isFinite));
});
