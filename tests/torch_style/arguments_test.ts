/** How arguments are read: by position in PyTorch's order, by name, and what is refused. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Call, kinds, signature } from "../../torch_style/arguments.ts";
import * as torch from "../../torch_style/mod.ts";

const { nn, optim, data } = torch;

interface PoolOptions {
  readonly stride?: number | null;
  readonly mode?: "max" | "mean";
}

const POOL = signature(
  "pool",
  ["size", kinds.integer],
  ["stride", kinds.nullable(kinds.integer), 1],
  "*",
  ["mode", kinds.oneOf("max", "mean"), "max"],
);

function pool(...given: Call<typeof POOL, PoolOptions, [size: number]>) {
  const { size, stride, mode } = POOL.read(given);
  return [size, stride, mode];
}

Deno.test("arguments come by position, by name, or both", () => {
  assertEquals(pool(3), [3, 1, "max"]);
  assertEquals(pool(3, 2), [3, 2, "max"]);
  assertEquals(pool(3, { mode: "mean" }), [3, 1, "mean"]);
  assertEquals(pool(3, 2, { mode: "mean" }), [3, 2, "mean"]);
  assertEquals(pool(3, null), [3, null, "max"]);
  assertEquals(pool(3, undefined, { mode: undefined }), [3, 1, "max"]);
  assertEquals(POOL.read([{ size: 3, stride: 2 }]).stride, 2);
});

Deno.test("what does not fit is refused by name", () => {
  const refused: [given: unknown[], message: string][] = [
    [[], 'pool misses argument "size", expected an integer'],
    [[1.5], "pool: size is 1.5, expected an integer"],
    [[3, "2"], 'pool: stride is "2", expected an integer or null'],
    [[3, 2, "mean"], "pool takes at most 2 arguments by position (size, stride), got 3"],
    [[3, { strid: 2 }], 'pool got an unknown option "strid", did you mean "stride"?'],
    [[3, { colour: 2 }], 'pool got an unknown option "colour", expected size, stride, mode'],
    [[3, { mode: "min" }], 'pool: mode is "min", expected one of "max", "mean"'],
    [[3, 2, { stride: 2 }], 'pool got multiple values for argument "stride"'],
    [[null], "pool: size is null, expected an integer"],
    [[[3]], "pool: size is [3], expected an integer"],
  ];
  for (const [given, message] of refused) {
    assertThrows(() => POOL.read(given), TypeError, message);
  }
});

Deno.test("modules, optimizers and loaders take PyTorch's positional order", () => {
  assertEquals(
    String(new nn.Conv2d(3, 8, 4, 2, 1)),
    "Conv2d(3, 8, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))",
  );
  assertEquals(
    String(new nn.Conv2d(3, 8, 3, 1, "same", { bias: false })),
    "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same, bias=False)",
  );
  assertEquals(
    String(new nn.Linear(3, 2, false)),
    "Linear(in_features=3, out_features=2, bias=False)",
  );
  const layer = new nn.Linear(3, 2);
  assertEquals(new optim.SGD(layer.parameters(), 0.1, 0.9).paramGroups[0].momentum, 0.9);
  assertEquals(new optim.Adam(layer.parameters(), 0.1, [0.5, 0.9]).paramGroups[0].betas, [
    0.5,
    0.9,
  ]);
  const dataset = new data.TensorDataset(torch.zeros([100, 2]));
  assertEquals(new data.DataLoader(dataset, 32).length, 4);
  assertEquals(new data.DataLoader(dataset, 32, true, { dropLast: true }).length, 3);
});

Deno.test("optimizers take named parameters and say what is wrong with a group", () => {
  const layer = new nn.Linear(3, 2);
  const optimizer = new optim.SGD(layer.namedParameters(), { lr: 0.1 });
  assertEquals(optimizer.paramGroups[0].paramNames, ["weight", "bias"]);
  assertEquals(optimizer.paramGroups[0].params, layer.parameters());
  const loose = optim.SGD as unknown as new (...given: unknown[]) => unknown;
  const refused: [given: unknown[], message: string][] = [
    [
      [layer.parameters(), { weight_decay: 0.1 }],
      'SGD got an unknown option "weight_decay", did you mean "weightDecay"?',
    ],
    [[layer.parameters(), "fast"], 'SGD: lr is "fast", expected a number'],
    [[layer], "SGD: params is the function"],
    [[layer.weight], "SGD: params is a Parameter float32[2,3], expected a list of tensors"],
    [[[1, 2]], "optimizer can only optimize Tensors, but one of the params is 1"],
    [
      [[{ params: layer.parameters(), LR: 1 }]],
      'SGD parameter group got an unknown option "LR", did you mean "lr"?',
    ],
    [[[{ lr: 1 }]], 'SGD parameter group misses argument "params"'],
  ];
  for (const [given, message] of refused) assertThrows(() => new loose(...given), Error, message);
});

// deno-lint-ignore no-explicit-any
type Loose = any;
const loose = torch as Loose;

Deno.test("what PyTorch's users type is read as they mean it", async () => {
  const x = torch.arange(6).float().reshape(2, 3);
  const layer = new nn.Linear(3, 2);
  const attention = new nn.MultiheadAttention(4, 2);
  const q = torch.randn(5, 1, 4);
  assertEquals(loose.randn(64, 8).shape, [64, 8]);
  assertEquals(loose.zeros(2, 3, { dtype: "float64" }).dtype, "float64");
  assertEquals(torch.rand([3], { dtype: "float64" }).dtype, "float64");
  assertEquals(await x.sum(1, true).tolist(), [[3], [12]]);
  assertEquals(await x.mean({ dim: 1 }).tolist(), [1, 4]);
  assertEquals(await x.max(1, true).values.tolist(), [[2], [5]]);
  assertEquals(await torch.max(x, x.neg()).tolist(), await x.tolist());
  assertEquals(attention(q, q, q, null)[0].shape, [5, 1, 4]);
  assertEquals(attention(q, q, q, null, false)[1], null);
  assertEquals(x.to("cpu") === x, true);
  assertEquals(layer.to("cpu") === layer, true);
  assertEquals(String(new nn.ReLU(true)), "ReLU(inplace=True)");
  assertEquals(
    String(new nn.MaxPool2d(3, 2, 1)),
    "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)",
  );
  assertEquals(new nn.BatchNorm2d(8, 1e-3, 0.01).momentum, 0.01);
  assertEquals(new nn.Dropout(0.2, true).inplace, true);
  assertEquals(new nn.ConvTranspose2d(4, 2, 3, 2, 1, 1).outputPadding, [1, 1]);
  assertEquals(new nn.CrossEntropyLoss(torch.ones([3])).weight!.shape, [3]);
  const optimizer = new optim.SGD(layer.parameters(), 0.1);
  new optim.lrScheduler.CosineAnnealingLR(optimizer, { tMax: 10 });
  new optim.lrScheduler.StepLR(optimizer, 2, 0.5);
});

Deno.test("what cannot be meant is refused by name", async () => {
  const layer = new nn.Linear(3, 2);
  const optimizer = new optim.SGD(layer.parameters(), 0.1);
  const x = torch.ones([2, 3]);
  const refused: [call: () => unknown, message: string][] = [
    [
      () => new loose.optim.lrScheduler.CosineAnnealingLR(optimizer, { T_max: 10 }),
      'CosineAnnealingLR got an unknown option "T_max", did you mean "tMax"?',
    ],
    [
      () => new loose.optim.lrScheduler.StepLR({}, 2),
      "StepLR: optimizer is an object with {  }, expected an optimizer",
    ],
    [() => loose.tensor([1]).to("cuda"), 'to: dtype is "cuda", expected a dtype'],
    [() => (layer as Loose).to("cuda"), 'Module.to: dtype is "cuda", expected a dtype'],
    [() => (x as Loose).sum("rows"), 'sum: dim is "rows", expected an integer or a list of'],
    [() => (x as Loose).sum({ keepDims: true }), 'did you mean "keepdim"?'],
    [() => (x as Loose).sum(1, true, "float32"), "sum takes at most 3 arguments by position"],
    [() => (x as Loose).t(1), "t takes at most 1 arguments by position (input), got 2"],
    [() => (x as Loose).add([1, 2, 3]), "add: other is [1, 2, 3], expected a Tensor"],
    [() => loose.randn("64"), 'randn: size is "64", expected a list of integers'],
    [() => loose.randn(64, -8), "randn: size is [64, -8], expected a list of integers"],
    [() => loose.randn([3], "float64"), "randn takes at most 1 arguments by position"],
    [() => layer(torch.arange(3)), "linear: mat1 and mat2 must have the same dtype, but got int64"],
    [() => new loose.nn.Dropout({ prob: 0.5 }), 'Dropout got an unknown option "prob"'],
    [() => new loose.nn.ReLU({ in_place: true }), 'did you mean "inplace"?'],
    [() => loose.nn.functional.relu(x, { inPlace: true }), 'did you mean "inplace"?'],
    [() => loose.nn.functional.mseLoss(x, x, false), "mseLoss: reduction is false"],
  ];
  for (const [call, message] of refused) assertThrows(call, Error, message);
  for (
    const [call, message] of [
      [() => loose.save(optimizer.stateDict()), "save: tensors is an object with { state, par"],
      [() => loose.save(layer.stateDict()), 'save misses argument "path"'],
    ] as const
  ) {
    await assertRejects(call, Error, message);
  }
});

/** What takes anything, what takes nothing, so that JavaScript itself lets go of what is given, and bases of classes. */
const WITHOUT_OPTIONS = new Set(
  ("nn.Identity torch.isTensor torch.manualSeed torch.Slice torch.Tensor torch.deepcopy " +
    "torch.isGradEnabled torch.getNumThreads torch.resultType nn.Loss nn.Module nn.makeCallable data.getWorkerInfo " +
    "Tensor.numel Tensor.size Tensor.requiresGrad_ Tensor.detach Tensor.retainGrad Tensor.data " +
    "Tensor.item Tensor.tolist Tensor.toString Tensor.dim Tensor.ndimension Tensor.elementSize " +
    "Tensor.isContiguous Tensor.byte Tensor.char Tensor.cpu torch.getRngState torch.initialSeed " +
    "torch.seed torch.Generator torch.ImageDataset data.ImageFolder data.TransformedDataset " +
    "Tensor.registerHook Tensor.registerPostAccumulateGradHook Tensor.accumulateGrad nn.RNNBase optim.Optimizer lrScheduler.LRScheduler " +
    "torch.setNumThreads torch.setRngState torch.saveCheckpoint torch.loadCheckpoint " +
    "transforms.ToTensor transforms.functional.toTensor rnn.PackedSequence rnn.reorder swaUtils.getSwaAvgFn")
    .split(" "),
);

