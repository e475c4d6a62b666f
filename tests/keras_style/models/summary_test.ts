import { assertEquals, assertThrows } from "@std/assert";
import { kerasModel } from "../../../bench/models/published_cnn/keras.ts";
import * as keras from "../../../keras_style/mod.ts";
import { golden } from "../golden.ts";

const { layers } = keras;

function summaryOf(model: keras.Model): string {
  let text = "";
  model.summary({ printFn: (printed) => text += printed, lineLength: 76 });
  return text.split("\n").map((line) => line.trimEnd()).join("\n");
}

Deno.test("the published network's summary is Keras', before and after training", async () => {
  keras.clearSession();
  const model = kerasModel({ inputShape: [32, 32, 3], classes: 10 });
  assertEquals(summaryOf(model), golden.summaries.seed);
  model.compile({ optimizer: "rmsprop", loss: "sparse_categorical_crossentropy" });
  const images = { data: new Uint8Array(2 * 3072), shape: [2, 32, 32, 3] };
  await model.fit(images, { data: new Uint8Array(2), shape: [2] }, { verbose: 0 });
  assertEquals(summaryOf(model), golden.summaries.seedTrained);
});

Deno.test("a branched model's summary tells what is connected to what, as Keras' does", () => {
  keras.clearSession();
  const inputs = keras.Input({ shape: [8] });
  const left = new layers.Dense({ units: 4 })(inputs);
  const right = new layers.Dense({ units: 4 })(inputs);
  const joined = new layers.Concatenate()([left, right]);
  const outputs = new layers.BatchNormalization()(joined);
  const model = new keras.Model({ inputs, outputs });
  assertEquals(summaryOf(model), golden.summaries.branched);
});

Deno.test("layers of unknown input shape are shown as unbuilt, as Keras does", () => {
  keras.clearSession();
  const model = new keras.Sequential([
    new layers.Dense({ units: 3 }),
    new layers.Dense({ units: 2 }),
  ]);
  assertEquals(summaryOf(model), golden.summaries.unbuilt);
});

Deno.test("a line too short for the columns is refused", () => {
  assertThrows(
    () => kerasModel({ inputShape: [32, 32, 3], classes: 10 }).summary({ lineLength: 8 }),
    RangeError,
    "summary: lineLength is 8",
  );
});
