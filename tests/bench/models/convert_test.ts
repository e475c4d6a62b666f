/** Weights that cannot be taken over: one message that names all that does not fit, and nothing is changed. */
import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keras, models, torch } from "@tandem/tandem";
import { ParityError } from "../../../bench/parity/mod.ts";
import { inFolder } from "../../in_folder.ts";
import { net } from "../parity/pairs/pair_case.ts";
import { convertCommand } from "../../../bench/cli/commands/convert.ts";
import { parseArguments } from "../../../bench/cli/parse.ts";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { convertFile } from "../../../bench/weights/convert.ts";
import { WeightsError } from "../../../bench/weights/weights_error.ts";

const { nn, slice } = torch;
const F = nn.functional;

function kerasOf(...layers: keras.SequentialPart[]): keras.Model {
  return new keras.Sequential([keras.Input({ shape: [6] }), ...layers]);
}

const dense = (units: number, useBias = true) => new keras.layers.Dense({ units, useBias });

Deno.test("all shapes that do not fit are listed, and nothing is changed", async () => {
  const network = new nn.Sequential(new nn.Linear(6, 5), new nn.Linear(5, 2), new nn.Linear(2, 3));
  const before = [...await network.parameters()[5].data()];
  const { message } = await assertRejects(
    () => models.convert(kerasOf(dense(4), dense(2), dense(3)), network),
    ParityError,
  );
  for (
    const part of [
      "kernel [6,4] would be weight [4,6], PyTorch has [5,6]",
      "bias [4] would be bias [4], PyTorch has [5]",
      "kernel [4,2] would be weight [2,4], PyTorch has [2,5]",
    ]
  ) assertStringIncludes(message, part);
  assertEquals([...await network.parameters()[5].data()], before);
});

Deno.test("weights that only one of the two has are listed", async () => {
  const { message } = await assertRejects(
    () =>
      models.convert(
        kerasOf(dense(4, false), dense(2)),
        new nn.Sequential(
          new nn.Linear(6, 4),
          new nn.Linear(4, 2, { bias: false }),
        ),
      ),
    ParityError,
  );
  assertStringIncludes(message, "only one of the two has 0.bias (PyTorch), ");
  assertStringIncludes(message, "'s bias (Keras)");
});

Deno.test("two models of one idiom are refused", async () => {
  const model = kerasOf(dense(2));
  await assertRejects(
    () => models.convert(model, model),
    TypeError,
    "got Sequential and Sequential, expected a keras.Model and a torch.nn.Module",
  );
});

Deno.test("attention: one matrix for queries, keys and values in either of PyTorch's forms; NaN and -0 keep their bits", async () => {
  const inputs = keras.Input({ shape: [5, 6] });
  const outputs = new keras.layers.MultiHeadAttention({ numHeads: 2, keyDim: 3 })(inputs, inputs);
  const model = new keras.Model({ inputs, outputs });
  class Attention extends nn.Module {
    attention = new nn.MultiheadAttention(6, 2, { batchFirst: true });
    override forward(x: torch.Tensor): torch.Tensor {
      return this.attention(x, x, x)[0];
    }
  }
  const network = new Attention();
  torch.nn.init.uniform_(network.attention.inProjBias!);
  await models.convert(network, model);
  const x = torch.rand([3, 5, 6]);
  network.eval();
  const expected = await torch.noGrad(() => network(x)).data();
  const data = await x.data() as Float32Array;
  const actual = await (await model.predictOnBatch({ data, shape: [3, 5, 6] })).data();
  actual.forEach((value, i) => assertEquals(Math.abs(value - Number(expected[i])) < 1e-5, true));
  // A NaN with a payload, and -0.
  const odd = new Float32Array(new Uint32Array(36).fill(0x7fc01234).fill(0x80000000, 3).buffer);
  const state = network.stateDict();
  state["attention.out_proj.weight"] = torch.fromArray(odd, [6, 6]);
  network.loadStateDict(state);
  await models.convert(network, model);
  const back = new Attention();
  await models.convert(model, back);
  const values = await back.attention.outProj.weight.data() as Float32Array;
  assertEquals(new Uint32Array(values.slice().buffer), new Uint32Array(odd.slice().buffer));
});

