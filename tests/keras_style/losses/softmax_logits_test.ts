/** Cross entropies of a softmax or sigmoid: Keras' numbers, by tests/golden/keras_corners.py. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_corners.json" with { type: "json" };
import { assertLogs, fixed, type Values } from "../corners.ts";
import { assertClose, scattered } from "../golden.ts";

const { layers, losses, metrics } = keras;
const COUNT = 12;
const x = tf.tensor(scattered(COUNT * 6, 7, 31), [COUNT, 6]);
const kindOf = Array.from({ length: COUNT }, (_, i) => i * 5 % 3);
const kinds = tf.tensor(kindOf, [COUNT], "int32");
const yes = tf.tensor(Array.from({ length: COUNT }, (_, i) => i % 2), [COUNT, 1]);
const hot = tf.tensor(kindOf.map((kind) => [0, 1, 2].map((one) => one === kind ? 1 : 0)));
const sgd = () => new keras.optimizers.SGD({ learningRate: 0.1 });
const inOrder = { shuffle: false, verbose: 0 } as const;

const { SparseCategoricalCrossentropy, CategoricalCrossentropy, BinaryCrossentropy } = losses;
const asked = { fromLogits: true };
const entropies: Record<
  keyof typeof golden.crossentropies,
  [keras.CompileOptions["loss"], activation: "softmax" | "sigmoid", labels: tf.Tensor]
> = {
  sparse: [new SparseCategoricalCrossentropy(asked), "softmax", kinds],
  categorical: [new CategoricalCrossentropy(asked), "softmax", hot],
  binary: [new BinaryCrossentropy(asked), "sigmoid", yes],
  fittingSparse: ["crossentropy", "softmax", kinds],
  fittingCategorical: ["ce", "softmax", hot],
  fittingBinary: ["crossentropy", "sigmoid", yes],
};

for (const [name, [loss, activation, labels]] of Object.entries(entropies)) {
  Deno.test(`a cross entropy of an output's activation, ${name}: trained as in Keras`, async () => {
    const units = activation === "sigmoid" ? 1 : 3;
    const model = fixed(
      new keras.Sequential([keras.Input({ shape: [6] }), new layers.Dense({ units, activation })]),
      9,
    );
    model.compile({ optimizer: sgd(), loss });
    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => warnings.push(text);
    try {
      const { history } = await model.fit(x, labels, { ...inOrder, epochs: 2, batchSize: 4 });
      const kernel = [...await model.weights[0].data()];
      assertLogs(
        { ...history, kernel },
        golden.crossentropies[name as keyof typeof golden.crossentropies],
        name,
      );
    } finally {
      console.warn = warn;
    }
    const isSaid = warnings.some((text) => /fromLogits is true, but .* softmax or sig/.test(text));
    assertEquals(isSaid, typeof loss !== "string");
  });
}

/** A step of one's own that is Keras', but for its tape. */
class OwnStep extends keras.Sequential {
  override trainStep(x: tf.Tensor[], y: tf.Tensor[]): Record<string, tf.Tensor> {
    using tape = new keras.GradientTape();
    const yPred = (this as unknown as typeof keras.layers.Layer.prototype)(x[0], {
      training: true,
    });
    const loss = this.computeLoss(x, y, [yPred as tf.Tensor]);
    const gradients = tape.gradient(loss, this.trainableVariables);
    this.optimizer.apply(gradients, this.trainableVariables);
    const [mean, metric] = this.metrics;
    mean.updateState(loss);
    metric.updateState(y[0], yPred);
    return { loss: mean.result(), metric: metric.result() };
  }
}

