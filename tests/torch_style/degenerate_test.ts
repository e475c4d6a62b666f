/**
 * Matrices that are singular, empty or not finite, equal and zero elements, windows that see less than they could, sides that are
 * cut off: values, gradients and gradients of gradients against PyTorch's (tests/golden/torch_degenerate.py, which also says how a function is added).
 */
import { assert, assertEquals } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

type Tensor = torch.Tensor;
type Packed = number | string;
type Inputs = Record<string, [shape: number[], values: Packed[]]>;

interface Call {
  readonly call: string;
  readonly on: readonly string[];
  readonly args?: readonly unknown[];
  readonly y: readonly Packed[];
  readonly shape: readonly number[];
  /** Gradients of the inputs, and gradients of those; not there where they are not compared. */
  readonly g?: readonly (readonly Packed[])[];
  readonly gg?: readonly (readonly Packed[])[];
  readonly error?: string;
}

const file = new URL("../golden/torch_degenerate.json", import.meta.url);
const { inputs, calls } = JSON.parse(Deno.readTextFileSync(file)) as {
  inputs: Inputs;
  calls: readonly Call[];
};

const L = torch.linalg;
const index = torch.tensor([0, 0, 1], { dtype: "int64" });

const F = torch.nn.functional;
// deno-lint-ignore no-explicit-any -- arguments come from JSON
type Function = (...given: any[]) => Tensor;

function window(stride: number, padding: number) {
  return { stride, padding, ceilMode: true };
}

/** Tensors come first, then further arguments. */
const functions: Record<string, Function> = {
  maxPool: (x, kernel, stride, padding) => F.maxPool1d(x, kernel, window(stride, padding)),
  dilatedMaxPool: (x) => F.maxPool1d(x, 2, { stride: 1, padding: 1, dilation: 2 }),
  avgPool: (x, kernel, stride, padding) => F.avgPool1d(x, kernel, window(stride, padding)),
  avgPoolOfInside: (x, kernel, stride, padding) =>
    F.avgPool1d(x, kernel, { ...window(stride, padding), countIncludePad: false }),
  pad: (x, widths, mode) => F.pad(x, widths, { mode }),
  searchsorted: (x, y, right) => torch.searchsorted(x, y, { right }),
  svdvals: (a) => L.svdvals(a),
  nuclearNorm: (a) => L.matrixNorm(a, "nuc"),
  spectralNorm: (a) => L.matrixNorm(a, 2),
  smallestNorm: (a) => L.matrixNorm(a, -2),
  oneNorm: (a) => L.matrixNorm(a, 1),
  rowNorm: (a) => L.matrixNorm(a, Infinity),
  frobeniusNorm: (a) => L.matrixNorm(a),
  pinv: (a) => L.pinv(a),
  cond: (a) => L.cond(a),
  rank: (a) => L.matrixRank(a),
  eigvalsh: (a) => L.eigvalsh(a),
  det: (a) => L.det(a),
  sign: (a) => L.slogdet(a).sign,
  logarithm: (a) => L.slogdet(a).logabsdet,
  inv: (a) => L.inv(a),
  cholesky: (a) => L.cholesky(a),
  matrixExp: (a) => L.matrixExp(a),
  solve: (a) => L.solve(a, torch.onesLike(a)),
  solveTriangular: (a) => L.solveTriangular(a, torch.onesLike(a), { upper: true }),
  prod: (x) => x.prod(),
  prodAlong: (x) => x.prod(1),
  scatterProduct: (x, u) => torch.scatterReduce(x, 0, index, u, "prod"),
  scatterProductOfUpdates: (x, u) =>
    torch.scatterReduce(x, 0, index, u, "prod", { includeSelf: false }),
  median: (x) => x.median(),
  nanmedian: (x) => x.nanmedian(),
  max: (x) => x.max(),
  min: (x) => x.min(),
  ...Object.fromEntries([0, 1, 2, 3].map((n) => [`polygamma${n}`, (x) => torch.polygamma(n, x)])),
};

function number(value: Packed): number {
  return typeof value === "number" ? value : { nan: NaN, inf: Infinity, "-inf": -Infinity }[value]!;
}

function leaf(name: string, requiresGrad: boolean): Tensor {
  const [shape, values] = inputs[name];
  return torch.tensor(values.map(number), { dtype: "float64" }).reshape(shape)
    .requiresGrad_(requiresGrad);
}

function weighed(x: Tensor): Tensor {
  return x.mul(torch.arange(1, x.numel() + 1, 1, { dtype: x.dtype }).reshape(x.shape)).sum();
}

async function compare(what: string, tensor: Tensor, expected: readonly Packed[]) {
  const found = await tensor.flatten().tolist() as number[];
  assertEquals(found.length, expected.length, what);
  expected.map(number).forEach((value, i) => {
    const isClose = Object.is(found[i], value) || found[i] === value ||
      Math.abs(found[i] - value) <= 1e-9 * Math.max(1, Math.abs(value));
    assert(isClose, `${what}: element ${i} is ${found[i]}, expected ${value}`);
  });
}

/** What PyTorch's error is about, and what ours is to say. */
const SUBJECTS: readonly (readonly [string, string])[] = [
  ...["singular", "non-finite", "positive-definite", "square matrices", "non-zero size"].map((
    words,
  ) => [words, words] as const),
  ["too small", "leaves -1 of dimension 2"],
  ["empty dimension", "leaves -1 of dimension 2"],
];

