/** What a model costs does not depend on how many there were before. Counted, not timed. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;

/** How often TensorFlow.js' list of variables is asked, and how many tensors are made, while something runs. */
async function costOf(run: () => Promise<unknown>): Promise<{ looks: number; tensors: number }> {
  const { state } = tf.engine();
  const { registeredVariables } = state;
  let looks = 0;
  state.registeredVariables = new Proxy(registeredVariables, {
    get: (all, name) => (looks++, all[name as string]),
    ownKeys: (all) => (looks += Object.keys(all).length, Reflect.ownKeys(all)),
  });
  const engine = tf.engine() as unknown as { nextTensorId(): number };
  const before = engine.nextTensorId();
  try {
    await run();
    return { looks, tensors: engine.nextTensorId() - before };
  } finally {
    state.registeredVariables = registeredVariables;
  }
}

async function trainOne(): Promise<void> {
  const model = new keras.Sequential([
    keras.Input({ shape: [6] }),
    new layers.Dense({ units: 4, activation: "relu" }),
    new layers.Dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: "adam",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  await model.fit([[1, 2, 3, 4, 5, 6]], [1], { verbose: 0 });
}

Deno.test("the fortieth model costs what the second costs, with names that return as well", async () => {
  await trainOne();
  const first = await costOf(trainOne);
  for (let i = 0; i < 38; i++) {
    keras.clearSession();
    await trainOne();
  }
  keras.clearSession();
  const last = await costOf(trainOne);
  assertEquals(last.tensors, first.tensors);
  // A name that returns is looked up twice more.
  assertEquals(last.looks <= 4 * first.looks, true, `${last.looks} looks, ${first.looks} at first`);
});
