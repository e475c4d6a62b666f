/** Tensors that share memory, and results written into tensors that are there. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const { slice } = torch;

function values(...shape: number[]): torch.Tensor {
  return torch.arange(shape.reduce((a, b) => a * b, 1)).reshape(shape).clone();
}

const views: Record<string, (x: torch.Tensor) => torch.Tensor> = {
  view: (x) => x.view(6, 4),
  reshape: (x) => x.reshape(-1),
  flatten: (x) => x.flatten(1),
  t: (x) => x.view(4, 6).t(),
  permute: (x) => x.permute(2, 0, 1),
  transpose: (x) => x.transpose(0, 2),
  movedim: (x) => x.movedim(0, -1),
  narrow: (x) => x.narrow(1, 1, 2),
  select: (x) => x.select(2, -1),
  unsqueeze: (x) => x.unsqueeze(1),
  squeeze: (x) => x.unsqueeze(0).squeeze(0),
  split: (x) => x.split(2, 2)[1],
  chunk: (x) => x.chunk(2, 0)[1],
  unbind: (x) => x.unbind(1)[2],
  "slices in steps": (x) => x.index(slice(), slice(0, null, 2), slice(1, null, 2)),
  "views of views": (x) => x.permute(2, 0, 1).index(slice(1, 3)).select(1, 0).view(-1),
  detach: (x) => x.detach(),
};

for (const [name, make] of Object.entries(views)) {
  Deno.test(`${name} shares memory both ways`, async () => {
    const x = values(2, 3, 4);
    const view = make(x);
    // Into the view: each of its elements lands where it came from.
    const before = Array.from(await view.data(), Number);
    view.mul_(-1).sub_(100);
    const seen = Array.from(await x.data(), Number);
    const expected = Array.from({ length: 24 }, (_, i) => before.includes(i) ? -i - 100 : i);
    assertEquals(seen, expected);
    // Into the base: the view shows it.
    x.fill_(7);
    assert(Array.from(await view.data(), Number).every((value) => value === 7));
  });
}

Deno.test("copies do not share memory", async () => {
  const x = values(2, 3);
  const copies = [x.clone(), x.index(torch.tensor([0, 1])), x.repeat(1, 1), x.flip(0), x.add(0)];
  x.zero_();
  for (const copy of copies) assert(await copy.sum().item() === 15);
});

Deno.test("an expanded tensor is not written into", () => {
  const x = torch.zeros([1, 3]).expand(2, 3);
  assertThrows(() => x.add_(1), Error, "more than one element of the written-to tensor");
});

Deno.test("fromArray: tensor and typed array share memory both ways", async () => {
  for (const count of [4, 5000]) {
    const data = new Float32Array(count).fill(2);
    const x = torch.fromArray(data);
    data[1] = 5;
    const doubled = x.mul(2);
    const column = x.view(2, -1).select(0, 0);
    column.add_(10);
    await x.data();
    assertEquals([data[0], data[1], data[count - 1]], [12, 15, 2]);
    // What was computed from the values before keeps them.
    assertEquals(Array.from(await doubled.data(), Number).slice(0, 2), [4, 10]);
    data[0] = -1;
    assertEquals(await column.select(0, 0).item(), -1);
  }
});

Deno.test("fromArray: values written into the typed array between calls are seen at each", async () => {
  const data = new Float32Array(2 * 3 * 32 * 32);
  const images = torch.fromArray(data, [2, 3, 32, 32]);
  const network = new torch.nn.Conv2d(3, 1, 1, { bias: false });
  network.weight.detach().fill_(1 / 3);
  using _ = torch.noGrad();
  for (let call = 1; call <= 6; call++) {
    data.fill(call);
    // In the second the array is seen under another shape, in the third something follows from it alone.
    for (const x of [images, images.view(1, 6, 32, 32).narrow(1, 0, 3), images.mul(2).div(2)]) {
      assertAlmostEquals(await network(x).mean().item(), call, 1e-5);
    }
  }
});

/** What may happen to a tensor x over a typed array; `truth` is what NumPy's array holds then, as `torch.from_numpy` has it. */
interface Shared {
  readonly data: Float32Array;
  readonly truth: Float32Array;
  readonly x: torch.Tensor;
  /** What was made of x, and the values it is to have. */
  readonly made: [torch.Tensor, Float32Array][];
  readonly other: torch.Tensor;
}