async function check({ call, on, args = [], y, shape, g, gg, error }: Call): Promise<void> {
  const title = `${call}(${[...on, ...args.map((argument) => JSON.stringify(argument))]})`;
  const leaves = on.map((name) => leaf(name, g !== undefined));
  if (error !== undefined) {
    const message = await Promise.resolve().then(() => functions[call](...leaves, ...args).tolist())
      .then(() => "no error", (error) => (error as Error).message);
    const [, expected] = SUBJECTS.find(([words]) => error.includes(words))!;
    return assert(message.includes(expected), `${title}: ${message}, expected ${error}`);
  }
  const result = functions[call](...leaves, ...args);
  assertEquals(result.shape, shape, title);
  await compare(title, result, y);
  if (!g) return;
  const gradients = torch.autograd.grad([weighed(result)], leaves, {
    createGraph: gg !== undefined,
  });
  for (const [i, each] of gradients.entries()) await compare(`${title} g${i}`, each!, g[i]);
  if (!gg) return;
  const seconds = torch.autograd.grad(gradients.map((each) => weighed(each!)), leaves);
  for (const [i, each] of seconds.entries()) await compare(`${title} gg${i}`, each!, gg[i]);
}

for (const name of Object.keys(functions)) {
  Deno.test(`${name} of degenerate inputs is PyTorch's`, async () => {
    const own = calls.filter(({ call }) => call === name);
    assert(own.length > 0);
    const faults: string[] = [];
    for (const call of own) await check(call).catch((error) => faults.push(error.message));
    assertEquals(faults, []);
  });
}

const { nn } = torch;
type Net = Pick<torch.nn.Module, "namedParameters"> & { forward(x: Tensor): Tensor };

/** Modules, the shape of what they are given and of what they give. */
const onNothing: Record<string, [make: () => Net, given: number[], result: number[]]> = {
  "linear layers": [() => new nn.Linear(20, 512), [0, 20], [0, 512]],
  "linear layers without inputs": [() => new nn.Linear(0, 5), [3, 0], [3, 5]],
  signals: [() => new nn.Conv1d(2, 4, 3), [0, 2, 5], [0, 4, 3]],
  volumes: [() => new nn.Conv3d(2, 4, 3), [0, 2, 5, 5, 5], [0, 4, 3, 3, 3]],
  "transposed convolutions": [() => new nn.ConvTranspose2d(4, 6, 3), [0, 4, 5, 5], [0, 6, 7, 7]],
  "group norms": [() => new nn.GroupNorm(4, 32), [0, 32, 6, 6], [0, 32, 6, 6]],
  "layer norms": [() => new nn.LayerNorm(16), [0, 7, 16], [0, 7, 16]],
  "batch norms": [() => new nn.BatchNorm2d(32).eval(), [0, 32, 6, 6], [0, 32, 6, 6]],
  "batch norms that train": [() => new nn.BatchNorm2d(32), [0, 32, 6, 6], [0, 32, 6, 6]],
  "lines between pixels": [
    () => new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }),
    [0, 3, 4, 4],
    [0, 3, 8, 8],
  ],
  "recurrent layers": [
    () => {
      const net = new nn.LSTM(16, 8);
      return {
        forward: (x) => net.forward(x)[0] as Tensor,
        namedParameters: () => net.namedParameters(),
      };
    },
    [7, 0, 16],
    [7, 0, 8],
  ],
};
for (
  const [c, o, kernel, groups] of [
    ...[[20, 6, 3, 1], [32, 32, 3, 1], [32, 32, 1, 1], [28, 28, 3, 1], [3, 32, 3, 1]],
    ...[[176, 176, 3, 1], [32, 32, 3, 32], [32, 32, 3, 4]],
  ]
) {
  onNothing[`convolutions of ${[c, o, kernel, groups]}`] = [
    () => {
      const conv = new nn.Conv2d(c, o, kernel, { padding: kernel >> 1, groups });
      return new nn.Sequential(conv, new nn.ReLU(), new nn.MaxPool2d(2));
    },
    [0, c, 12, 12],
    [0, o, 6, 6],
  ];
}

Deno.test("of no images, and of no inputs, gradients are 0", async () => {
  for (const [name, [make, given, expected]] of Object.entries(onNothing)) {
    const net = make();
    const x = torch.zeros(given, { requiresGrad: true });
    const y = net.forward(x);
    assertEquals(y.shape, expected, name);
    y.sum().backward();
    assertEquals(x.grad!.shape, given, name);
    for (const [parameter, { shape, grad }] of net.namedParameters()) {
      // A bias is added to every row, also of a product of nothing.
      const value = parameter === "bias" ? given[0] : 0;
      const values = await grad!.data();
      assertEquals([...values], new Array(values.length).fill(value), `${name}: ${parameter}`);
      assertEquals(grad!.shape, shape, `${name}: ${parameter}`);
    }
  }
  const norm = new nn.BatchNorm2d(3);
  norm.forward(torch.zeros([0, 3, 4, 4]));
  const { running_var: variance } = norm.stateDict() as Record<string, Tensor>;
  assertEquals(await variance.tolist(), [1, 1, 1], "no images have no statistics");
  const [a, b] = [torch.zeros([3, 0]), torch.zeros([0, 2])];
  assertEquals(await torch.tensordot(a, b, 1).tolist(), [[0, 0], [0, 0], [0, 0]]);
});
