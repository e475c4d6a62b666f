/**
 * Writes models as `.keras`, `.weights.h5` and JSON, with what they compute and how their training goes on, for check_keras_models.py:
 * Python's Keras is to load them all.
 *
 *     deno run --permission-set=default tests/golden/dump_keras_models.ts FOLDER
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";

const [folder] = Deno.args;
if (!folder) throw new Error("usage: dump_keras_models.ts FOLDER");
const { layers, optimizers } = keras;
const { Input, Model, Sequential } = keras;

/** Shapes of the inputs: of one, or by name. */
type Shapes = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** Samples that a model is trained on before it is saved, and after. */
const X = Array.from(
  { length: 6 },
  (_, i) => Array.from({ length: 4 }, (_, k) => Math.sin(4 * i + k)),
);
const Y = [0, 1, 1, 0, 1, 0];

const index: unknown[] = [];

function sines(shape: readonly number[], step: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));
}

function inputOf(shapes: Shapes): tf.Tensor | Record<string, tf.Tensor> {
  if (Array.isArray(shapes)) return tf.tensor(sines(shapes, 0.7), [...shapes]);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(sines(shape, 0.7), shape)]),
  );
}

/** @param trained whether the model is compiled: it is trained, saved and trained on */
async function dump(name: string, model: keras.Model, shapes: Shapes, trained = false) {
  model.weights.forEach((weight, i) => {
    if (weight.dtype !== "float32") return;
    const values = sines(weight.shape, 1.7 + 0.1 * i).map((value) => 0.3 * value);
    const isVariance = weight.name.includes("variance");
    weight.assign(
      tf.tensor(isVariance ? values.map((v) => Math.abs(v) + 0.2) : values, weight.shape),
    );
  });
  const fit = async () => {
    const options = { epochs: 2, verbose: 0, shuffle: false, batchSize: 3 } as const;
    return (await model.fit(X, Y, options)).history.loss;
  };
  if (trained) await fit();
  await model.save(`${folder}/${name}.keras`);
  await model.saveWeights(`${folder}/${name}.weights.h5`);
  await Deno.writeTextFile(`${folder}/${name}.json`, model.toJSON());
  const result = model(inputOf(shapes) as tf.Tensor, { training: false }) as unknown;
  const outputs = result instanceof tf.Tensor ? [result] : Object.values(result as object);
  index.push({
    name,
    inputs: shapes,
    outputs: await Promise.all(outputs.map(async (y: tf.Tensor) => [...await y.data()])),
    policy: model.dtypePolicy.name,
    ...trained ? { x: X, y: Y, next: await fit() } : {},
  });
}

function classifier(): keras.Sequential {
  return new Sequential([
    Input({ shape: [4] }),
    new layers.Dense({ units: 3, activation: "relu", kernelRegularizer: "l2" }),
    new layers.BatchNormalization(),
    new layers.Dropout({ rate: 0 }),
    new layers.Dense({ units: 2, activation: "softmax" }),
  ]);
}

const { ExponentialDecay } = optimizers.schedules;
const TRAINED: readonly keras.optimizers.Optimizer[] = [
  new optimizers.SGD({ momentum: 0.9, nesterov: true }),
  new optimizers.RMSprop({ momentum: 0.5, centered: true }),
  new optimizers.Adam({ amsgrad: true }),
  new optimizers.AdamW({ useEma: true }),
  new optimizers.Nadam(),
  new optimizers.Adamax({ learningRate: 1 }),
  new optimizers.Adagrad(),
  new optimizers.Adadelta(),
  new optimizers.Adafactor(),
  new optimizers.Ftrl(),
  new optimizers.Lion(),
  new optimizers.Muon(),
  new optimizers.ScheduleFreeAdamW(),
  new optimizers.Lamb({ gradientAccumulationSteps: 2 }),
  new optimizers.Adam({
    name: "scheduled",
    learningRate: new ExponentialDecay({
      initialLearningRate: 0.01,
      decaySteps: 2,
      decayRate: 0.5,
    }),
  }),
];
for (const optimizer of TRAINED) {
  const model = classifier();
  model.compile({
    optimizer,
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy", new keras.metrics.SparseTopKCategoricalAccuracy({ k: 1, name: "top" })],
  });
  await dump(`trained_${optimizer.name}`, model, [2, 4], true);
}