const happenings: readonly ((shared: Shared, value: number) => unknown)[] = [
  ({ x, truth }, value) => (x.add_(value), truth.forEach((old, i) => truth[i] = old + value)),
  (
    { x, truth },
    value,
  ) => (x.view(2, -1).select(0, 0).mul_(-1).add_(value),
    truth.forEach((old, i) => i < truth.length / 2 && (truth[i] = value - old))),
  ({ x, truth }, value) => (x.fill_(value), truth.fill(value)),
  ({ x, truth, other }) => (x.copy_(other), truth.fill(5)),
  ({ x, truth, made }) => made.push([x.clone(), truth.slice()]),
  ({ x, truth, made }) => made.push([x.mul(2), truth.map((value) => 2 * value)]),
  ({ x, truth, made }) => made.push([x.repeat(1), truth.slice()]),
  ({ x, truth, made }) => made.push([torch.zerosLike(x).copy_(x), truth.slice()]),
  ({ x, truth, made }) =>
    made.push([torch.stack([x.view(2, -1), x.view(2, -1)]).select(0, 1).flatten(), truth.slice()]),
  ({ data, truth }, value) =>
    truth[value % truth.length] = data[value % truth.length] = value + 0.5,
];

for (const count of [6, 5000]) {
  Deno.test(`fromArray: ${count} values follow NumPy's array whatever happens to either`, async () => {
    let seed = 1;
    const below = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    for (let trial = 0; trial < 20; trial++) {
      const data = Float32Array.from({ length: count }, (_, i) => i % 7);
      const x = torch.fromArray(data);
      const other = torch.full([count], 5);
      const shared: Shared = { data, truth: data.slice(), x, made: [], other };
      for (let step = 0; step < 8; step++) {
        happenings[below(happenings.length)](shared, 100 * step + 1);
        if (below(3) > 0) continue;
        const reading = x.data();
        happenings[below(happenings.length)](shared, 100 * step + 2);
        await reading;
        assertEquals(Array.from(await x.data(), Number), Array.from(shared.truth));
        assertEquals(Array.from(data), Array.from(shared.truth));
      }
      for (const [tensor, expected] of shared.made) {
        assertEquals(Array.from(await tensor.data(), Number), Array.from(expected));
      }
    }
  });
}

Deno.test("fromArray: an array of any type is written into while a change waits", async () => {
  const kinds: [torch.Tensor["dtype"], () => unknown][] = [
    ["bool", () => new Uint8Array(3000)],
    ["uint8", () => new Uint8Array(3000)],
    ["int8", () => new Int8Array(3000)],
    ["int32", () => new Int32Array(3000)],
    ["uint32", () => new Uint32Array(3000).fill(2 ** 32 - 2)],
    ["int64", () => new BigInt64Array(3000)],
    ["float64", () => new Float64Array(3000)],
  ];
  for (const [dtype, make] of kinds) {
    const data = make() as Float64Array;
    const x = torch.fromArray(data, [3000], { dtype });
    const before = Number(data[1]);
    x.copy_(dtype === "bool" ? x.logicalAnd(x.logicalNot()) : x.add(1));
    data[0] = (dtype === "int64" ? 5n : dtype === "bool" ? 1 : 5) as number;
    const written = Number(data[0]);
    const expected = [written, dtype === "bool" ? 0 : before + 1];
    await x.data();
    assertEquals(Array.from(data.subarray(0, 2), Number), expected, dtype);
  }
});

Deno.test("out receives the result, in its memory and dtype", async () => {
  const [a, b] = [torch.tensor([[1, 2], [3, 4]]).float(), torch.tensor([10, 20]).float()];
  const base = torch.zeros([2, 2, 2]);
  const out = base.select(0, 1);
  const results = [
    torch.add(a, b, { out }),
    torch.mul(a, b, { out }),
    torch.exp(a.mul(0), { out }),
    torch.matmul(a, a, { out }),
    torch.clamp(a, { min: 2, out }),
    torch.stack([b, b], 0, { out }),
    torch.gt(a, 2, { out: torch.zeros([2, 2], { dtype: "bool" }) }),
  ];
  for (const result of results.slice(0, -1)) assertEquals(result, out);
  assertEquals(await base.tolist(), [[[0, 0], [0, 0]], [[10, 20], [10, 20]]]);
  assertEquals(await results.at(-1)!.tolist(), [[false, false], [true, true]]);
  assertThrows(() => torch.add(a, b, { out: torch.zeros([3]) }), Error, "out has shape [3]");
});

