/** Layers that prepare data: what chance and composition leave fixed. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { layerFromSaved } from "../../../keras_style/layers/layer_registry.ts";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;

Deno.test("RandomShear moves rows, or columns, in proportion to their distance from the edge, to either side", async () => {
  keras.setRandomSeed(1);
  const [count, size, factor] = [24, 8, 0.5];
  const column = tf.oneHot(tf.tensor1d([4], "int32"), size).reshape([1, 1, size, 1]);
  const images = tf.tile(tf.cast(column, "float32"), [count, size, 1, 1]);
  const settings = { fillMode: "constant", interpolation: "nearest" } as const;
  for (
    const [axis, options] of [["x", { xFactor: [factor, factor] }], ["y", {
      yFactor: [factor, factor],
    }]] as const
  ) {
    const layer = new layers.RandomShear({ ...settings, ...options });
    const given = axis === "x" ? images : tf.transpose(images, [0, 2, 1, 3]);
    const sheared = layer(given, { training: true });
    const upright = axis === "x" ? sheared : tf.transpose(sheared, [0, 2, 1, 3]);
    const found = await tf.squeeze(upright, [3]).array() as number[][][];
    const seen = new Set<number>();
    for (const image of found) {
      const side = [1, -1].find((side) =>
        image.every((row, y) =>
          row.every((value, x) => {
            const from = x + side * factor * y;
            // At a half either neighbour is nearest.
            return from % 1 !== 0 || value === (from === 4 ? 1 : 0);
          })
        )
      );
      assert(side !== undefined, JSON.stringify(image));
      seen.add(side);
    }
    assertEquals(seen.size, 2, `${axis}: both sides are seen`);
    assertEquals(await layer(given, { training: false }).array(), await given.array());
  }
  assertThrows(() => new layers.RandomShear({ xFactor: 2 }), RangeError, "xFactor is 2");
});

Deno.test("RandomColorJitter is brightness, contrast, saturation and hue in this order, saved and loaded", async () => {
  keras.setRandomSeed(2);
  const images = keras.random.uniform([2, 4, 4, 3], { seed: 1, maxval: 255 });
  const own = {
    brightnessFactor: [0.1, 0.1],
    contrastFactor: [0, 0],
    saturationFactor: [0.8, 0.8],
    hueFactor: [0, 0],
  } as const;
  const jitter = new layers.RandomColorJitter(own);
  const chain = [
    new layers.RandomBrightness({ factor: own.brightnessFactor }),
    new layers.RandomContrast({ factor: own.contrastFactor }),
    new layers.RandomSaturation({ factor: own.saturationFactor }),
    new layers.RandomHue({ factor: own.hueFactor }),
  ];
  const expected = chain.reduce<tf.Tensor>((x, layer) => layer(x, { training: true }), images);
  const found = await jitter(images, { training: true }).array();
  assertEquals(found, await expected.array());
  const copy = layerFromSaved({ className: "RandomColorJitter", config: jitter.getConfig() });
  assertEquals(await (copy as keras.layers.Layer)(images, { training: true }).array(), found);
  assertEquals(await jitter(images, { training: false }).array(), await images.array());
});

Deno.test("Pipeline is its layers one after the other, alone, in a model, in a data set, saved and loaded", async () => {
  const pipeline = new layers.Pipeline({
    layers: [
      new layers.Rescaling({ scale: 1 / 255 }),
      new layers.RandomFlip({ mode: "horizontal", seed: 3 }),
      new layers.Resizing({ height: 2, width: 2 }),
    ],
  });
  const images = keras.random.uniform([3, 4, 4, 1], { seed: 1, maxval: 255 });
  const [scale, , resize] = pipeline.layers;
  const expected = await resize(scale(images)).array();
  assertEquals(await pipeline(images, { training: false }).array(), expected);
  assertEquals(pipeline(keras.Input({ shape: [4, 4, 1] })).shape, [null, 2, 2, 1]);
  const inputs = keras.Input({ shape: [4, 4, 1] });
  const model = new keras.Model({ inputs, outputs: pipeline(inputs) });
  assertEquals(await (await model.predict(images, { verbose: 0 })).array(), expected);
  const copy = layerFromSaved({ className: "Pipeline", config: pipeline.getConfig() });
  assertEquals(await (copy as keras.layers.Layer)(images, { training: false }).array(), expected);
  const dataset = keras.data.Dataset.fromTensorSlices(images).batch(3)
    .map((batch) => pipeline(batch, { training: true }));
  for (const batch of dataset) assertEquals(batch.shape, [3, 2, 2, 1]);
  assertThrows(() => new layers.Pipeline({ layers: [3 as never] }), TypeError, "expected");
});

Deno.test("every layer of images keeps [n, rows, columns, channels], takes one image, and does nothing at evaluation", async () => {
  keras.setRandomSeed(4);
  const made: Record<string, keras.layers.Layer> = {
    RandomRotation: new layers.RandomRotation({ factor: 0.2 }),
    RandomTranslation: new layers.RandomTranslation({ heightFactor: 0.2, widthFactor: 0.2 }),
    RandomZoom: new layers.RandomZoom({ heightFactor: 0.2 }),
    RandomFlip: new layers.RandomFlip(),
    RandomShear: new layers.RandomShear({ xFactor: 0.3, yFactor: 0.2 }),
    RandomBrightness: new layers.RandomBrightness({ factor: 0.2 }),
    RandomContrast: new layers.RandomContrast({ factor: 0.2 }),
    RandomGrayscale: new layers.RandomGrayscale({ factor: 0.5 }),
    RandomInvert: new layers.RandomInvert({ factor: 0.5 }),
    RandomColorDegeneration: new layers.RandomColorDegeneration({ factor: 0.5 }),
    RandomPosterization: new layers.RandomPosterization({ factor: 4 }),
    RandomHue: new layers.RandomHue({ factor: 0.5 }),
    RandomSaturation: new layers.RandomSaturation({ factor: 0.5 }),
    RandomSharpness: new layers.RandomSharpness({ factor: 0.5 }),
    RandomColorJitter: new layers.RandomColorJitter({ hueFactor: 0.5 }),
  };
  const images = keras.random.uniform([2, 6, 5, 3], { seed: 9, maxval: 255 });
  const values = await images.array();
  for (const [name, layer] of Object.entries(made)) {
    assertEquals(layer(images, { training: true }).shape, [2, 6, 5, 3], name);
    assertEquals(layer(keras.Input({ shape: [6, 5, 3] })).shape, [null, 6, 5, 3], name);
    assertEquals(
      layer(images.slice([0], [1]).squeeze([0]), { training: true }).shape,
      [6, 5, 3],
      name,
    );
    assertEquals(await layer(images, { training: false }).array(), values, name);
    const data = await layer(images, { training: true }).data();
    assert(data.every((value) => value >= -1e-3 && value <= 255.001), `${name} stays within range`);
  }
});

Deno.test("MixUp and CutMix mix images and labels by the same shares, RandomErasing fills a window", async () => {
  keras.setRandomSeed(6);
  const count = 16;
  // Image i is i everywhere, and its label the i-th.
  const ids = tf.range(0, count).reshape([count, 1, 1, 1]);
  const images = tf.tile(ids, [1, 20, 20, 1]);
  const labels = tf.cast(tf.oneHot(tf.range(0, count, 1, "int32"), count), "float32");
  type Mixed = { images: tf.Tensor; labels: tf.Tensor };
  const apply = (layer: keras.layers.Layer, training: boolean) =>
    (layer as unknown as (x: Mixed, options: object) => Mixed)({ images, labels }, { training });
  for (const layer of [new layers.MixUp({ alpha: 1 }), new layers.CutMix({ factor: [1, 1] })]) {
    const mixed = apply(layer, true);
    const rows = await mixed.labels.array() as number[][];
    const pixels = await tf.mean(mixed.images, [1, 2, 3]).data();
    assertEquals(mixed.images.shape, images.shape);
    rows.forEach((row, i) => {
      assertAlmostEquals(row.reduce((sum, share) => sum + share), 1, 1e-5);
      assert(row.filter((share) => share > 1e-6).length <= 2, layer.name);
      // What is in the image is what its label says; a window's edge lies between pixels.
      const said = row.reduce((sum, share, id) => sum + share * id, 0);
      const tolerance = layer instanceof layers.MixUp ? 1e-3 : 2;
      assertAlmostEquals(pixels[i], said, tolerance, `${layer.name} ${i}`);
    });
    assert(rows.some((row) => row.filter((share) => share > 1e-3).length === 2), "some are mixed");
    const plain = apply(layer, false);
    assertEquals(await plain.labels.array(), await labels.array());
    assertEquals(layer(images, { training: true }).shape, images.shape);
    const copy = layerFromSaved({ className: layer.getClassName(), config: layer.getConfig() });
    assertEquals(copy.getConfig(), layer.getConfig());
  }
  const erasing = new layers.RandomErasing({ factor: [1, 1], scale: [0.25, 0.25], fillValue: 99 });
  const erased = await tf.sum(
    tf.cast(tf.equal(erasing(images, { training: true }), 99), "int32"),
    [1, 2, 3],
  ).data();
  // A quarter of the rows' squares: half of 20 each, a row more or less.
  for (const pixels of erased) assert(pixels >= 81 && pixels <= 121, `${pixels} pixels`);
  const rarely = new layers.RandomErasing({ factor: [0, 0] });
  assertEquals(await rarely(images, { training: true }).array(), await images.array());
});

Deno.test("ReversibleEmbedding goes both ways by the same weights, or by others", async () => {
  const layer = new layers.ReversibleEmbedding({ inputDim: 5, outputDim: 3, maskZero: true });
  const ids = tf.tensor2d([[1, 4]], [1, 2], "int32");
  const vectors = layer(ids);
  const logits = layer(vectors, { reverse: true });
  const table = layer.embeddings;
  const expected = tf.matMul(
    tf.squeeze(vectors, [0]) as tf.Tensor2D,
    table as unknown as tf.Tensor2D,
    false,
    true,
  );
  assertEquals(await tf.squeeze(logits, [0]).array(), await expected.array());
  assertEquals(layer.weights.length, 1);
  const capped = new layers.ReversibleEmbedding({
    inputDim: 5,
    outputDim: 3,
    tieWeights: false,
    logitSoftCap: 0.01,
    embeddingsInitializer: "ones",
  });
  const x = keras.Input({ shape: [7] });
  assertEquals(capped(capped(x), { reverse: true }).shape, [null, 7, 5]);
  assertEquals(capped.weights.map(({ shape }) => shape), [[5, 3], [3, 5]]);
  const [value] = await capped(tf.ones([1, 3]), { reverse: true }).data();
  assertAlmostEquals(value, 0.01, 1e-6);
});

Deno.test("what layers of values and classes cannot use is refused, as in Keras", async () => {
  const x = tf.tensor([[1, 2], [3, 6]]);
  const given = new layers.Normalization({ mean: 1, variance: 4, name: "given" });
  await assertRejects(() => given.adapt(x), Error, 'layer "given": its mean and variance were');
  const ids = tf.tensor([1, 2], [2], "int32");
  const refused: [run: () => unknown, message: string][] = [
    [() => new layers.Normalization({ mean: 1 }), "mean and variance belong together"],
    [
      () => new layers.Discretization({ binBoundaries: [1, 0] }),
      "binBoundaries is [1,0], expected numbers, each at least the one before",
    ],
    [() => new layers.Discretization({ binBoundaries: [NaN] }), "binBoundaries is [null]"],
    [() => new layers.Discretization({ numBins: 3 })(x), "expected a call of adapt"],
    [
      () => new layers.CategoryEncoding({ numTokens: 3 })(ids, { countWeights: x }),
      'countWeights are given and outputMode is "multiHot", expected "count"',
    ],
  ];
  for (const [run, message] of refused) assertThrows(run, Error, message);
  const values = tf.tensor([NaN, Infinity, -Infinity, 1, 0.5]);
  const bins = new layers.Discretization({ binBoundaries: [0, 1] });
  assertEquals([...await bins(values).data()], [2, 2, 0, 2, 1]);
});
