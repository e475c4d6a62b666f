import { assert, assertEquals, assertRejects } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import { inFolder } from "../../in_folder.ts";

Deno.test("a file that Python wrote is read (tests/golden/safetensors_golden.py)", async () => {
  const path = new URL("../../golden/python.safetensors", import.meta.url);
  const { tensors, metadata } = await torch.loadWithMetadata(path);
  assertEquals(metadata, { "made by": "Python" });
  const read = async (name: string) => [
    tensors[name].dtype,
    tensors[name].shape,
    Array.from(await tensors[name].data(), Number),
  ];
  assertEquals(await read("weight"), ["float32", [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]]);
  assertEquals(await read("half"), ["float16", [2], [0.5, -2.25]]);
  assertEquals(await read("double"), ["float64", [], [Math.PI]]);
  assertEquals(await read("long"), ["int64", [2], [-(2 ** 40), 7]]);
  assertEquals(await read("int"), ["int32", [2, 1], [1, -2]]);
  assertEquals(await read("bytes"), ["uint8", [2], [0, 255]]);
  assertEquals(await read("mask"), ["bool", [3], [1, 0, 1]]);
  assertEquals(await read("empty"), ["float32", [0, 3], []]);
});

Deno.test("a module's state goes through a file", () =>
  inFolder(async (folder) => {
    torch.manualSeed(1);
    const make = () =>
      new torch.nn.Sequential(new torch.nn.Conv2d(1, 2, 3), new torch.nn.BatchNorm2d(2));
    const [from, to] = [make(), make()];
    from(torch.rand([4, 1, 5, 5]));
    await torch.save(from.stateDict(), `${folder}/m.safetensors`, { metadata: { epoch: "3" } });
    const loaded = await torch.loadWithMetadata(`${folder}/m.safetensors`);
    assertEquals(loaded.metadata, { epoch: "3" });
    to.loadStateDict(loaded.tensors);
    for (const [name, tensor] of Object.entries(from.stateDict())) {
      const own = to.stateDict()[name];
      assertEquals([...await own.data()], [...await tensor.data()], name);
    }
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), ["m.safetensors"]);
  }));