/** What PyTorch calls are made of: enough for any function to come as far as its arguments. */
function* publicCalls(): Generator<[name: string, call: (options: unknown) => unknown]> {
  const x = torch.ones([2, 2]);
  const indices: [string, Loose][] = [
    ["torch", torch],
    ["nn", nn],
    ["functional", nn.functional],
    ["init", nn.init],
    ["optim", optim],
    ["lrScheduler", optim.lrScheduler],
    ["data", data],
    ["linalg", loose.linalg],
    ["transforms", torch.transforms],
    ["transforms.functional", torch.transforms.functional],
    ["utils", nn.utils],
    ["rnn", loose.nn.utils.rnn],
    ["swaUtils", loose.optim.swaUtils],
  ];
  for (const [place, names] of indices) {
    for (const [name, value] of Object.entries(names)) {
      if (typeof value !== "function" || WITHOUT_OPTIONS.has(`${place}.${name}`)) continue;
      const isClass = place === "transforms" ||
        /^class\b/.test(Function.prototype.toString.call(value));
      const call = value as Loose;
      yield [`${place}.${name}`, (options) => isClass ? new call(options) : call(x, options)];
    }
  }
  const methods = Object.getOwnPropertyNames(torch.Tensor.prototype);
  for (const name of methods) {
    const method = Object.getOwnPropertyDescriptor(torch.Tensor.prototype, name)!.value;
    if (typeof method !== "function" || name === "constructor") continue;
    if (WITHOUT_OPTIONS.has(`Tensor.${name}`)) continue;
    yield [`Tensor.${name}`, (options) => method.call(x.clone(), options)];
  }
}

/** An error of the one way that arguments are read: of the option, or of what stood before it. */
const REFUSAL = /noSuchOption|: \w+ is [^]+, expected |misses argument/;

Deno.test("public functions and constructors refuse an option that they do not know", async () => {
  const accepted: string[] = [];
  let count = 0;
  for (const [name, call] of publicCalls()) {
    count++;
    try {
      await call({ noSuchOption: 1 });
      accepted.push(name);
    } catch (error) {
      if (!REFUSAL.test(String(error))) accepted.push(`${name}: ${error}`);
    }
  }
  assertEquals(accepted, []);
  assert(count > 1000);
});