const two = new keras.distribution.DataParallel({ devices: ["cpu:0", "cpu:1"] });
/** How a model may be trained: its class, and what shares its batches. */
const ways = {
  fit: [keras.Sequential, null],
  trainStep: [OwnStep, null],
  distribution: [keras.Sequential, two],
} as const;
for (const [name, found] of Object.entries(golden.saturated)) {
  Deno.test(`${name} as loss and metric sees the logits of an output's activation, as in Keras`, async () => {
    const own = name as keyof typeof golden.saturated;
    const far = [[30, -40, 0], [1, 2, 3], [-200, 100, 5]];
    const isBinary = own === "BinaryCrossentropy";
    const many = isBinary ? [[0, 1, 1], [1, 0, 0], [1, 0, 0]] : [[0, 1, 0], [1, 0, 0], [1, 0, 0]];
    const labels = own === "SparseCategoricalCrossentropy" ? [1, 0, 0] : many;
    const cases = found.flatMap(([expected, evaluate], i) =>
      Object.entries(ways).map((way) => [expected, evaluate, i === 1, ...way] as const)
    );
    for (const [expected, evaluate, fromLogits, way, [Class, devices]] of cases) {
      const dense = new layers.Dense({
        units: 3,
        activation: isBinary ? "sigmoid" : "softmax",
        useBias: false,
        kernelInitializer: "identity",
      });
      const model = new Class([keras.Input({ shape: [3] }), dense]);
      model.compile({
        optimizer: new keras.optimizers.SGD({ learningRate: 0 }),
        loss: new losses[own]({ fromLogits }),
        metrics: [new metrics[own]({ fromLogits, name: "metric" })],
      });
      keras.distribution.setDistribution(devices);
      const { history } = await model.fit(far, labels, inOrder)
        .finally(() => keras.distribution.setDistribution(null));
      assertLogs(history, expected as Values, `${way}, fromLogits ${fromLogits}`);
      const values = await model.evaluate(far, labels, { verbose: 0 });
      assertClose(values, evaluate as number[], 2e-5, `evaluate, fromLogits ${fromLogits}`);
    }
  });
}

Deno.test("losses called one by one see the logits of a softmax or sigmoid, as in Keras, and free them with it", async () => {
  const { activations, ops } = keras;
  const [second, labels, many] = [[1], [[0, 1, 0]], [[0, 1, 1]]].map((y) => tf.tensor(y));
  const far = tf.tensor([[30, -40, 0]]);
  const column = tf.reshape(far, [1, 3, 1]);
  const dense = new layers.Dense({
    units: 3,
    activation: "softmax",
    useBias: false,
    kernelInitializer: "identity",
  });
  dense(far);
  const softmax = new layers.Softmax();
  const made: Record<string, () => tf.Tensor> = {
    activation: () => activations.softmax(far),
    op: () => ops.softmax(far),
    layer: () => softmax(far),
    sigmoid: () => ops.sigmoid(far),
    dense: () => dense(far),
    identity: () => new layers.Identity()(ops.softmax(far)),
    dropped: () => new layers.Dropout({ rate: 0.5 })(ops.softmax(far)),
    linear: () => new layers.Activation({ activation: "linear" })(ops.softmax(far)),
    reshaped: () => new layers.Reshape({ targetShape: [3] })(ops.softmax(far)),
  };
  const { columns, focal, masked, ...others } = golden.eager;
  for (const [name, expected] of Object.entries(others)) {
    const before = tf.memory().numTensors;
    const found = tf.tidy(() => {
      const y = made[name]();
      return tf.stack([
        new SparseCategoricalCrossentropy()(second, y),
        new CategoricalCrossentropy()(labels, y),
        new BinaryCrossentropy()(many, y),
        ops.reshape(ops.sparseCategoricalCrossentropy(second, y), []),
        ops.reshape(ops.categoricalCrossentropy(labels, y), []),
        ops.mean(ops.binaryCrossentropy(many, y)),
      ]);
    });
    assertClose(await found.data(), expected, 1e-5, name);
    found.dispose();
    assertEquals(tf.memory().numTensors, before, name);
  }
  const ones = [
    new layers.Softmax({ axis: 1 })(column),
    activations.softmax(column, { axis: 1 }),
    ops.softmax(column, { axis: 1 }),
  ];
  const entropy = new CategoricalCrossentropy({ axis: 1 });
  const along = ones.map((y) => entropy(tf.expandDims(labels, -1), y));
  assertClose(await tf.stack(along).data(), columns, 1e-5, "columns");
  const sure = new losses.BinaryFocalCrossentropy({ fromLogits: true })(many, far);
  assertClose(await sure.data(), focal, 1e-5, "focal");
  const mask = tf.tensor([[0.7, 0.6, 0.4]]);
  assertClose(await softmax(far, { mask }).data(), masked, 1e-6, "masked");
});