Deno.test("a damaged file says what is wrong with it", () =>
  inFolder(async (folder) => {
    const path = `${folder}/bad.safetensors`;
    const write = async (header: unknown, values = 8, length?: number) => {
      const text = new TextEncoder().encode(
        typeof header === "string" ? header : JSON.stringify(header),
      );
      const file = new Uint8Array(8 + text.length + values);
      new DataView(file.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
      file.set(text, 8);
      await Deno.writeFile(path, file);
    };
    const entry = (data_offsets: number[], more = {}) => ({
      dtype: "F32",
      shape: [1],
      data_offsets,
      ...more,
    });
    const faults: [() => Promise<void>, string][] = [
      [() => Deno.writeFile(path, new Uint8Array(3)), "3 bytes, expected at least 8"],
      [() => write("{}", 0, 1000), "its header of 1000 bytes ends after the file's 10"],
      [() => write("{}", 0, 2 ** 40), "expected at most 100000000"],
      [() => write("{x", 0), "in its header: it is no JSON"],
      [() => write("[1]", 0), "its header is no JSON object"],
      [() => write({ __metadata__: { a: 1 } }, 0), "its metadata holds something else than texts"],
      [() => write({ a: entry([0, 4], { dtype: "F12" }) }), 'tensor "a" has dtype F12'],
      [() => write({ a: entry([0, 4], { shape: [-1] }) }), 'tensor "a" has shape [-1]'],
      [() => write({ a: entry([0, 4], { shape: "x" }) }), 'tensor "a" has shape "x"'],
      [() => write({ a: entry([0, 2 ** 60]) }), 'tensor "a" lies at'],
      [() => write({ a: entry([0, 8]) }), 'tensor "a" of 4 bytes lies at 0 to 8 of 8 bytes'],
      [() => write({ a: entry([8, 12]) }), 'tensor "a" of 4 bytes lies at 8 to 12 of 8 bytes'],
      [() => write({ a: entry([0, 4]), b: entry([0, 4]) }), "its tensors overlap or leave a gap"],
      [() => write({ a: entry([4, 8]) }), "its tensors overlap or leave a gap at byte 0"],
      [() => write({ a: entry([0, 4]) }), "its tensors end at byte 4 of 8"],
      [() => write({ a: null }), 'tensor "a" has dtype undefined'],
      [() => write('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":1}'), '"a" twice'],
      [() => write(`{"a":${"[".repeat(1e6)}`), "nested more than 64 deep"],
      [() => write('{"__proto__":{}}'), "a field __proto__"],
      [() => write({ a: entry([0, 4], { dtype: { toString: 1 } }) }), 'has dtype {"toString":1}'],
      [() => write({ ["a".repeat(1e6)]: entry([0, 9]) }), "aaa"],
      [() => write({ a: entry([0, 4], { shape: Array(65).fill(1) }) }), "at most 64 integers"],
      [() => write(`{${"[],".repeat(300_010)}`), "it has more than 300002 objects"],
    ];
    for (const [damage, message] of faults) {
      await damage();
      const error = await assertRejects(() => torch.load(path), Error, message);
      assert(error.message.length < 300, `${error.message.length} characters`);
    }
  }));

/** A small training with everything that has a state: batch norm, dropout, momentum, a schedule, shuffling. */
function training() {
  const module = new torch.nn.Sequential(
    new torch.nn.Linear(6, 16),
    new torch.nn.BatchNorm1d(16),
    new torch.nn.ReLU(),
    new torch.nn.Dropout(0.3),
    new torch.nn.Linear(16, 3),
  );
  const optimizer = new torch.optim.Adam(module.parameters(), { lr: 0.05 });
  const scheduler = new torch.optim.lrScheduler.StepLR(optimizer, 2, 0.5);
  return { module, optimizer, scheduler };
}

const features = Float32Array.from({ length: 40 * 6 }, (_, i) => Math.sin(i * 1.7));

async function runEpochs(
  { module, optimizer, scheduler }: ReturnType<typeof training>,
  epochs: number,
) {
  const data = new torch.data.TensorDataset(
    torch.fromArray(features, [40, 6]),
    torch.arange(40).remainder(3),
  );
  const loader = new torch.data.DataLoader(data, { batchSize: 8, shuffle: true });
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      torch.nn.functional.crossEntropy(module(x), y).backward();
      await optimizer.step();
    }
    scheduler.step();
  }
}

async function valuesOf(module: torch.nn.AnyModule): Promise<number[]> {
  const tensors = Object.values(module.stateDict()) as torch.Tensor[];
  return (await Promise.all(tensors.map(async (t) => Array.from(await t.data(), Number)))).flat();
}

Deno.test("a training resumed from a checkpoint equals one that never stopped, bit for bit", () =>
  inFolder(async (folder) => {
    const path = `${folder}/checkpoint.safetensors`;
    torch.manualSeed(6);
    const unbroken = training();
    await runEpochs(unbroken, 3);
    await torch.saveCheckpoint(path, unbroken, { epoch: 3, best: Infinity });
    await runEpochs(unbroken, 3);
    torch.manualSeed(99);
    const resumed = training();
    const extra = await torch.loadCheckpoint(path, resumed);
    assertEquals(extra, { epoch: 3, best: Infinity });
    await runEpochs(resumed, 3);
    assertEquals(await valuesOf(resumed.module), await valuesOf(unbroken.module));
    assertEquals(resumed.scheduler.getLastLr(), unbroken.scheduler.getLastLr());
  }));

Deno.test("a checkpoint that does not fit is an error", () =>
  inFolder(async (folder) => {
    const { module, optimizer } = training();
    await torch.saveCheckpoint(`${folder}/m`, { module });
    await assertRejects(
      () => torch.loadCheckpoint(`${folder}/m`, { module, optimizer }),
      Error,
      "holds no optimizer",
    );
    await torch.save(module.stateDict(), `${folder}/s`);
    await assertRejects(
      () => torch.loadCheckpoint(`${folder}/s`, { module }),
      Error,
      "is no checkpoint of version 1",
    );
    await assertRejects(
      () => torch.loadCheckpoint(`${folder}/m`, { module: new torch.nn.Linear(2, 2) }),
      Error,
      "loading",
    );
  }));

