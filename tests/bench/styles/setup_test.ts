/** What a recipe makes of losses and initial weights. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { TorchModel } from "../../../bench/models/published_cnn/torch.ts";
import { initializeAsKeras } from "../../../bench/styles/torch/setup.ts";
import { SmoothedCrossentropy } from "../../../bench/styles/keras/smoothed_crossentropy.ts";
import { splitOf } from "../../../bench/styles/profile.ts";
import * as torch from "../../../torch_style/mod.ts";
import { trial } from "../runner/trial_requests.ts";

Deno.test("label smoothing is the same loss in both idioms, on logits and on probabilities", async () => {
  const logits = [[2, -1, 0.5], [0.1, 0.2, -3]];
  const criterion = new torch.nn.CrossEntropyLoss({ labelSmoothing: 0.2 });
  const expected = await criterion(torch.tensor(logits), torch.tensor([2, 0])).item();
  const labels = tf.tensor1d([2, 0], "int32");
  const onLogits = new SmoothedCrossentropy(0.2, { fromLogits: true });
  const [loss] = await onLogits(labels, tf.tensor2d(logits)).data();
  assertAlmostEquals(loss, expected, 1e-6);
  const onShares = new SmoothedCrossentropy(0.2, { fromLogits: false });
  const [other] = await onShares(labels, tf.softmax(tf.tensor2d(logits))).data();
  assertAlmostEquals(other, expected, 1e-6);
});

Deno.test("several views of an image are averaged by averaged weights", async () => {
  for (const style of ["torch", "keras"] as const) {
    const weightAverage = { decay: 0.5, overwriteEvery: null };
    const change = { weightAverage, testTimeFlip: true, testTimeShift: 1 };
    const { error, onnxAgreement } = await trial({
      style,
      model: "lenet5",
      imageShape: [16, 16, 1],
      change,
    });
    assertEquals([style, error, onnxAgreement], [style, null, 1]);
  }
});

Deno.test("Keras' initialization: Glorot bounds and zero biases of convolutions and dense layers", async () => {
  torch.manualSeed(1);
  const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
  network.modules().forEach(initializeAsKeras);
  const largestOf = async (weight: torch.Tensor) =>
    (await weight.data() as Float32Array).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      0,
    );
  for (
    const [weight, fans] of [
      [network.dense1.weight, 4096 + 100],
      [network.conv2.weight, 9 * (32 + 64)],
    ] as const
  ) {
    const bound = Math.sqrt(6 / fans);
    const largest = await largestOf(weight);
    assert(largest <= bound && largest > 0.99 * bound, `${largest} of ${bound}`);
  }
  for (const { bias } of [network.conv1, network.dense2]) {
    assert((await bias!.data()).every((value) => value === 0));
  }
});

Deno.test("a step's parts are differences of medians, never below 0", async () => {
  let now = 0;
  const lasts = (milliseconds: number) => () => {
    now += milliseconds;
    return Promise.resolve();
  };
  const parts = { forward: lasts(3), gradients: lasts(10), step: lasts(9) };
  assertEquals(await splitOf(parts, () => now), { forwardMs: 3, backwardMs: 7, updateMs: 0 });
});