{
  const [a, b] = ["a", "b"].map((name) => Input({ shape: [4], name }));
  const shared = new layers.Dense({ units: 3, name: "shared" });
  const sum = keras.ops.add(keras.ops.multiply(shared(a), 2), shared(b));
  const x = keras.ops.mean(sum, { axis: -1, keepdims: true });
  const y = keras.ops.reshape(keras.activations.relu(shared(a).sub(shared(b))), [-1, 1, 3]);
  const z = layers.concatenate([shared(a), shared(b)]);
  const shapes = { a: [2, 4], b: [2, 4] };
  await dump("functional", new Model({ inputs: { a, b }, outputs: { x, y, z } }), shapes);
}
{
  const input = Input({ shape: [8, 8, 3] });
  const scaled = new layers.Rescaling({ scale: 1 / 255 })(input);
  const conv = new layers.Conv2D({ filters: 4, kernelSize: 3, padding: "same", useBias: false })(
    new layers.RandomFlip({ mode: "horizontal" })(scaled),
  );
  const skip = new layers.BatchNormalization()(conv);
  const depthwise = new layers.DepthwiseConv2D({ kernelSize: 3, padding: "same" })(
    new layers.ReLU({ maxValue: 6 })(skip),
  );
  const pooled = new layers.MaxPooling2D({ poolSize: 2 })(layers.add([depthwise, skip]));
  const wide = new layers.Conv2DTranspose({ filters: 3, kernelSize: 2, strides: 2 })(
    new layers.ZeroPadding2D({ padding: 1 })(
      new layers.SeparableConv2D({ filters: 4, kernelSize: 3 })(pooled),
    ),
  );
  const cropped = new layers.Cropping2D({ cropping: 1 })(
    new layers.UpSampling2D({ size: 2, interpolation: "bilinear" })(wide),
  );
  const grouped = new layers.GroupNormalization({ groups: 3 })(
    new layers.PReLU({ sharedAxes: [1, 2] })(cropped),
  );
  const means = new layers.GlobalAveragePooling2D()(
    new layers.SpatialDropout2D({ rate: 0.2 })(grouped),
  );
  const outputs = new layers.Dense({ units: 2, activation: "softmax" })(means);
  await dump("convolutions", new Model({ inputs: input, outputs }), [2, 8, 8, 3]);
}
await dump(
  "recurrent",
  new Sequential([
    Input({ shape: [5, 4] }),
    new layers.Masking(),
    new layers.Bidirectional({ layer: new layers.LSTM({ units: 2, returnSequences: true }) }),
    new layers.RNN({
      cell: [new layers.GRUCell({ units: 2 }), new layers.LSTMCell({ units: 3 })],
      returnSequences: true,
    }),
    new layers.TimeDistributed({ layer: new layers.Dense({ units: 2 }) }),
    new layers.SpectralNormalization({ layer: new layers.Conv1D({ filters: 2, kernelSize: 2 }) }),
    new layers.GRU({ units: 2, resetAfter: false }),
  ]),
  [2, 5, 4],
);
{
  const input = Input({ shape: [5, 4] });
  const attended = new layers.MultiHeadAttention({ numHeads: 2, keyDim: 3, dropout: 0.1 })(
    input,
    input,
    { useCausalMask: true },
  );
  const x = new layers.LayerNormalization({ epsilon: 1e-6 })(layers.add([attended, input]));
  const heads = { headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2 };
  const y = new layers.GroupQueryAttention(heads)(x, x);
  const z = new layers.RMSNormalization()(new layers.Dense({ units: 4, activation: "gelu" })(y));
  const outputs = new layers.GlobalAveragePooling1D()(z);
  await dump("attention", new Model({ inputs: input, outputs }), [2, 5, 4]);
}
{
  const normalization = new layers.Normalization();
  await normalization.adapt([[1, 2, 3], [4, 5, 7], [1, 1, 1]]);
  const input = Input({ shape: [3] });
  const classes = new layers.Discretization({ binBoundaries: [-0.5, 0, 0.5] })(input);
  const hot = new layers.CategoryEncoding({ numTokens: 4, outputMode: "multiHot" })(classes);
  const outputs = layers.concatenate([normalization(input), hot]);
  await dump("preprocessing", new Model({ inputs: input, outputs }), [2, 3]);
}
{
  // A layer that stands in a model and in one within it is one here; Keras 3.15 loads no such file, its own neither.
  const within = Input({ shape: [3] });
  const sequence = new Sequential([Input({ shape: [3] }), new layers.Dense({ units: 3 })]);
  const inner = new Model({ inputs: within, outputs: sequence(within), name: "inner" });
  const tail = new Sequential([Input({ shape: [3] }), new layers.Dense({ units: 2 })]);
  const input = Input({ shape: [3] });
  const twice = inner(layers.add([inner(input), input]));
  await dump("nested", new Model({ inputs: input, outputs: [twice, tail(twice)] }), [2, 3]);
}

class Scaled extends layers.Layer {
  readonly units: number;
  readonly innerDense: keras.layers.Dense;
  scale!: keras.layers.Weight;

  constructor({ units, ...options }: { readonly units: number }) {
    super(options);
    this.units = units;
    this.innerDense = new layers.Dense({ units });
  }
  override build(inputShape: readonly (number | null)[]): void {
    this.innerDense.build(inputShape);
    this.scale = this.addWeight({ name: "scale", initializer: "ones" });
  }
  override call(x: tf.Tensor): tf.Tensor {
    return tf.mul(this.innerDense(x), this.scale);
  }
  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units };
  }
}
keras.saving.registerKerasSerializable(Scaled, { package: "mine" });
const custom = [Input({ shape: [4] }), new Scaled({ units: 3 }), new layers.Dense({ units: 2 })];
await dump("custom", new Sequential(custom), [2, 4]);

class Blocks extends Model {
  readonly dense1 = new layers.Dense({ units: 3 });
  readonly zDense = new layers.Dense({ units: 2 });
  readonly blocks = [new layers.Dense({ units: 2 }), [new layers.Dense({ units: 2 })]] as const;
  readonly _own = new layers.Dense({ units: 2 });
  readonly named = { a: new layers.Dense({ units: 2 }) };

  override call(x: tf.Tensor): tf.Tensor {
    const [first, [second]] = this.blocks;
    return this.named.a(this._own(second(first(this.zDense(this.dense1(x))))));
  }
}
const blocks = new Blocks();
blocks.build([null, 4]);
await dump("subclass", blocks, [2, 4]);

keras.mixedPrecision.setGlobalPolicy("mixed_float16");
const mixed = classifier();
mixed.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
await dump("mixed_float16", mixed, [2, 4], true);
keras.mixedPrecision.setGlobalPolicy("float32");

const { MobileNetV2 } = keras.applications;
const mobile = MobileNetV2({ alpha: 0.35, inputShape: [32, 32, 3], classes: 4 });
await dump("mobilenet", mobile, [2, 32, 32, 3]);

await Deno.writeTextFile(`${folder}/index.json`, JSON.stringify(index));
console.log(`${index.length} models in ${folder}`);
