/** How arguments are read: by position in PyTorch's order, by name, and what is refused. */
import { assertEquals, assertThrows } from "@std/assert";
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
