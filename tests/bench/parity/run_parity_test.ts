/** Parity mode on a right pair, and on ports with one thing wrong: each is found where it is. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { keras, torch } from "@tandem/tandem";
import {
  defaultParityOptions,
  formatParity,
  type ModelPair,
  type ParityReport,
  runParity,
} from "../../../bench/parity/mod.ts";
import { type Port, smallPair } from "./small_pairs.ts";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "../../keras_style/tensor_count.ts";

const options = { ...defaultParityOptions(), steps: 3, batchSize: 16 };

function compare(pair: ModelPair, more: Partial<typeof options> = {}): Promise<ParityReport> {
  return runParity({ ...options, ...more }, { pair });
}

/** `head ~ head, output` of the first row that differs. */
function firstOf({ firstDifferent: row }: ParityReport): string | null {
  return row &&
    `${row.keras}, ${row.kind === "gradient" ? "gradient of " : ""}${row.part}, ${row.pass}`;
}

Deno.test("a right port agrees in every row, with dropout on images and behind batch normalization", async () => {
  const report = await compare(smallPair(), { steps: 30 });
  assertEquals(firstOf(report), null);
  assertEquals(report.agrees, true, formatParity(report));
  assertEquals(report.steps.length, 30);
  assert(report.steps.every(({ difference }) => difference! < 1e-5));
  // Dropout drops in both, and the same.
  const dropped = report.layers.find((row) => row.keras === "drop" && row.pass === "training")!;
  assertEquals([dropped.shape, dropped.agrees], [[16, 4, 4, 4], true]);
  // The pair of every layer with weights is there: forward, backward and updated.
  for (const weight of ["conv.weight", "bn.weight", "hidden.weight", "head.bias"]) {
    const kinds = report.layers.filter((row) => row.torch === weight).map((row) => row.kind);
    assertEquals(kinds, ["gradient", "weight"], weight);
  }
});

const broken: [what: string, port: Port, found: string][] = [
  ["valid instead of same padding", { padding: 0 }, "conv, output, training"],
  ["another epsilon of batch normalization", { eps: 1e-5 }, "bn, output, training"],
  [
    "another momentum of batch normalization",
    { momentum: 0.9 },
    "bn, moving_mean after a batch, update",
  ],
  ["no relu", { withoutRelu: true }, "relu, output, training"],
  ["another dropout rate", { dropout: 0.4 }, "drop, output, training"],
  ["a missing bias", { denseBias: false }, "hidden, bias, weights"],
  ["dropout at evaluation too", { dropsAtEvaluation: true }, "hidden, input, evaluation"],
];

for (const [what, port, found] of broken) {
  Deno.test(`found where it is: ${what}`, async () => {
    const report = await compare(smallPair(port));
    assertEquals(firstOf(report), found, formatParity(report));
    assertEquals(report.agrees, false);
    assertStringIncludes(
      formatParity(report),
      `layers: the first to differ is ${found.split(",")[0]}`,
    );
  });
}

Deno.test("a port that flattens in Keras' order is right, and the report says so", async () => {
  const report = await compare(smallPair({ flattensOtherwise: true }));
  assertEquals(firstOf(report), null, formatParity(report));
  assertStringIncludes(
    formatParity(report),
    "PyTorch flattens what it gives to hidden (height, width, channels)",
  );
  const told = await compare(smallPair({ flattensOtherwise: true }, { flattens: "channelsLast" }));
  assertEquals(told.agrees, true);
  assert(!formatParity(told).includes("PyTorch flattens"));
});

Deno.test("found where it is: softmax before cross entropy", async () => {
  const report = await compare(smallPair({ softmax: true }));
  assertEquals(firstOf(report), "the model's logits, output, training");
  // What leads to it is right.
  const head = report.layers.find((row) => row.keras === "head" && row.part === "output")!;
  assertEquals(head.agrees, true);
});

Deno.test("found where it is: a gradient that does not flow", async () => {
  const report = await compare(smallPair({ detached: true }));
  assertEquals(firstOf(report), "hidden, gradient of kernel, training");
  assertEquals(report.firstDifferent!.why, "only Keras has it");
});