Deno.test("wrong indices are named", () => {
  const x = values(2, 3);
  const faults: [() => unknown, string][] = [
    [() => x.index(2), "index 2 is out of bounds for dimension 0 with size 2"],
    [() => x.index(0, 0, 0), "too many indices for tensor of dimension 2"],
    [() => x.index(torch.tensor([0.5])), "must be long, int or bool tensors, got float32"],
    [() => slice(0, 2, 0), "slice step must be positive"],
    [() => x.view(4, 2), "shape '[4, 2]' is invalid for input of size 6"],
    [
      () => x.select(1, 3),
      "select(): index 3 out of range for tensor of size [2, 3] at dimension 1",
    ],
    [() => x.permute(0, 0), "is no order of the 2 dimensions"],
    [() => x.narrow(0, 1, 2), "start (1) + length (2) exceeds dimension size (2)"],
    [() => x.split([1, 3], 1), "expects split_sizes to sum exactly to 3"],
    [() => torch.cat([]), "expected a non-empty list of Tensors"],
    [() => torch.stack([x, values(3)]), "got [2, 3] at entry 0 and [3] at entry 1"],
    [
      () => x.add_(values(4, 2, 3)),
      "output with shape [2, 3] doesn't match the broadcast shape [4, 2, 3]",
    ],
    [() => x.add(values(4)), "shapes [2, 3] and [4] cannot be broadcast"],
    [
      () => x.float().matmul(x.float()),
      "mat1 and mat2 shapes cannot be multiplied ([2, 3] and [2, 3])",
    ],
    [() => x.mean(), "Input dtype must be either a floating point or complex dtype. Got: int64"],
    [
      () => x.requiresGrad_(),
      "only Tensors of floating point dtype can require gradients, got int64",
    ],
  ];
  for (const [run, message] of faults) assertThrows(run, Error, message);
});

const table = () => torch.arange(6).reshape([3, 2]);
const long = (...values: number[]) => torch.tensor(values);
const ones = () => torch.ones([1, 2], { dtype: "int64" });

/** Functions that take indices: what they are given, the indices allowed. PyTorch raises IndexError or RuntimeError for others. */
const indexed: Record<string, [call: (index: number) => unknown, from: number, to: number]> = {
  indexSelect: [(i) => table().indexSelect(0, long(0, i)), 0, 2],
  gather: [(i) => table().gather(0, long(0, i).reshape([1, 2])), 0, 2],
  scatter: [(i) => table().scatter(0, long(0, i).reshape([1, 2]), ones()), 0, 2],
  scatterAdd: [(i) => table().scatterAdd(0, long(0, i).reshape([1, 2]), ones()), 0, 2],
  indexAdd: [(i) => table().indexAdd(0, long(i), ones()), 0, 2],
  indexCopy: [(i) => table().indexCopy(0, long(i), ones()), 0, 2],
  indexFill: [(i) => table().indexFill(0, long(i), 7), -3, 2],
  take: [(i) => table().take(long(0, i)), -6, 5],
  index: [(i) => table().index(long(0, i)), -3, 2],
};

for (const [name, [call, from, to]] of Object.entries(indexed)) {
  Deno.test(`${name} refuses indices outside of ${from} to ${to}, which it names`, () => {
    for (const index of [from, 0, to]) call(index);
    for (const index of [from - 1, to + 1, 1_000_000]) {
      assertThrows(
        () => call(index),
        RangeError,
        `${name}: the index value ${index} is not in [${from}, ${to}]`,
      );
    }
  });
}

Deno.test("an index of one axis does not reach into another", () => {
  const x = torch.arange(200).reshape([10, 20]);
  assertThrows(() => x.index(long(0), long(20)), RangeError, "the index value 20 is not in");
  assertThrows(() => x.index(long(0), long(-21)), RangeError, "the index value -21 is not in");
});

Deno.test("indexFill counts negative indices from the back", async () => {
  assertEquals(await table().indexFill(0, long(-1), 7).tolist(), [[0, 1], [2, 3], [7, 7]]);
});
