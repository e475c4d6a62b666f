/** Every metric of Keras over two batches, plain and weighted. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_metrics.json" with { type: "json" };
import { assertClose } from "../golden.ts";

const { metrics } = keras;

interface Given {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Rows of an input. */
function rows({ shape, values }: Given, from: number, to: number): tf.Tensor {
  const size = values.length / shape[0];
  return tf.tensor(values.slice(from * size, to * size), [to - from, ...shape.slice(1)]);
}

interface Case {
  readonly name: string;
  readonly options: object;
  readonly kind: string;
  readonly plain: number[][];
  readonly weighted?: number[][];
}

const BATCHES = [[0, 5], [5, 10]];

async function check(
  metric: keras.metrics.Metric,
  kind: string,
  expected: number[][],
  weighted: boolean,
) {
  const inputs = Object.values(golden.inputs[kind as keyof typeof golden.inputs]) as Given[];
  const update = keras.tfFunction((...batch: tf.Tensor[]) => {
    metric.updateState(...batch);
    return metric.result();
  });
  for (let pass = 0; pass < 2; pass++) {
    for (const [i, [from, to]] of BATCHES.entries()) {
      const weights = weighted ? [tf.tensor1d(golden.weights.slice(from, to))] : [];
      const result = update(...inputs.map((each) => rows(each, from, to)), ...weights);
      const tolerance = 3e-6 * Math.max(1, ...expected[i].map(Math.abs));
      assertClose(await (result as tf.Tensor).data(), expected[i], tolerance, `batch ${i}`);
    }
    metric.resetState();
  }
}

for (const { name, options, kind, plain, weighted } of golden.cases as Case[]) {
  Deno.test(`${name} ${JSON.stringify(options)} of ${kind}: Keras' results, traced`, async () => {
    const make = () => metrics.deserialize({ className: name, config: { ...options } });
    const metric = make();
    await check(metric, kind, plain, false);
    const copy = metrics.deserialize(metrics.serialize(metric));
    assertEquals(copy.getConfig(), metric.getConfig());
    if (weighted) await check(make(), kind, weighted, true);
  });
}

Deno.test("steps that a mask leaves out do not count", async () => {
  const metric = new metrics.MeanSquaredError();
  const mask = tf.tensor2d([[1, 0], [1, 1]], [2, 2], "bool");
  metric.updateState(tf.zeros([2, 2, 1]), tf.tensor3d([[[1], [9]], [[2], [3]]]), undefined, mask);
  // Keras: (1 + 0) / 2 and (4 + 9) / 2, divided by the weights' means 0.5 and 1.
  assertClose(await metric.result().data(), [(0.5 + 6.5) / 1.5], 1e-6, "masked");
});

Deno.test("metrics have Keras' names and know what is better; strings name metrics made of them", () => {
  assertEquals(new metrics.LogCoshError().name, "logcosh");
  assertEquals(new metrics.AUC({ name: "area" }).name, "area");
  assertEquals(new metrics.F1Score().direction, "up");
  assertEquals(new metrics.MeanAbsoluteError().direction, "down");
  assertEquals(metrics.get("mse").name, "mse");
  assert(metrics.get("top_k_categorical_accuracy") instanceof metrics.TopKCategoricalAccuracy);
  assert(metrics.get("AUC") instanceof metrics.AUC);
});

const refused: [run: () => unknown, message: string][] = [
  [
    () => new metrics.AUC({ numThreshold: 3 } as never),
    'AUC: unknown option "numThreshold", expected "numThresholds"',
  ],
  [() => new metrics.AUC({ curve: "roc" as "ROC" }), 'AUC: curve is "roc", expected one of "ROC"'],
  [() => new metrics.F1Score({ beta: 2 } as never), 'F1Score: unknown option "beta"'],
  [
    () => new metrics.Precision({ thresholds: 2 }),
    "Precision: thresholds is 2, expected a number from 0 to 1",
  ],
  [() => new metrics.MeanIoU({} as never), "MeanIoU: numClasses is undefined, expected an integer"],
  [
    () => new metrics.IoU({ numClasses: 2, targetClassIds: [2] }),
    "IoU: targetClassIds has 2, expected classes from 0",
  ],
  [() => new metrics.Mean({ nam: "x" } as never), 'Mean: unknown option "nam", expected "name"'],
  [
    () => new metrics.BinaryAccuracy({ treshold: 1 } as never),
    'unknown option "treshold", expected "threshold"',
  ],
  [
    () => new metrics.SensitivityAtSpecificity({} as never),
    "SensitivityAtSpecificity: specificity is undefined, expected a number from 0 to 1",
  ],
  [() => metrics.get("accurracy" as "mse"), 'metric is "accurracy", expected a metric'],
  [() => new metrics.R2Score().result(), "r2_score: result was called before updateState"],
];

for (const [run, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(run, Error, message));
}

Deno.test("predictions that are not finite are no hits, as in TensorFlow's in_top_k", async () => {
  const prediction = tf.tensor([[NaN, NaN, NaN], [0, -Infinity, 1], [0, 1, 2]]);
  const metric = new metrics.SparseTopKCategoricalAccuracy({ k: 1 });
  metric.updateState([0, 1, 2], prediction);
  assertClose(await metric.result().data(), [1 / 3], 1e-6, "sparse");
  const hot = tf.oneHot(tf.tensor1d([0, 1, 2], "int32"), 3);
  const found = metrics.topKCategoricalAccuracy(hot, prediction, { k: 3 });
  assertEquals([...await found.data()], [0, 0, 1]);
});