/** Changes of a checkpoint's text, and what the error says. */
// deno-lint-ignore no-explicit-any
const damages: readonly [string, (tandem: any) => unknown, string][] = [
  ["two groups", (t) => t.paramGroups.push(t.paramGroups[0]), "got groups of 6, 6, expected 6"],
  ["no params", (t) => delete t.paramGroups[0].params, "got groups of no list, expected 6"],
  ["no betas", (t) => delete t.paramGroups[0].betas, "betas is missing in parameter group 0"],
  ["a rate that is a text", (t) => t.paramGroups[0].lr = "x", 'lr is "x", expected a number'],
  ["an infinite rate", (t) => t.paramGroups[0].lr = { infinity: 1 }, "expected finite numbers"],
  ["a rate below 0", (t) => t.paramGroups[0].lr = -1, "Invalid learning rate: -1"],
  ["an unknown option", (t) => t.paramGroups[0].warp = 1, 'unknown option "warp"'],
  ["groups that are no list", (t) => t.paramGroups = { length: 1 }, "expected a list"],
  ["no random state", (t) => t.random = null, "its state of random numbers is null"],
  ["a seed of text", (t) => t.random = ["a", 0], "its state of random numbers is"],
  ["a schedule's rates", (t) => t.scheduler.lastLr = [null], "lastLr has null, expected finite"],
  ["a schedule's base", (t) => delete t.scheduler.baseLrs, "rates of no groups, expected 1"],
  ["a schedule's epoch", (t) => t.scheduler.lastEpoch = -1, "lastEpoch is -1"],
  ["a schedule that is a list", (t) => t.scheduler = [], "expected an object"],
  ["extra data", (t) => t.extra = 3, "extra is 3, expected an object"],
  ["a version", (t) => t.version = { toString: 1 }, "no checkpoint of version 1"],
];

Deno.test("a damaged checkpoint changes nothing: every part is checked before any is taken over", () =>
  inFolder(async (folder) => {
    const path = `${folder}/checkpoint`;
    torch.manualSeed(6);
    const saved = training();
    await runEpochs(saved, 1);
    await torch.saveCheckpoint(path, saved);
    const { tensors, metadata } = await torch.loadWithMetadata(path);
    const now = training();
    await runEpochs(now, 1);
    const state = async () => {
      await torch.saveCheckpoint(`${folder}/now`, now);
      return await Deno.readFile(`${folder}/now`);
    };
    const before = await state();
    const refused = async (what: string, message: string) => {
      const error = await assertRejects(() => torch.loadCheckpoint(path, now), Error, message);
      assert(error.message.includes(path) && error.message.length < 300, what);
      assertEquals(await state(), before, what);
    };
    for (const [what, damage, message] of damages) {
      const tandem = JSON.parse(metadata.tandem);
      damage(tandem);
      await torch.save(tensors, path, { metadata: { tandem: JSON.stringify(tandem) } });
      await refused(what, message);
    }
    const zeros = (dtype: "float32" | "int64", ...shape: number[]) => torch.zeros(shape, { dtype });
    const others: [name: string, tensor: torch.Tensor | undefined, message: string][] = [
      ["optimizer.0.expAvg", undefined, "expAvg is missing in the state of parameter 0"],
      ["optimizer.0.expAvg", zeros("float32", 5), "expAvg is float32[5], expected float32[16, 6]"],
      ["optimizer.0.expAvg", zeros("int64", 16, 6), "expAvg is int64[16, 6]"],
      ["optimizer.0.step", zeros("float32").sub(1), "step is -1"],
      ["optimizer.0.step", undefined, "step is no number"],
      ["optimizer.0.warp", zeros("float32", 16, 6), '"warp" is unknown in the state'],
      ["optimizer.99.expAvg", zeros("float32"), 'names parameter "99", expected 0 to 5'],
      ["module.0.weight", undefined, 'missing key "0.weight"'],
      ["module.0.weight", zeros("int64", 16, 6), "dtype mismatch for 0.weight: got int64"],
      ["elsewhere", zeros("float32"), '"elsewhere" is none of a checkpoint\'s tensors'],
    ];
    for (const [name, tensor, message] of others) {
      const { [name]: _, ...rest } = tensors;
      await torch.save(tensor ? { ...rest, [name]: tensor } : rest, path, { metadata });
      await refused(name, message);
    }
  }));
