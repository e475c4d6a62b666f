/** The runnable examples of networks do what they say. */
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import {
  accuracy,
  SequenceClassifier,
  train,
} from "../../../torch_style/examples/nn_sequence_classifier.ts";
import { threeNetworks } from "../../../torch_style/examples/nn_three_ways.ts";
import * as torch from "../../../torch_style/mod.ts";

Deno.test("one network in three ways: the same parameters, the same scores", async () => {
  torch.manualSeed(1);
  const images = torch.rand([2, 3, 32, 32]);
  const scores: Float32Array[] = [];
  for (const network of threeNetworks()) {
    assertEquals(network.countParameters(), 430_102);
    scores.push(await network.eval()(images).data() as Float32Array);
  }
  assertEquals(scores[0].length, 20);
  for (const other of scores.slice(1)) {
    other.forEach((value, i) => assertAlmostEquals(value, scores[0][i], 1e-5));
  }
});

Deno.test("the sequence classifier learns, and padding is never learned", async () => {
  torch.manualSeed(1);
  const network = new SequenceClassifier();
  const losses = await train(network, 300);
  const mean = (list: number[]) => list.reduce((a, b) => a + b) / list.length;
  assertLess(mean(losses.slice(-30)), 0.93 * mean(losses.slice(0, 30)));
  assert(await accuracy(network) > 0.7);
  const padding = Array.from(await network.words.weight.select(0, 0).data(), Number);
  assert(padding.every((value) => value === 0), `${padding}`);
});
