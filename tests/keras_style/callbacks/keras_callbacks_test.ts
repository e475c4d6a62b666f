/** Callbacks do what Keras' do, shown the same values. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fillFileName } from "../../../keras_style/callbacks/file_name.ts";
import * as keras from "../../../keras_style/mod.ts";
import { formatNumber } from "../../../keras_style/number_text.ts";
import { assertClose } from "../golden.ts";
import { COUNT, kinds, oneHead, training, x } from "../keras_training.ts";
import { inFolder } from "../../in_folder.ts";

const { callbacks } = keras;

/** Puts values of a list in place of the real ones, and keeps the weights of every epoch. */
class Script extends callbacks.Callback {
  readonly weights: string[] = [];
  constructor(readonly name: string, readonly values: readonly number[]) {
    super();
  }
  override async onEpochEnd(epoch: number, logs: keras.callbacks.Logs = {}): Promise<void> {
    for (const name of Object.keys(logs)) delete logs[name];
    logs.loss = 0.75;
    logs[this.name] = this.values[epoch];
    this.weights.push(String(await this.model.getWeights()[0].data()));
  }
}

type Formats = [kind: string, { values: number[]; texts: Record<string, string> }][];

async function scripted(
  name: string,
  values: readonly number[],
  ...others: keras.callbacks.Callback[]
) {
  const model = oneHead();
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 0.125 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const script = new Script(name, values);
  const { history, epoch } = await model.fit(x, kinds, {
    epochs: values.length,
    batchSize: COUNT,
    verbose: 0,
    callbacks: [script, ...others],
  });
  const weightsOf = script.weights.lastIndexOf(String(await model.getWeights()[0].data()));
  return { history, epochs: epoch.length, weightsOf };
}

