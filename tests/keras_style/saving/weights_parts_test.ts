/** Initializers, regularizers and constraints against Keras'. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_weights.json" with { type: "json" };
import { assertClose, scattered } from "../golden.ts";

const { constraints, initializers, regularizers } = keras;

const SHAPE = [3, 3, 40, 80];
const SEEDS = 8;
type Make = (seed: number) => keras.initializers.Initializer;
const distributions: Record<keyof typeof golden.distributions, Make> = {
  glorotUniform: (seed) => new initializers.GlorotUniform({ seed }),
  glorotNormal: (seed) => new initializers.GlorotNormal({ seed }),
  heUniform: (seed) => new initializers.HeUniform({ seed }),
  heNormal: (seed) => new initializers.HeNormal({ seed }),
  lecunUniform: (seed) => new initializers.LecunUniform({ seed }),
  lecunNormal: (seed) => new initializers.LecunNormal({ seed }),
  randomNormal: (seed) => new initializers.RandomNormal({ seed }),
  randomUniform: (seed) => new initializers.RandomUniform({ seed }),
  truncatedNormal: (seed) => new initializers.TruncatedNormal({ seed }),
  untruncated: (seed) =>
    new initializers.VarianceScaling({
      scale: 2,
      mode: "fanOut",
      distribution: "untruncatedNormal",
      seed,
    }),
};

/** Greatest distance of two distribution functions at Keras' quantiles (Kolmogorov and Smirnov). */
function distance(values: Float32Array, quantiles: readonly number[]): number {
  const sorted = values.toSorted();
  const gaps = quantiles.map((quantile, i) => {
    const below = sorted.findIndex((value) => value > quantile);
    return Math.abs(below / sorted.length - (i + 1) / (quantiles.length + 1));
  });
  return Math.max(...gaps);
}

for (const [name, make] of Object.entries(distributions)) {
  Deno.test(`${name} is distributed as Keras'`, async () => {
    const parts: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      for (const value of await make(seed)(SHAPE).data()) parts.push(value);
    }
    const values = Float32Array.from(parts);
    const { quantiles, std } = golden.distributions[name as keyof typeof distributions];
    // 1.63 / sqrt(n) is passed once in a hundred; the stream is fixed.
    const bound = 1.63 * Math.sqrt(1 / values.length + 1 / (values.length * 2.5));
    assert(distance(values, quantiles) < bound, `${distance(values, quantiles)} < ${bound}`);
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    assert(Math.abs(deviation / std - 1) < 0.01, `deviation ${deviation}, Keras ${std}`);
  });
}

async function digest(values: tf.Tensor): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-1", (await values.data()).slice().buffer);
  return new Uint8Array(bytes).toHex();
}

Deno.test("glorotUniform draws what the published accuracies were measured with, bit by bit", async () => {
  keras.setRandomSeed(7);
  const expected: [shape: number[], digest: string][] = [
    [[3, 3, 3, 32], "a78c44e1efd708a4c9f3c40ed703cba1c12a792b"],
    [[3, 3, 32, 64], "de7e120a9823c1ec3a97f638b0909464dc80049e"],
    [[4096, 100], "f6b123728e129dabb878c8edcae9861f156bf4ef"],
    [[100, 10], "3b96b500c291a428e79ea19eb0738a85c89527b6"],
  ];
  for (const [shape, hash] of expected) {
    assertEquals(await digest(initializers.get("glorotUniform")(shape)), hash, `[${shape}]`);
  }
});

const drawing = [
  "glorotUniform",
  "he_normal",
  "orthogonal",
  "RandomUniform",
  "varianceScaling",
] as const;

for (const name of drawing) {
  Deno.test(`${name}: each new one draws other values, and setRandomSeed repeats them`, async () => {
    const draw = () => initializers.get(name as "orthogonal")([4, 3]).data();
    keras.setRandomSeed(3);
    const [a, b] = [await draw(), await draw()];
    keras.setRandomSeed(3);
    assertEquals([await draw(), await draw()], [a, b]);
    assert(a[0] !== b[0]);
  });
}

Deno.test("one that is given a seed repeats itself; a SeedGenerator does not, but from the start", async () => {
  const seeded = new initializers.RandomNormal({ seed: 5 });
  assertEquals(await seeded([3]).data(), await seeded([3]).data());
  const draw = () => {
    const seed = new keras.random.SeedGenerator({ seed: 5 });
    const initializer = new initializers.RandomNormal({ seed });
    return Promise.all([initializer([3]).data(), initializer([3]).data()]);
  };
  const [a, b] = await draw();
  assert(a[0] !== b[0]);
  assertEquals(await draw(), [a, b]);
});

for (const shape of [[4, 3], [3, 5], [2, 3, 4]]) {
  Deno.test(`orthogonal [${shape}]: rows or columns are orthonormal times the gain`, async () => {
    const weight = new initializers.Orthogonal({ gain: 2, seed: 1 })(shape);
    const matrix = tf.reshape(weight, [-1, shape.at(-1)!]) as tf.Tensor2D;
    const isTall = matrix.shape[0] >= matrix.shape[1];
    const product = tf.matMul(matrix, matrix, isTall, !isTall);
    const identity = tf.mul(tf.eye(product.shape[0]), 4);
    assertClose(await product.data(), [...await identity.data()], 1e-5, "product");
  });
}

