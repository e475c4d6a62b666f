/** Tensors of eager loops are freed without dispose and tidy. Run as a program, is such a loop and tells what is alive. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { inOwnProcess, residentMegabytes } from "../in_own_process.ts";

const { layers } = keras;

/** Own steps without any tidying up; what is alive, and how much memory the process has, after some of them. */
async function eagerLoop(
  steps: number,
  every: number,
): Promise<{ tensors: number; megabytes: number }[]> {
  keras.setRandomSeed(1);
  const model = new keras.Sequential([
    keras.Input({ shape: [16] }),
    new layers.Dense({ units: 32, activation: "relu" }),
    new layers.Dropout({ rate: 0.1 }),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  const lossOf = new keras.losses.SparseCategoricalCrossentropy();
  const optimizer = new keras.optimizers.Adam();
  const mean = new keras.metrics.Mean();
  const found: { tensors: number; megabytes: number }[] = [];
  for (let step = 1; step <= steps; step++) {
    const x = tf.randomUniform([64, 16], 0, 1, "float32", step);
    const y = tf.zeros([64], "int32");
    const tape = new keras.GradientTape();
    const loss = lossOf(y, model(x, { training: true }));
    const gradients = tape.gradient(loss, model.trainableVariables);
    optimizer.apply(gradients, model.trainableVariables);
    mean.updateState(loss);
    await keras.synchronize();
    if (step % every > 0) continue;
    const megabytes = await residentMegabytes();
    found.push({ tensors: tf.memory().numTensors, megabytes });
  }
  return found;
}

if (import.meta.main) console.log(JSON.stringify(await eagerLoop(2000, 400)));

Deno.test("two thousand eager steps without dispose and tidy leave memory as it was", async () => {
  const found = await inOwnProcess<{ tensors: number; megabytes: number }[]>(
    import.meta.filename!,
  );
  const tensors = found.map((entry) => entry.tensors);
  // A step makes about a hundred.
  assert(Math.max(...tensors) < 500, `tensors alive: ${tensors}`);
  const [first, last] = [found[0], found.at(-1)!];
  assert(
    last.megabytes < first.megabytes + 40,
    `memory: ${found.map(({ megabytes }) => megabytes.toFixed(0))} MB`,
  );
});

Deno.test("a tensor whose values are awaited is not freed before", async () => {
  const values = await Promise.all(
    Array.from({ length: 50 }, (_, i) => tf.add(tf.tensor1d([i]), 1).data()),
  );
  assertEquals(values.map(([value]) => value), Array.from({ length: 50 }, (_, i) => i + 1));
});
