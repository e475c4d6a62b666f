import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;

Deno.test("layers are called like functions, with new and without", async () => {
  const x = tf.tensor2d([[1, -2]]);
  const made = new layers.ReLU();
  assertEquals([...await made(x).data()], [1, 0]);
  assertEquals([...await layers.ReLU()(x).data()], [1, 0]);
  assertEquals(made instanceof layers.Layer, true);
  assertEquals(made.getClassName(), "ReLU");
});

Deno.test("softmax works along the last axis, as Keras' does", async () => {
  const y = await new layers.Softmax()(tf.tensor3d([[[1, 1], [0, 0]]])).data();
  assertEquals([...y], [0.5, 0.5, 0.5, 0.5]);
});

async function moments(values: ArrayLike<number>): Promise<[mean: number, deviation: number]> {
  const { mean, variance } = tf.moments(tf.tensor1d([...Array.from(values)]));
  return [(await mean.data())[0], Math.sqrt((await variance.data())[0])];
}

Deno.test("noise has the strength that is asked for, and none at evaluation", async () => {
  keras.setRandomSeed(2);
  const x = tf.ones([1, 5000]);
  const cases = [
    [new layers.GaussianNoise({ stddev: 0.3 }), 1, 0.3],
    [new layers.GaussianDropout({ rate: 0.2 }), 1, 0.5],
    [new layers.Dropout({ rate: 0.2 }), 1, 0.5],
  ] as const;
  for (const [layer, mean, deviation] of cases) {
    const [m, d] = await moments(await layer(x, { training: true }).data());
    assertAlmostEquals(m, mean, 0.03);
    assertAlmostEquals(d, deviation, 0.03);
    assertEquals([...await layer(x).data()], [...await x.data()]);
  }
});

Deno.test("alpha dropout keeps mean 0 and variance 1", async () => {
  keras.setRandomSeed(2);
  const x = tf.randomNormal([1, 5000], 0, 1, "float32", 7);
  const layer = new layers.AlphaDropout({ rate: 0.3 });
  const [mean, deviation] = await moments(await layer(x, { training: true }).data());
  assertAlmostEquals(mean, 0, 0.06);
  assertAlmostEquals(deviation, 1, 0.06);
});

Deno.test("a noise shape shares the mask along axes of 1", async () => {
  keras.setRandomSeed(1);
  const layer = new layers.Dropout({ rate: 0.5, noiseShape: [null, 1, 8] });
  const y = await layer(tf.ones([4, 3, 8]), { training: true }).array() as number[][][];
  for (const [first, second, third] of y) assertEquals([second, third], [first, first]);
  assertEquals(y.flat(2).includes(0) && y.flat(2).includes(2), true);
  const channels = new layers.SpatialDropout1D({ rate: 0.5 });
  const z = await channels(tf.ones([4, 3, 8]), { training: true }).array() as number[][][];
  for (const [first, second] of z) assertEquals(second, first);
});

Deno.test("dropout inside recurrent cells draws afresh inside a traced function", async () => {
  keras.setRandomSeed(1);
  const layer = new layers.SimpleRNN({ units: 16, dropout: 0.5 });
  const run = keras.tfFunction((x: tf.Tensor) => layer(x, { training: true }));
  const x = tf.ones([1, 2, 8]);
  layer(x);
  const [first, second] = [await run(x).data(), await run(x).data()];
  assertEquals(first.every((value, i) => value === second[i]), false);
});

Deno.test("rates out of range are refused", () => {
  assertThrows(
    () => new layers.Dropout({ rate: 1.5 }),
    RangeError,
    "Dropout: rate is 1.5, expected a number from 0 to 1",
  );
  assertThrows(() => new layers.GaussianDropout({ rate: 1 }), RangeError, "rate is 1");
  assertThrows(() => new layers.GaussianNoise({ stddev: -1 }), RangeError, "stddev is -1");
});

Deno.test("the directions of a bidirectional layer start from weights of their own, repeatable by the seed", async () => {
  const weightsOf = async (kernelInitializer?: keras.initializers.Initializer) => {
    keras.setRandomSeed(1);
    const args = { units: 2, ...(kernelInitializer ? { kernelInitializer } : {}) };
    const layer = new layers.Bidirectional({ layer: new layers.LSTM(args) });
    const model = new keras.Sequential([keras.Input({ shape: [5, 3] }), layer]);
    return await Promise.all(
      model.variables.map(async (v) => [v.name, [...await v.data()]] as const),
    );
  };
  const found = new Map(await weightsOf());
  for (const part of ["kernel", "recurrent_kernel"]) {
    const [forward, backward] = ["forward", "backward"].map((direction) =>
      found.get(`bidirectional/${direction}_lstm/${part}`) ??
        [...found].find(([name]) =>
          name.includes(`${direction}_lstm`) && name.endsWith(`/${part}`)
        )![1]
    );
    assertEquals(forward.some((value, i) => value !== backward[i]), true, part);
  }
  assertEquals((await weightsOf()).map(([, values]) => values), [...found.values()]);
  const seeded = await weightsOf(new keras.initializers.GlorotUniform({ seed: 7 }));
  assertEquals(
    seeded[0][1],
    seeded[3][1],
    "a seed that the user gives is taken twice, as in Keras",
  );
});