Deno.test("zeros, ones, constants, identity, functions and tensors", async () => {
  const values = async (
    identifier: keras.initializers.InitializerIdentifier,
    shape: number[] = [2, 2],
  ) => [...await initializers.get(identifier)(shape).data()];
  assertEquals(await values("zeros"), [0, 0, 0, 0]);
  assertEquals(await values("ones"), [1, 1, 1, 1]);
  assertEquals(await values(new initializers.Constant({ value: 3 })), [3, 3, 3, 3]);
  assertEquals(await values(new initializers.Constant({ value: [1, 2] })), [1, 2, 1, 2]);
  assertEquals(await values(new initializers.Identity({ gain: 2 })), [2, 0, 0, 2]);
  assertEquals(await values((shape) => tf.fill([...shape], 7)), [7, 7, 7, 7]);
  assertEquals(await values(tf.tensor2d([[1, 2], [3, 4]])), [1, 2, 3, 4]);
  const saved = initializers.serialize(new initializers.HeUniform({ seed: 9 }));
  assertEquals(saved.className, "HeUniform");
  assertEquals(await values(saved), await values(new initializers.HeUniform({ seed: 9 })));
});

for (const [name, expected] of Object.entries(golden.stft)) {
  Deno.test(`STFT ${name}: Keras' filters`, async () => {
    const options = {
      real: {},
      imag: { side: "imag", window: "hamming", scaling: "spectrum", periodic: true },
      plain: { window: null },
    }[name] as keras.initializers.STFTOptions;
    const filters = new initializers.STFT(options)([5, 1, 4]);
    assertClose(await filters.data(), expected, 1e-6, name);
  });
}

const matrix = () => {
  const values = scattered(12, 5, 17).map((value) => value * 3);
  values[0] = 0;
  return tf.tensor2d(values, [4, 3]);
};

const penalties: Record<keyof typeof golden.regularizers, keras.regularizers.Regularizer> = {
  l1: new regularizers.L1({ l1: 0.2 }),
  l2: new regularizers.L2({ l2: 0.3 }),
  l1L2: new regularizers.L1L2({ l1: 0.2, l2: 0.3 }),
  rows: new regularizers.OrthogonalRegularizer({ factor: 0.5 }),
  columns: new regularizers.OrthogonalRegularizer({ factor: 0.5, mode: "columns" }),
};

for (const [name, penalty] of Object.entries(penalties)) {
  Deno.test(`regularizer ${name}: Keras' value and gradient`, async () => {
    const expected = golden.regularizers[name as keyof typeof penalties];
    const x = matrix();
    using tape = new keras.GradientTape();
    tape.watch(x);
    const value = penalty(x);
    assertClose(await value.data(), [expected.value], 1e-5, "value");
    assertClose(await tape.gradient(value, x)!.data(), expected.gradient, 1e-6, "gradient");
    const copy = regularizers.deserialize(regularizers.serialize(penalty));
    assertClose(await copy(x).data(), [expected.value], 1e-5, "a copy");
  });
}

const limits: Record<keyof typeof golden.constraints, keras.constraints.Constraint> = {
  maxNorm: new constraints.MaxNorm({ maxValue: 2 }),
  maxNormBoth: new constraints.MaxNorm({ maxValue: 2, axis: [0, 1] }),
  nonNeg: new constraints.NonNeg(),
  unitNorm: new constraints.UnitNorm({ axis: 1 }),
  minMaxNorm: new constraints.MinMaxNorm({ minValue: 3, maxValue: 3.5, rate: 0.4 }),
};

for (const [name, limit] of Object.entries(limits)) {
  Deno.test(`constraint ${name}: Keras' weights`, async () => {
    const expected = golden.constraints[name as keyof typeof limits];
    assertClose(await limit(matrix()).data(), expected, 1e-6, name);
    const copy = constraints.deserialize(constraints.serialize(limit));
    assertClose(await copy(matrix()).data(), expected, 1e-6, "a copy");
  });
}

Deno.test("names, functions and none are taken; all else is refused by name", () => {
  assert(regularizers.get("l2") instanceof regularizers.L2);
  assert(constraints.get("max_norm") instanceof constraints.MaxNorm);
  assertEquals(regularizers.get(null), null);
  const refused: [run: () => unknown, message: string][] = [
    [
      () => initializers.get("glorot" as "ones", "Dense: kernelInitializer"),
      'kernelInitializer is "glorot", expected one of Constant',
    ],
    [() => regularizers.get("l3" as "l2"), 'regularizer is "l3", expected one of L1, L1L2'],
    [() => constraints.get(3 as never), "constraint is 3, expected one of MaxNorm"],
    [
      () => new initializers.GlorotUniform({ scale: 2 } as never),
      'GlorotUniform: unknown option "scale"',
    ],
    [() => new initializers.RandomNormal({ std: 2 } as never), 'unknown option "std", expected'],
    [
      () => new initializers.Zeros({ value: 2 } as never),
      'Zeros: unknown option "value", expected no options',
    ],
    [() => new regularizers.L1({ l2: 2 } as never), 'L1: unknown option "l2"'],
    [() => new regularizers.L2({ l2: -1 }), "L2: l2 is -1, expected a number of at least 0"],
    [
      () => new constraints.MaxNorm({ max_value: 1 } as never),
      'unknown option "max_value", expected "maxValue"',
    ],
    [
      () => new initializers.RandomNormal({ seed: -1 }),
      "RandomNormal: seed is -1, expected an integer",
    ],
    [
      () => new initializers.VarianceScaling({ mode: "in" as "fanIn" }),
      'mode is "in", expected one of "fanIn"',
    ],
    [() => new initializers.Orthogonal()([3]), "Orthogonal: shape is [3], expected at least two"],
  ];
  for (const [run, message] of refused) assertThrows(run, Error, message);
});