Deno.test("a flatten: the order is read from what the PyTorch module transposes; where it cannot be, that is an error", async () => {
  const { layers } = keras;
  const model = new keras.Sequential([
    keras.Input({ shape: [3, 4, 2] }),
    new layers.Conv2D({ filters: 3, kernelSize: 1 }),
    new layers.Flatten(),
    new layers.Dense({ units: 5 }),
  ]);
  type Forward = (x: torch.Tensor) => torch.Tensor;
  const of = (flatten: Forward) =>
    net(
      { conv: new nn.Conv2d(2, 3, 1), head: new nn.Linear(36, 5) },
      (m, x) => m.head(flatten(m.conv(x))),
    );
  const cases: Forward[] = [
    (x) => x.flatten(1),
    (x) => x.permute(0, 2, 3, 1).flatten(1),
    (x) => x.permute(0, 3, 1, 2).mul(1).flatten(1),
    (x) => x.flatten(2).transpose(1, 2).flatten(1),
    (x) => x.permute(0, 2, 3, 1).add(1).sub(1).permute(0, 3, 1, 2).flatten(1),
    (x) => torch.cat(x.split([1, 2], 1), 1).flatten(1),
    (x) => F.pad(x, [1, 0, 0, 0]).narrow(3, 1, 4).permute(0, 2, 3, 1).flatten(1),
    (x) => x.index(slice(), slice(0, 3), slice()).flatten(1),
  ];
  const x = torch.rand([2, 2, 3, 4]);
  const data = await x.permute(0, 2, 3, 1).contiguous().data() as Float32Array;
  for (const flatten of cases) await check(of(flatten));
  async function check(network: ReturnType<typeof of>) {
    const expected = await torch.noGrad(() => network(x)).data() as Float32Array;
    await models.convert(network, model);
    const actual = await (await model.predictOnBatch({ data, shape: [2, 3, 4, 2] })).data();
    actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
    torch.noGrad(() => network.parameters().forEach((one) => one.zero_()));
    await models.convert(model, network);
    assertEquals(await torch.noGrad(() => network(x)).data(), expected);
  }
  const reordered: Record<string, Forward> = {
    flip: (x) => x.flip(1).flatten(1),
    "flip of an image": (x) => x.permute(0, 2, 3, 1).flip(1).flatten(1),
    "a list of indices": (x) => x.index(slice(), torch.tensor([2, 0, 1])).flatten(1),
    indexSelect: (x) => x.indexSelect(1, torch.tensor([1, 0, 2])).relu().flatten(1),
    roll: (x) => torch.roll(x, 1, 1).flatten(1),
    "parts the other way round": (x) =>
      torch.cat([x.narrow(1, 1, 2), x.narrow(1, 0, 1)], 1).flatten(1),
    "single channels, stacked": (x) =>
      torch.stack([2, 0, 1].map((i) => x.select(1, i)), 1).flatten(1),
    sort: (x) => x.sort(1).values.flatten(1),
    "a permutation, cut": (x) => F.pad(x.permute(0, 2, 3, 1), [0, 1]).narrow(3, 0, 3).flatten(1),
  };
  for (const [name, flatten] of Object.entries(reordered)) {
    const error = await assertRejects(
      () => models.convert(of(flatten), model),
      ParityError,
      undefined,
      name,
    );
    assertStringIncludes(
      error.message,
      "head is given the flattened [3,4,3] cannot be followed",
      name,
    );
  }
  const two = keras.Input({ shape: [3] });
  const twice = new keras.Model({
    inputs: [two, keras.Input({ shape: [3] })],
    outputs: new layers.Dense({ units: 1 })(two),
  });
  const refused = await assertRejects(
    () => models.convert(twice, new nn.Linear(3, 1), { inputShape: [3] }),
    ParityError,
  );
  assertEquals(
    refused.message,
    "convert: inputShape is [3], expected none: the Keras model has 2 inputs",
  );
  const odd = of((x) => torch.cat([x, x], 1).narrow(1, 0, 3).permute(0, 2, 3, 1).flatten(1));
  const { message } = await assertRejects(() => models.convert(odd, model), ParityError);
  assertStringIncludes(message, "head is given the flattened [3,4,3] cannot be followed");
  await models.convert(odd, model, { flattens: "channelsLast" });
  const expected = await torch.noGrad(() => odd(x)).data() as Float32Array;
  const actual = await (await model.predictOnBatch({ data, shape: [2, 3, 4, 2] })).data();
  actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
});