const glorot = { kernelInitializer: "glorotUniform" } as const;
/** Layers with several weights of one shape, and the shape of a batch they are built for. */
const severalWeights: [name: string, options: Record<string, unknown>, shape: number[]][] = [
  ["MultiHeadAttention", { numHeads: 2, keyDim: 3, ...glorot }, [2, 4, 6]],
  ["MultiHeadAttention", { numHeads: 2, keyDim: 3, kernelInitializer: "heNormal" }, [2, 2, 4, 6]],
  ["GroupQueryAttention", { headDim: 3, numQueryHeads: 2, numKeyValueHeads: 2 }, [2, 4, 6]],
  ["SeparableConv1D", { filters: 1, kernelSize: 1 }, [2, 4, 6]],
  ["SeparableConv2D", { filters: 1, kernelSize: 1 }, [2, 4, 4, 6]],
  ["SimpleRNN", { units: 6, recurrentInitializer: "glorotUniform" }, [2, 4, 6]],
  ["LSTM", { units: 6, recurrentInitializer: "glorotUniform" }, [2, 4, 6]],
  ["GRU", { units: 6, recurrentInitializer: "glorotUniform" }, [2, 4, 6]],
  ["ConvLSTM1D", { filters: 6, kernelSize: 1, recurrentInitializer: "glorotUniform" }, [
    2,
    3,
    4,
    6,
  ]],
  ["Bidirectional", { layer: new layers.GRU({ units: 6 }) }, [2, 4, 6]],
];

for (const [name, options, shape] of severalWeights) {
  const drawn = JSON.stringify(options.kernelInitializer ?? "");
  Deno.test(`${name} [${shape}] ${drawn}: no two of its weights begin alike`, async () => {
    // deno-lint-ignore no-explicit-any
    const layer = new (layers as any)[name](options) as keras.layers.Layer;
    const x = tf.ones(shape);
    name.endsWith("Attention") ? layer(x, x) : layer(x);
    // Biases begin with zeros or ones.
    const random = layer.weights.filter((weight) => !/bias$/.test(weight.name));
    assert(random.length > 1);
    const seen = new Map<string, string>();
    for (const weight of random) {
      const key = `${weight.shape} ${await weight.data()}`;
      assertEquals(seen.get(key), undefined, weight.name);
      seen.set(key, weight.name);
    }
  });
}

Deno.test("one seed is every projection's seed, as in Keras; a generator of seeds gives each its own", async () => {
  const kernels = async (seed: keras.random.Seed) => {
    const kernelInitializer = new keras.initializers.RandomNormal({ seed });
    const layer = new layers.MultiHeadAttention({ numHeads: 2, keyDim: 3, kernelInitializer });
    const x = tf.ones([2, 4, 6]);
    layer(x, x);
    const { queryDense, keyDense } = layer;
    return [await queryDense.kernel.data(), await keyDense.kernel.data()];
  };
  const [query, key] = await kernels(5);
  assertEquals(query, key);
  const [first, second] = await kernels(new keras.random.SeedGenerator({ seed: 5 }));
  assert(first[0] !== second[0]);
});

Deno.test("an initializer with a generator of seeds is made again from its configuration", async () => {
  const seed = new keras.random.SeedGenerator({ seed: 5 });
  const initializer = new keras.initializers.RandomNormal({ seed });
  const again = keras.initializers.deserialize(keras.initializers.serialize(initializer));
  assertEquals(again.getConfig(), initializer.getConfig());
  assertEquals(await again([3]).data(), await initializer([3]).data());
});

Deno.test("merged inputs have as many samples each, and samples that fit", () => {
  const shapes = (...sizes: number[][]) => sizes.map((size) => tf.ones(size));
  const message = 'layer "sum" (Add): inputs have shapes ';
  const refused: [inputs: tf.Tensor[], what: string][] = [
    [shapes([4, 3], [2, 3]), "[4, 3] and [2, 3], expected as many samples in each"],
    [shapes([4, 4, 3], [4, 4]), "[4, 4, 3] and [4, 4], expected samples of shapes that fit"],
  ];
  for (const [inputs, what] of refused) {
    assertThrows(() => new layers.Add({ name: "sum" })(inputs), RangeError, message + what);
  }
});
