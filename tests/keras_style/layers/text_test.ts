/** StringLookup, TextVectorization and Hashing against Keras' own (tests/golden/keras_text.py). */
import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_text.json" with { type: "json" };

const { layers } = keras;

interface Case {
  readonly name: "StringLookup" | "TextVectorization";
  readonly options: Readonly<Record<string, unknown>>;
  readonly adapt: string[] | string[][] | null;
  readonly inputs: string | string[] | string[][];
  readonly shape: number[];
  readonly values: (number | string)[];
  readonly vocabulary: string[];
  readonly size: number;
}

for (const name of ["StringLookup", "TextVectorization"] as const) {
  Deno.test(`${name} gives what Keras' gives, and so does one of its configuration`, async () => {
    for (const item of (golden.cases as unknown as Case[]).filter((one) => one.name === name)) {
      const title = JSON.stringify(item.options);
      const layer = new layers[name](item.options);
      if (item.adapt) await layer.adapt(item.adapt);
      assertEquals(layer.getVocabulary(), item.vocabulary, title);
      assertEquals(layer.vocabularySize(), item.size, title);
      const saved = JSON.parse(JSON.stringify(keras.saving.serializeKerasObject(layer)));
      const again = keras.saving.deserializeKerasObject(saved) as typeof layer;
      for (const one of [layer, again]) {
        const tensor = tf.tensor(item.inputs, undefined, item.options.invert ? "int32" : "string");
        for (const given of [item.inputs, tensor]) {
          const y = one(given as string[]);
          assertEquals(y.shape, item.shape, title);
          (await y.data() as unknown as (number | string)[]).forEach((value, i) => {
            const expected = item.values[i];
            if (typeof expected === "string") assertEquals(value, expected, `${title}[${i}]`);
            else assertAlmostEquals(value as number, expected, 1e-5, `${title}[${i}]`);
          });
        }
      }
    }
  });
}

Deno.test("Hashing gives what Keras' gives, and so does one of its configuration", async () => {
  const cases = (golden.cases as unknown as (Omit<Case, "name"> & { name: string })[])
    .filter(({ name }) => name === "Hashing");
  for (const { options, inputs, shape, values } of cases) {
    const title = JSON.stringify([options, inputs]).slice(0, 100);
    const layer = new layers.Hashing(options as { numBins: number });
    const saved = JSON.parse(JSON.stringify(keras.saving.serializeKerasObject(layer)));
    // As Python's Keras has it, which names the type of the results.
    saved.config.dtype = { class_name: "DTypePolicy", config: { name: "int64" } };
    const again = keras.saving.deserializeKerasObject(saved) as typeof layer;
    assertEquals(again.getConfig(), layer.getConfig());
    const areIntegers = [inputs].flat(2).every(Number.isInteger);
    const tensor = tf.tensor(inputs, undefined, areIntegers ? "int32" : undefined);
    for (const one of [layer, again]) {
      for (const given of [inputs, tensor]) {
        const y = one(given as string[]);
        assertEquals([y.shape, Array.from(await y.data())], [shape, values], title);
      }
    }
  }
  // Booleans by their names, numbers by their exact digits.
  const hash = new layers.Hashing(1000);
  const same: [keras.layers.HashingInputs | tf.Tensor, keras.layers.HashingInputs][] = [
    [tf.tensor([true, false]), ["true", "false"]],
    [[2 ** 62, 1e20, NaN], [`${2n ** 62n}`, `${-(2n ** 63n)}`, `${-(2n ** 63n)}`]],
  ];
  for (const [values, texts] of same) {
    assertEquals(await hash(values as string[]).data(), await hash(texts).data());
  }
});

Deno.test("large integers of a list are looked up as they are", async () => {
  const layer = layers.IntegerLookup({ vocabulary: [20_000_001] });
  const found = layer([20_000_001, 20_000_000]) as unknown as tf.Tensor;
  assertEquals([...await found.data()], [1, 0]);
});