Deno.test("found where it is: another constant of the optimizer", async () => {
  const right = (alpha: number, momentum: number): Partial<ModelPair> => ({
    kerasOptimizer: () => new keras.optimizers.SGD({ learningRate: 1e-4, momentum: 0.9 }),
    torchOptimizer: (parameters) => new torch.optim.SGD(parameters, { lr: alpha, momentum }),
  });
  assertEquals(firstOf(await compare(smallPair({}, right(1e-4, 0.9)))), null);
  assertEquals(
    firstOf(await compare(smallPair({}, right(1e-4, 0.8)))),
    "SGD, updates, update",
  );
  const rmsprop: Partial<ModelPair> = {
    torchOptimizer: (parameters) => new torch.optim.RMSprop(parameters, { lr: 1e-5, alpha: 0.99 }),
  };
  assertEquals(
    firstOf(await compare(smallPair({}, rmsprop))),
    "RMSprop, updates, update",
  );
});

Deno.test("a loss of one's own, and labels that are no classes", async () => {
  const { layers } = keras;
  const pair: ModelPair = {
    kerasModel: () =>
      new keras.Sequential([
        keras.Input({ shape: [6] }),
        new layers.Dense({ units: 4, activation: "tanh" }),
        new layers.Dense({ units: 1 }),
      ]),
    torchModel: () =>
      new torch.nn.Sequential(
        new torch.nn.Linear(6, 4),
        new torch.nn.Tanh(),
        new torch.nn.Linear(4, 1),
      ),
    kerasLoss: new keras.losses.MeanSquaredError(),
    torchLoss: (output, target) => new torch.nn.MSELoss()(output, torch.reshape(target, [-1, 1])),
    batch: (step, size) => ({
      inputs: Array.from({ length: 6 * size }, (_, i) => Math.sin(i + step)),
      labels: Float32Array.from({ length: size }, (_, i) => Math.cos(i * step)),
    }),
  };
  const report = await compare(pair);
  assertEquals(firstOf(report), null, formatParity(report));
  assertEquals([report.agrees, report.data], [true, "the file's own batches"]);
  assertEquals(report.layers.some((row) => row.name === "dense/tanh ~ 1"), true);
});

Deno.test("embeddings, sequences and transposed convolutions are paired too", async () => {
  const { layers } = keras;
  const words: ModelPair = {
    kerasModel: () =>
      new keras.Sequential([
        keras.Input({ shape: [9] }),
        new layers.Embedding({ inputDim: 20, outputDim: 6 }),
        new layers.LayerNormalization({ epsilon: 1e-5 }),
        new layers.Flatten(),
        new layers.Dense({ units: 3 }),
      ]),
    torchModel: () =>
      new torch.nn.Sequential(
        new torch.nn.Embedding(20, 6),
        new torch.nn.LayerNorm([6]),
        new torch.nn.Flatten(),
        new torch.nn.Linear(54, 3),
      ),
    kerasLoss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
  };
  const sequences: ModelPair = {
    kerasModel: () =>
      new keras.Sequential([
        keras.Input({ shape: [10, 4] }),
        new layers.Conv1D({ filters: 5, kernelSize: 3 }),
        new layers.MaxPooling1D({ poolSize: 2 }),
        new layers.Flatten(),
        new layers.Dense({ units: 3 }),
      ]),
    torchModel: () =>
      new torch.nn.Sequential(
        new torch.nn.Conv1d(4, 5, 3),
        new torch.nn.MaxPool1d(2),
        new torch.nn.Flatten(),
        new torch.nn.Linear(20, 3),
      ),
  };
  const images: ModelPair = {
    kerasModel: () =>
      new keras.Sequential([
        keras.Input({ shape: [4, 4, 3] }),
        new layers.DepthwiseConv2D({ kernelSize: 3, depthMultiplier: 2 }),
        new layers.Conv2DTranspose({ filters: 5, kernelSize: 2, strides: 2 }),
        new layers.GlobalAveragePooling2D(),
      ]),
    torchModel: () =>
      new torch.nn.Sequential(
        new torch.nn.Conv2d(3, 6, 3, { groups: 3 }),
        new torch.nn.ConvTranspose2d(6, 5, 2, { stride: 2 }),
        new torch.nn.AdaptiveAvgPool2d(1),
        new torch.nn.Flatten(),
      ),
  };
  for (const pair of [words, sequences, images]) {
    const report = await compare(pair);
    assertEquals(firstOf(report), null, formatParity(report));
    assertEquals(report.agrees, true, formatParity(report));
  }
});

