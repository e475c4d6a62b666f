/**
 * `deno task test:long`: 100,000 steps of a small network in each idiom leave memory, tensors and programs as they were; some
 * minutes.
 */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { linearRegression } from "simple-statistics";
import * as keras from "../../keras_style/mod.ts";
import { defaultRuntime, fromHost } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";
import { inOwnProcess, residentMegabytes } from "../in_own_process.ts";

const STEPS = 100_000;
/** Steps between two looks at the memory. */
const EVERY = 5_000;
/**
 * Of the line through all looks, in megabytes over all steps. Resident memory goes up and down by 30 MB with the allocator;
 * a leak of 500 bytes a step would be 50.
 */
const MOST_GROWTH = 30;
/** Of JavaScript's heap, which does not swing. */
const MOST_HEAP_GROWTH = 5;

const [BATCH, INPUTS, CLASSES] = [8, 16, 4];

/** What there was after the steps settled, and every so many steps until the end. */
interface Held {
  readonly step: number;
  readonly megabytes: number;
  /** Of it JavaScript's own. */
  readonly heap: number;
  readonly tensors: number;
  readonly programs: number;
  readonly loss: number;
}

function batchOf(step: number) {
  const labels = Array.from({ length: BATCH }, (_, i) => (i + step) % CLASSES);
  const images = Float32Array.from(
    { length: BATCH * INPUTS },
    (_, i) => Math.sin(i * (labels[Math.floor(i / INPUTS)] + 1)),
  );
  return { images, labels };
}

async function train(step: (index: number) => Promise<number>): Promise<Held[]> {
  const held: Held[] = [];
  let loss = NaN;
  for (let i = 1; i <= STEPS; i++) {
    loss = await step(i);
    if (i % EVERY !== 0) continue;
    const megabytes = await residentMegabytes();
    const { cached: programs } = defaultRuntime().statistics;
    const heap = Deno.memoryUsage().heapUsed / 1e6;
    held.push({ step: i, megabytes, heap, tensors: tf.memory().numTensors, programs, loss });
  }
  return held;
}

function torchSteps() {
  const { nn } = torch;
  torch.manualSeed(1);
  const network = new nn.Sequential(
    new nn.Linear(INPUTS, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.1),
    new nn.Linear(16, CLASSES),
  );
  const optimizer = new torch.optim.SGD(network.parameters(), { lr: 0.01, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss();
  return train(async (i) => {
    const { images, labels } = batchOf(i);
    const x = new torch.Tensor(fromHost(images, [BATCH, INPUTS]));
    optimizer.zeroGrad();
    const loss = criterion(network(x), torch.tensor(labels));
    loss.backward();
    await optimizer.step();
    return await loss.item();
  });
}

function kerasSteps() {
  const { layers } = keras;
  keras.setRandomSeed(1);
  const model = new keras.Sequential([
    keras.Input({ shape: [INPUTS] }),
    new layers.Dense({ units: 16 }),
    new layers.BatchNormalization(),
    new layers.ReLU(),
    new layers.Dropout({ rate: 0.1 }),
    new layers.Dense({ units: CLASSES }),
  ]);
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 0.01, momentum: 0.9 }),
    loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
  });
  return train(async (i) => {
    const { images, labels } = batchOf(i);
    const x = { data: images, shape: [BATCH, INPUTS] };
    const y = { data: Int32Array.from(labels), shape: [BATCH] };
    return [await model.trainOnBatch(x, y)].flat()[0];
  });
}

if (import.meta.main && Deno.env.get("LONG_TRAINING")) {
  const steps = Deno.env.get("LONG_TRAINING") === "keras" ? kerasSteps : torchSteps;
  console.log(JSON.stringify(await steps()));
} else {
  for (const idiom of ["torch", "keras"]) {
    Deno.test(`${STEPS} steps in the ${idiom} idiom leave memory flat`, async () => {
      Deno.env.set("LONG_TRAINING", idiom);
      const held = await inOwnProcess<Held[]>(import.meta.filename!);
      const [first, end] = [held[0], held.at(-1)!];
      assertEquals([end.tensors, end.programs], [first.tensors, first.programs]);
      assert(end.loss < 1, `it learned: loss ${end.loss}`);
      const growthOf = (figure: "megabytes" | "heap") =>
        linearRegression(held.map((one) => [one.step, one[figure]])).m * STEPS;
      const words = `${idiom}: ${
        held.map(({ megabytes }) => megabytes.toFixed(0)).join(", ")
      } MB; ` +
        `heap ${first.heap.toFixed(1)} to ${end.heap.toFixed(1)}`;
      console.log(words);
      assert(growthOf("megabytes") < MOST_GROWTH, words);
      assert(growthOf("heap") < MOST_HEAP_GROWTH, words);
    });
  }
}