Deno.test("recurrent layers: the Keras model computes what the module does, and the weights come back", async () => {
  const { layers } = keras;
  const cases = [
    [layers.GRU, nn.GRU],
    [layers.LSTM, nn.LSTM],
    [layers.SimpleRNN, nn.RNN],
  ] as const;
  for (const [Layer, Module] of cases) {
    for (const bidirectional of [false, true]) {
      const layer = new Layer({ units: 4, returnSequences: true });
      const model = new keras.Sequential([
        keras.Input({ shape: [3, 5] }),
        bidirectional ? new layers.Bidirectional({ layer }) : layer,
      ]);
      const network = net(
        { rnn: new Module(5, 4, { batchFirst: true, bidirectional }) },
        (m, x) => m.rnn(x)[0],
      );
      // Where Keras has one bias, the second one is not trained: zeros.
      torch.noGrad(() => {
        if (Module === nn.GRU) return;
        for (const [name, bias] of network.namedParameters()) {
          if (name.includes("bias_hh")) bias.zero_();
        }
      });
      await models.convert(network, model);
      const x = torch.rand([2, 3, 5]);
      const expected = await torch.noGrad(() => network(x)).data() as Float32Array;
      const data = await x.data() as Float32Array;
      const actual = await (await model.predictOnBatch({ data, shape: [2, 3, 5] })).data();
      actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
      torch.noGrad(() => network.parameters().forEach((one) => one.zero_()));
      await models.convert(model, network);
      assertEquals(await torch.noGrad(() => network(x)).data(), expected);
    }
  }
});

Deno.test("bench convert: a state dict to Keras' weights and back is the same file; mistakes are one line", async () => {
  await inFolder(async (folder) => {
    const [state, weights, back] = ["a.safetensors", "b.weights.h5", "c.safetensors"]
      .map((name) => `${folder}/${name}`);
    const { TorchModel } = await (await models.loadModel("resnet20")).torch!();
    torch.manualSeed(5);
    const network = new TorchModel({ inputShape: [1, 8, 8], classes: 4 });
    await torch.save(network.stateDict(), state);
    const [keras, torchs] = [`${folder}/d.keras`, `${folder}/d.safetensors`];
    const options = ["--model", "resnet20", "--image-shape", "8,8,1", "--classes", "4"];
    const convert = (...args: string[]) =>
      convertCommand.run(parseArguments([...options, ...args], convertCommand));
    assertEquals(await convert("--to", "keras", state, weights), 0);
    assertEquals(await convert("--to", "torch", weights, back), 0);
    assertEquals(await Deno.readFile(back), await Deno.readFile(state));
    const archive = `${folder}/e.keras`;
    assertEquals(await convert("--to", "keras", state, archive), 0);
    await Deno.remove(back);
    assertEquals(await convert("--to", "torch", archive, back), 0);
    assertEquals(await Deno.readFile(back), await Deno.readFile(state));
    for (
      const [kind, args, message] of [
        [WeightsError, ["--to", "torch", weights, back], "is there already"],
        [WeightsError, ["--model", "mlp", state, keras], "layers.0.weight is missing"],
        [UsageError, ["--names", "timm", state, keras], "--names: timm is for state dicts"],
        [
          WeightsError,
          ["--names", "timm", "--to", "torch", weights, torchs],
          "expected one of own",
        ],
        [WeightsError, ["--classes", "2", state, keras], "[4,64], expected [2,64]"],
        [WeightsError, ["--classes", "2", "--to", "torch", weights, torchs], "[64, 4]"],
        [
          WeightsError,
          [state, `${folder}/d.h5`],
          'd.h5" is no name for weights of the keras idiom',
        ],
        [UsageError, ["--model", "mlp,resnet20", state, `${folder}/d`], "expected one model"],
        [UsageError, ["--image-shape", "8x8", state, `${folder}/d`], "such as 32,32,3"],
      ] as const
    ) {
      const error = await assertRejects(async () => await convert(...args), kind, message);
      assertEquals(error.message.split("\n").length, 1);
    }
  });
});

Deno.test("bench convert: a model whose file keeps a timer is no reason to wait", () =>
  inFolder(async (folder) => {
    const [file, from, out] = ["mine.ts", "a.safetensors", "b.safetensors"]
      .map((name) => `${folder}/${name}`);
    const tandem = new URL("../../../mod.ts", import.meta.url);
    await Deno.writeTextFile(
      file,
      `import { torch } from "${tandem}";
      setTimeout(() => console.log("late"), 20_000);
      export class TorchModel extends torch.nn.Module {
        linear: torch.nn.Linear;
        constructor({ inputShape: [c], classes }) {
          super();
          this.linear = new torch.nn.Linear(c, classes);
        }
        forward(x) { return this.linear(x.mean([2, 3])); }
      }`,
    );
    const state = { "linear.weight": torch.ones([2, 1]), "linear.bias": torch.zeros([2]) };
    await torch.save(state, from);
    const said = await convertFile({
      ...{ model: file, to: "torch", from, out, names: "own" },
      ...{ skipped: [], imageShape: [4, 4, 1], classes: 2 },
    });
    assertEquals(said, `${out}: ${file}'s weights for torch`);
    assertEquals(await Deno.readFile(out), await Deno.readFile(from));
  }));