/** A shortcut, a model in the model, a relu that works in place and is used twice, functions instead of modules. */
const branched: ModelPair = {
  kerasModel: () => {
    const { layers } = keras;
    const inputs = keras.Input({ shape: [8, 8, 3] });
    const convolution = { filters: 4, kernelSize: 3, padding: "same" } as const;
    const shortcut = new layers.Conv2D({ ...convolution, activation: "relu" })(inputs);
    const sum = new layers.Add()([new layers.Conv2D(convolution)(shortcut), shortcut]);
    const inner = new keras.Sequential([
      keras.Input({ shape: [8, 8, 4] }),
      new layers.Conv2D({ filters: 2, kernelSize: 1, activation: "relu" }),
      new layers.AveragePooling2D(),
    ]);
    const flat = new layers.Flatten()(inner(new layers.ReLU()(sum)));
    const dropped = new layers.Dropout({ rate: 0.3 })(flat);
    const outputs = new layers.Dense({ units: 3 })(new layers.BatchNormalization()(dropped));
    return new keras.Model({ inputs, outputs });
  },
  torchModel: () => {
    class Net extends torch.nn.Module {
      a = new torch.nn.Conv2d(3, 4, 3, { padding: 1 });
      b = new torch.nn.Conv2d(4, 4, 3, { padding: 1 });
      act = new torch.nn.ReLU({ inplace: true });
      c = new torch.nn.Conv2d(4, 2, 1);
      bn = new torch.nn.BatchNorm1d(32, { momentum: 0.01, eps: 1e-3 });
      d = new torch.nn.Linear(32, 3);

      override forward(x: torch.Tensor): torch.Tensor {
        x = this.act(this.a(x));
        x = this.act(this.b(x).add(x));
        x = torch.nn.functional.avgPool2d(this.c(x).relu(), 2);
        x = torch.nn.functional.dropout(x.flatten(1), 0.3, this.training);
        return this.d(this.bn(x));
      }
    }
    return new Net();
  },
  kerasLoss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
};

Deno.test("branches, models in models, work in place: no false alarm", async () => {
  const report = await compare(branched);
  assertEquals(firstOf(report), null, formatParity(report));
  assertEquals(report.agrees, true);
  // The relu that is used twice is found both times.
  const relus = report.layers.filter((row) => row.torch === "act" && row.part === "output");
  assertEquals(new Set(relus.map(({ keras }) => keras)).size, 2);
});

Deno.test("nothing is left behind but what was there", async () => {
  using _paused = pauseFinalization();
  await compare(smallPair());
  const before = tf.memory().numTensors;
  await compare(smallPair());
  assertNoMoreTensors(before);
});

Deno.test("losses that part although all layers agree are held against rounding", async () => {
  // At this learning rate a rounding step grows until the losses part.
  const report = await compare(smallPair(), { steps: 40, learningRate: 0.3, tolerance: 1e-7 });
  assertEquals(firstOf(report), null);
  assertEquals(report.agrees, false);
  const { firstExceeded, control } = report;
  assert(firstExceeded !== null && control !== null);
  assertEquals(firstExceeded.step, report.steps.findIndex((s) => !(s.difference! <= 1e-7)) + 1);
  assert(control.firstExceeded !== null);
  assertStringIncludes(formatParity(report), "the Keras model alone, started with weights changed");
});

Deno.test("an interrupted comparison says so and keeps what it has", async () => {
  const controller = new AbortController();
  const report = await runParity({ ...options, steps: 50 }, {
    pair: smallPair(),
    signal: controller.signal,
    onStep: ({ step }) => step === 2 && controller.abort(),
  });
  assertEquals([report.interrupted, report.agrees, report.steps.length], [true, false, 2]);
  assertStringIncludes(formatParity(report), "interrupted");
});