Deno.test("texts become classes: vectorized first, then trained on", async () => {
  const texts = ["good film", "bad film", "good good story", "a bad story"];
  const vectorize = new layers.TextVectorization({ outputSequenceLength: 4 });
  await vectorize.adapt(texts);
  keras.setRandomSeed(1);
  const model = new keras.Sequential([
    keras.Input({ shape: [4] }),
    new layers.Embedding({ inputDim: vectorize.vocabularySize(), outputDim: 4 }),
    new layers.GlobalAveragePooling1D(),
    new layers.Dense({ units: 1, activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: new keras.optimizers.Adam(0.1), loss: "binaryCrossentropy" });
  const y = tf.tensor2d([[1], [0], [1], [0]]);
  const { history } = await model.fit(vectorize(texts), y, { epochs: 30, verbose: 0 });
  assertEquals(history.loss.at(-1)! < history.loss[0] / 4, true);
});

Deno.test("many texts at once give a vocabulary, which may be set again", async () => {
  const layer = new layers.TextVectorization();
  await layer.adapt(new Array<string>(150_000).fill("a").concat("b"));
  assertEquals([...await layer(["a b"]).data()], [2, 3]);
  layer.setVocabulary(["b", "a"]);
  assertEquals([...await layer(["a b"]).data()], [3, 2]);
});

Deno.test("functions of one's own standardize and split", async () => {
  const layer = new layers.TextVectorization({
    standardize: (text) => text.replaceAll("<br>", " "),
    split: (text) => text.split("|"),
    vocabulary: ["a b", "c"],
  });
  assertEquals([...await layer(["a<br>b|c|d"]).data()], [2, 3, 1]);
});

Deno.test("what a layer of strings cannot be given is refused", async () => {
  const { StringLookup, TextVectorization } = layers;
  const refused: [call: () => unknown, message: string][] = [
    [() => StringLookup({ vocabulary: ["a", "a"] }), "StringLookup: vocabulary has a twice"],
    [() => StringLookup({ vocabulary: [3] as never }), "vocabulary is 3, expected a string"],
    [() => StringLookup({ maskToken: 0 as never }), "maskToken is 0, expected a string"],
    [() => StringLookup()(["a"]), "no vocabulary is known"],
    [() => StringLookup({ vocabulary: ["a"] })([1, 2]), "expected strings"],
    [
      () => StringLookup({ vocabulary: ["a"], numOovIndices: 0 })(["b"]),
      '"b" is not in the vocabulary',
    ],
    [
      () => StringLookup({ vocabulary: ["a"] })(keras.Input({ shape: [2] })),
      "strings cannot be part of a model here",
    ],
    [() => layers.Hashing({ numBins: 0 }), "Hashing: numBins is 0, expected"],
    [
      () => layers.Hashing({ numBins: 2, salt: [1] as never }),
      "salt is [1], expected an integer or two",
    ],
    [() => layers.Hashing({ numBins: 2, outputMode: "tfIdf" as never }), 'outputMode is "tfIdf"'],
    [() => layers.Hashing({ numBins: 2, maskValue: 1 })(["a"]), "expected values of one kind"],
    [() => layers.Hashing(3)(keras.Input({ shape: [2] })), "cannot be part of a model here"],
    [() => TextVectorization({ split: "words" as never }), 'split is "words", expected'],
    [() => TextVectorization({ split: () => [] }).getConfig(), "split is a function"],
    [() => TextVectorization({ ngrams: 0 }), "ngrams is 0, expected"],
    [
      () => TextVectorization({ outputMode: "count", outputSequenceLength: 3 }),
      'outputSequenceLength is 3 and outputMode "count"',
    ],
    [
      () => TextVectorization({ vocabulary: ["a"] })([["a", "b"]]),
      "expected [texts] or [texts, 1]",
    ],
  ];
  for (const [call, message] of refused) assertThrows(call, Error, message);
  const given = new TextVectorization({ vocabulary: ["a"] });
  await assertRejects(() => given.adapt(["b"]), Error, "its vocabulary was given");
});