/** `restore_best_weights` to `restoreBestWeights`. */
function camelCase(options: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

for (const { name, values, options, ...expected } of training.earlyStopping) {
  Deno.test(`EarlyStopping ${JSON.stringify(options)} on ${name}`, async () => {
    const stopping = new callbacks.EarlyStopping(camelCase(options));
    const { epochs, weightsOf } = await scripted(name, values, stopping);
    const { stoppedEpoch, bestEpoch } = stopping;
    assertEquals({ epochs, stoppedEpoch, bestEpoch, weightsOf }, expected);
  });
}

for (const { options, learningRate } of training.plateaus.cases) {
  Deno.test(`ReduceLROnPlateau ${JSON.stringify(options)}`, async () => {
    const slower = new callbacks.ReduceLROnPlateau(camelCase(options));
    const { history } = await scripted("val_loss", training.plateaus.values, slower);
    assertClose(history.learning_rate, learningRate, 1e-9, "learning rate");
  });
}

Deno.test("LearningRateScheduler sets every epoch's rate", async () => {
  const schedule = (epoch: number, rate: number) => epoch < 2 ? rate : rate / 2;
  const scheduler = new callbacks.LearningRateScheduler(schedule);
  const { history } = await scripted("val_loss", [1, 1, 1, 1, 1], scheduler);
  assertEquals(history.learning_rate, training.schedule);
});

async function namesIn(folder: string, inside = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${inside}`)) {
    if (isDirectory) names.push(...await namesIn(folder, `${inside}${name}/`));
    else names.push(inside + name);
  }
  return names.sort();
}

for (const { options, names } of training.checkpoints.cases) {
  Deno.test(`ModelCheckpoint ${JSON.stringify(options)}`, () =>
    inFolder(async (folder) => {
      const { filepath } = options;
      const saving = new callbacks.ModelCheckpoint(
        { ...camelCase(options), filepath: `${folder}/${filepath}` },
      );
      if ("save_freq" in options) {
        const model = oneHead();
        model.compile({ loss: "sparseCategoricalCrossentropy" });
        await model.fit(x, kinds, { epochs: 3, batchSize: 4, verbose: 0, callbacks: [saving] });
      } else {
        await scripted("val_loss", training.checkpoints.values, saving);
      }
      assertEquals(await namesIn(folder), names);
    }));
}

Deno.test("ModelCheckpoint says what Keras' says", () =>
  inFolder(async (folder) => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (text: string) =>
      void lines.push(...text.replaceAll(folder, "FOLDER").split("\n"));
    try {
      const filepath = `${folder}/{epoch}.keras`;
      for (const saveBestOnly of [true, false]) {
        const saving = new callbacks.ModelCheckpoint({ filepath, verbose: 1, saveBestOnly });
        await scripted("val_loss", [0.5, 0.75, 0.03125 / 1024], saving);
      }
    } finally {
      console.log = log;
    }
    assertEquals([...lines, ""], training.checkpoints.said);
  }));

for (const [kind, { values, texts }] of Object.entries(training.formats).slice(0, 2) as Formats) {
  Deno.test(`${kind} are written as Python writes them`, () => {
    for (const [format, expected] of Object.entries(texts)) {
      const found = values.map((value) => formatNumber(value, format, kind === "ints"));
      assertEquals(found.join("|"), expected, format);
    }
    const [none, isInteger] = [".2f2", kind === "ints"];
    assertEquals(formatNumber(1, none, isInteger), undefined);
    assertEquals(formatNumber(1, isInteger ? ".2" : "d", isInteger), undefined);
    assertEquals(formatNumber(-Infinity, "06.1f", isInteger), "-00inf");
  });
}

Deno.test("values stand in file names as in Python: braces, names of every script", () => {
  const pattern = "{{a}}-{epoch:02d}-{größe a:.2f}";
  assertEquals(fillFileName(pattern, { epoch: 3, "größe a": 0.125 }), training.formats.path);
});

Deno.test("the model keeps what the last fit gave, a History used again begins anew, lists pass on all events", async () => {
  const model = oneHead();
  model.compile({ loss: "sparseCategoricalCrossentropy" });
  assertEquals(model.history, undefined);
  const own = new callbacks.History();
  const options = { epochs: 2, verbose: 0, callbacks: [own] } as const;
  await model.fit(x, kinds, options);
  const history = await model.fit(x, kinds, options);
  // As in Keras, values are added up.
  assertEquals([history === own, model.history === own, own.epoch], [true, true, [0, 1]]);
  assertEquals(own.history.loss.length, 4);
  const callbackAlone = await model.fit(x, kinds, { verbose: 0, callbacks: own });
  assertEquals(callbackAlone === own, true);
  for (const [wrong, text] of [[() => {}, "a function"], [null, "null"], ["own", '"own"']]) {
    const callbacks = [own, wrong] as keras.callbacks.Callback[];
    await assertRejects(
      () => model.fit(x, kinds, { verbose: 0, callbacks }),
      TypeError,
      `callbacks[1] is ${text}`,
    );
  }
  const heard: number[] = [];
  const listener = new callbacks.LambdaCallback({
    onBatchBegin: (step: number) => void heard.push(step),
    onBatchEnd: (step: number) => void heard.push(-step),
  });
  const list = new callbacks.CallbackList([listener]);
  await list.onBatchBegin(3);
  await list.onTrainBatchEnd(4);
  await list.onBatchEnd(5);
  assertEquals(heard, [3, -4, -5]);
});

Deno.test("what ModelCheckpoint saved can be loaded: a model, or weights alone", () =>
  inFolder(async (folder) => {
    const model = oneHead();
    model.compile({ loss: "sparseCategoricalCrossentropy" });
    await model.fit(x, kinds, {
      verbose: 0,
      validationData: [x, kinds],
      callbacks: [
        new callbacks.ModelCheckpoint({ filepath: `${folder}/{valLoss:.1f}`, saveBestOnly: true }),
        new callbacks.ModelCheckpoint({ filepath: `${folder}/weights`, saveWeightsOnly: true }),
      ],
    });
    const [whole] = (await namesIn(folder)).filter((name) => name !== "weights");
    const loaded = await keras.loadModel(`${folder}/${whole}`);
    const other = oneHead();
    await other.loadWeights(`${folder}/weights`);
    const expected = String(await model.getWeights()[0].data());
    assertEquals(String(await loaded.getWeights()[0].data()), expected);
    assertEquals(String(await other.getWeights()[0].data()), expected);
    await assertRejects(
      () => keras.loadModel(`${folder}/weights`),
      Error,
      "it holds no model, expected a file of save",
    );
  }));

Deno.test("CSVLogger writes Keras' lines; appended to, there is one head", () =>
  inFolder(async (folder) => {
    const filename = `${folder}/a.csv`;
    await scripted("val_loss", [0.5, 0.25], new callbacks.CSVLogger({ filename }));
    const more = new callbacks.CSVLogger({ filename, append: true });
    await scripted("val_loss", [0.125], more);
    assertEquals(await Deno.readTextFile(filename), training.tables.appended);
    const other = new callbacks.CSVLogger({ filename, separator: ";" });
    await scripted("accuracy", [1, 1e-7], other);
    assertEquals(await Deno.readTextFile(filename), training.tables.separator);
    await scripted('a,"b"', [0.5], new callbacks.CSVLogger({ filename }));
    assertEquals(
      (await Deno.readTextFile(filename)).split("\r\n")[0].startsWith('epoch,"a,""b"""'),
      true,
    );
  }));

Deno.test("what a callback cannot do is an error before the first epoch", async () => {
  const run = async (callback: keras.callbacks.Callback) => {
    const model = oneHead();
    model.compile({ loss: "sparseCategoricalCrossentropy" });
    try {
      await model.fit(x, kinds, { verbose: 0, callbacks: [callback] });
    } finally {
      assertEquals((await model.optimizer.iterations.data())[0], 0);
    }
  };
  await assertRejects(
    () => run(new callbacks.EarlyStopping({ monitor: "val_f9" })),
    Error,
    'EarlyStopping: monitor is "val_f9", of which it is not known whether small or large numbers ' +
      'are better; expected mode "min" or "max"',
  );
  await assertRejects(
    () => run(new callbacks.CSVLogger({ filename: "/no such folder/a.csv" })),
    Deno.errors.NotFound,
  );
});

Deno.test("a number that is not in the logs is warned of", async () => {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warnings.push(text);
  try {
    await scripted("val_accuracy", [1], new callbacks.EarlyStopping());
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings, [
    'EarlyStopping: monitor is "val_loss", which the epoch has not, expected one of loss, val_accuracy',
  ]);
});

Deno.test("settings out of range are refused", () => {
  const cases: [() => unknown, string][] = [
    [() => new callbacks.EarlyStopping({ patience: -1 }), "EarlyStopping: patience is -1"],
    [() => new callbacks.EarlyStopping({ minDelta: NaN }), "EarlyStopping: minDelta is NaN"],
    [
      () => new callbacks.EarlyStopping({ mode: "up" as "max" }),
      'EarlyStopping: mode is "up", expected auto, min, max',
    ],
    [
      () => new callbacks.ReduceLROnPlateau({ factor: 1 }),
      "ReduceLROnPlateau: factor is 1, expected a number from 0 to below 1",
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "" }),
      'ModelCheckpoint: filepath is "", expected a path',
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "{epoch:x}" }),
      "ModelCheckpoint: filepath has {epoch:x}, expected a format such as 02d",
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "{loss:d}" }),
      "ModelCheckpoint: filepath has {loss:d}, expected a format such as .2f or .3e",
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "{epoch" }),
      'ModelCheckpoint: filepath is "{epoch" with a lone {, expected places such as {epoch:02d}',
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "a.h5" }),
      'ModelCheckpoint: filepath is "a.h5", expected one that ends in .keras or .safetensors',
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "a.keras", saveWeightsOnly: true }),
      'ModelCheckpoint: filepath is "a.keras", expected one that ends in .weights.h5 or .safetensors',
    ],
    [
      () => new callbacks.ModelCheckpoint({ filepath: "a", saveFreq: 0 }),
      "ModelCheckpoint: saveFreq is 0, expected an integer of at least 1",
    ],
    [
      () => new callbacks.EarlyStopping({ patiense: 3 } as never),
      'EarlyStopping: unknown option "patiense", expected "patience"',
    ],
    [
      () => new callbacks.LambdaCallback({ onEpochStart: () => {} } as never),
      'LambdaCallback: unknown option "onEpochStart"',
    ],
    [() => new callbacks.CSVLogger({ filename: "" }), 'CSVLogger: filename is "", expected a path'],
  ];
  for (const [make, message] of cases) assertThrows(make, Error, message);
});

Deno.test("a name in a file's pattern that the logs have not is an error", () =>
  inFolder(async (folder) => {
    const saving = new callbacks.ModelCheckpoint({ filepath: `${folder}/{val_f1:.2f}` });
    await assertRejects(
      () => scripted("val_loss", [1], saving),
      Error,
      "with {val_f1:.2f}, expected one of epoch, loss, val_loss",
    );
  }));
