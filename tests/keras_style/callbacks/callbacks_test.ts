import { assertEquals, assertThrows } from "@std/assert";
import * as keras from "../../../keras_style/mod.ts";
import { ProgressBar } from "../../../keras_style/callbacks/progress_bar.ts";

const { layers, callbacks } = keras;
const x = { data: Float32Array.from({ length: 20 }, (_, i) => i / 20), shape: [10, 2] };
const y = { data: Uint8Array.from({ length: 10 }, (_, i) => i % 2), shape: [10] };

function makeModel(): keras.Sequential {
  const model = new keras.Sequential([
    new layers.Dense({ units: 2, activation: "softmax", inputShape: [2] }),
  ]);
  model.compile({ loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** A terminal whose clock is set by hand. */
function recorder(isTerminal: boolean, color = false) {
  const written: string[] = [];
  let seconds = 0;
  const settings: keras.callbacks.ProgressSettings = {
    write: (text) => written.push(text),
    isTerminal,
    color,
    now: () => seconds,
  };
  return { written, settings, tick: (by: number) => seconds += by };
}

Deno.test("callbacks hear of everything, in Keras' order", async () => {
  const events: string[] = [];
  const names = [
    "onTrainBegin",
    "onTrainEnd",
    "onEpochBegin",
    "onEpochEnd",
    "onTrainBatchBegin",
    "onTrainBatchEnd",
    "onTestBegin",
    "onTestEnd",
    "onTestBatchBegin",
    "onTestBatchEnd",
  ] as const;
  const listener = new callbacks.LambdaCallback(Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => {
      const [first] = args;
      events.push(typeof first === "number" ? `${name} ${first}` : name);
      // Slow callbacks are waited for.
      return Promise.resolve();
    }]),
  ));
  await makeModel().fit(x, y, {
    batchSize: 8,
    verbose: 0,
    callbacks: [listener],
    validationData: [x, y],
    validationBatchSize: 10,
  });
  assertEquals(events, [
    "onTrainBegin",
    "onEpochBegin 0",
    "onTrainBatchBegin 0",
    "onTrainBatchEnd 0",
    "onTrainBatchBegin 1",
    "onTrainBatchEnd 1",
    "onTestBegin",
    "onTestBatchBegin 0",
    "onTestBatchEnd 0",
    "onTestEnd",
    "onEpochEnd 0",
    "onTrainEnd",
  ]);
});

Deno.test("fit prints what Keras prints: epochs, steps, time, loss and metrics", async () => {
  const { written, settings } = recorder(false);
  const bar = new callbacks.ProgbarLogger(settings);
  const model = makeModel();
  const { history } = await model.fit(x, y, {
    epochs: 2,
    batchSize: 4,
    verbose: 0,
    callbacks: [new Verbose(bar)],
    validationData: [x, y],
  });
  const values = (epoch: number) =>
    Object.entries(history).map(([name, values]) => ` - ${name}: ${values[epoch].toFixed(4)}`)
      .join("");
  const head = `3/3 ${"━".repeat(20)} 0s 0s/step`;
  assertEquals(written, [
    "Epoch 1/2\n",
    `${head}${values(0)}\n`,
    "Epoch 2/2\n",
    `${head}${values(1)}\n`,
  ]);
});

/** Hands everything on to a bar, as if fit had been called with verbose 1. */
class Verbose extends callbacks.Callback {
  constructor(readonly bar: keras.callbacks.ProgbarLogger) {
    super();
  }
  override attach(model: keras.Model, params: keras.callbacks.CallbackParams): void {
    this.bar.attach(model, { ...params, verbose: 1 });
  }
  override onTrainBegin = () => this.bar.onTrainBegin();
  override onEpochBegin = (epoch: number) => this.bar.onEpochBegin(epoch);
  override onTrainBatchEnd = (step: number, logs?: keras.callbacks.Logs) =>
    this.bar.onTrainBatchEnd(step, logs);
  override onEpochEnd = (epoch: number, logs?: keras.callbacks.Logs) =>
    this.bar.onEpochEnd(epoch, logs);
}

Deno.test("a terminal's bar is overwritten in place, at most every 50 ms", () => {
  const { written, settings, tick } = recorder(true);
  const bar = new ProgressBar(100, 1, settings);
  tick(3); // The first step builds the session: it does not count in the time a step.
  bar.update(1, { loss: 2.5 });
  tick(0.01);
  bar.update(2, { loss: 2.4 });
  tick(0.07);
  bar.update(3, { loss: 2.25 });
  tick(0.04 * 97);
  bar.update(100, { loss: 0.00012 });
  bar.update(100, { loss: 0.00012, val_loss: 1 }, true);
  assertEquals(written.map((text) => text.trimEnd()), [
    `\r  1/100 ${"─".repeat(20)} 4:57 3s/step - loss: 2.5000`,
    `\r  3/100 ${"─".repeat(20)} 3s 40ms/step - loss: 2.2500`,
    `\r100/100 ${"━".repeat(20)} 0s 40ms/step - loss: 1.2000e-04`,
    `\r100/100 ${"━".repeat(20)} 7s 40ms/step - loss: 1.2000e-04 - val_loss: 1.0000`,
  ]);
  assertEquals(written.at(-1)!.endsWith("\n"), true);
});

Deno.test("colours are Keras': bold count and time, green and white bar", () => {
  const { written, settings } = recorder(true, true);
  new ProgressBar(4, 1, settings).update(1, {});
  const [line] = written;
  assertEquals(
    line,
    `\r\x1b[1m1/4\x1b[0m \x1b[32m${"━".repeat(5)}\x1b[0m\x1b[37m${
      "━".repeat(15)
    }\x1b[0m \x1b[1m0s\x1b[0m 0s/step`,
  );
});

Deno.test("verbose 2 prints one line an epoch", () => {
  const { written, settings, tick } = recorder(true);
  const bar = new ProgressBar(2, 2, settings);
  tick(1);
  bar.update(1, { loss: 1 });
  tick(0.5);
  bar.update(2, { loss: 0.5 });
  bar.update(2, { loss: 0.5, val_loss: 2 }, true);
  assertEquals(written, ["2/2 - 2s - 500ms/step - loss: 0.5000 - val_loss: 2.0000\n"]);
});

Deno.test("a callback used outside of training says so", () => {
  assertThrows(() => new callbacks.Callback().model, Error, "used before training began");
});
