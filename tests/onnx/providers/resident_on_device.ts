/** Parameters, optimizer state and running statistics stay on the device between steps; what is read comes to the host. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { deviceBytes, type Runtime, useProvider } from "../../../onnx/mod.ts";
import { DeviceBuffer, keepsOnDevice } from "../../../onnx/runtime/device_buffer.ts";
import * as keras from "../../../keras_style/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { inOwnProcess } from "../../in_own_process.ts";
import { DEVICE, NOT_RUN, reportNotRun } from "./against_cpu.ts";

const IS_RUN = NOT_RUN === undefined && keepsOnDevice(DEVICE);
const BATCH = 4;

function onDevice(name: string, fn: () => Promise<void>): void {
  const loose = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: `${DEVICE}: ${name}`, ignore: !IS_RUN, ...loose, fn });
}

function torchNetwork() {
  torch.manualSeed(1);
  const { nn } = torch;
  const network = new nn.Sequential(
    new nn.Conv2d(3, 40, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(40),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(40 * 16, 10),
  );
  return { network, optimizer: new torch.optim.Adam(network.parameters(), { lr: 0.01 }) };
}

function startStep({ network, optimizer }: ReturnType<typeof torchNetwork>, step: number) {
  const images = torch.linspace(0, 1 + step % 3, BATCH * 3 * 16).reshape([BATCH, 3, 4, 4]);
  const loss = torch.nn.functional.crossEntropy(network(images), torch.arange(BATCH));
  optimizer.zeroGrad();
  loss.backward();
  return { loss, done: optimizer.step() };
}

/** Losses of single steps, then of steps in one call, and the first weights in the end. */
async function trainTorch(runtime: Runtime): Promise<{ losses: number[]; weight: number[] }> {
  const training = torchNetwork();
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) {
    const { loss, done } = startStep(training, step);
    await done;
    losses.push(await loss.item());
  }
  if (keepsOnDevice(runtime.provider)) {
    const { array } = training.network.stateDict()["0.weight"];
    const [weight] = training.network.parameters();
    assert(weight.array.device instanceof DeviceBuffer && !weight.array.isOnHost);
    assertEquals(array.shape, weight.shape);
  }
  const steps = runtime.inOneCall(() => [4, 5, 6].map((step) => startStep(training, step)));
  for (const { loss, done } of steps) {
    await done;
    losses.push(await loss.item());
  }
  const [weight] = training.network.parameters();
  return { losses, weight: Array.from(await weight.data(), Number) };
}

onDevice("the PyTorch idiom trains as on the CPU, weights on the device", async () => {
  const expected = await trainTorch(useProvider("cpu"));
  const found = await trainTorch(useProvider(DEVICE));
  assertClose(found.losses, expected.losses, 1e-3);
  assertClose(found.weight, expected.weight, 2e-2);
});

async function trainKeras(stepsPerExecution: number) {
  keras.setRandomSeed(2);
  const model = new keras.Sequential([
    keras.layers.Input({ shape: [4, 4, 3] }),
    keras.layers.Conv2D({ filters: 40, kernelSize: 3, padding: "same" }),
    keras.layers.BatchNormalization(),
    keras.layers.ReLU(),
    keras.layers.Flatten(),
    keras.layers.Dense({ units: 10 }),
  ]);
  const loss = new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: "adam", loss, metrics: ["accuracy"], stepsPerExecution });
  const x = tf.linspace(0, 1, 24 * 48).reshape([24, 4, 4, 3]);
  const y = tf.tensor(Array.from({ length: 24 }, (_, i) => i % 10), [24], "int32");
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: BATCH, verbose: 0 });
  const predicted = await model.predict(x, { verbose: 0 });
  return { losses: history.loss as number[], predicted: Array.from(await predicted.data()) };
}

onDevice("the Keras idiom trains as on the CPU, one or several steps a call", async () => {
  useProvider("cpu");
  await keras.selectEngine("onnxruntime");
  const expected = await trainKeras(1);
  await keras.selectEngine("onnxruntime", { provider: DEVICE });
  for (const stepsPerExecution of [1, 4]) {
    const found = await trainKeras(stepsPerExecution);
    assertClose(found.losses, expected.losses, 1e-3);
    assertClose(found.predicted, expected.predicted, 2e-2);
  }
});

onDevice("float16 computes, or one error says that the device has none", async () => {
  useProvider(DEVICE);
  const layer = new torch.nn.Linear(64, 64);
  const sum = () => {
    using _ = torch.amp.autocast(DEVICE);
    return layer(torch.ones([8, 64])).sum();
  };
  const outcome = await sum().item().catch((error: Error) => error.message);
  if (typeof outcome === "number") return assert(Number.isFinite(outcome));
  assert(outcome.includes("this WebGPU device has no float16"), outcome);
});

onDevice("a policy of float16 trains, or is refused before the training begins", async () => {
  await keras.selectEngine("onnxruntime", { provider: DEVICE });
  const begun: string[] = [];
  const fit = async (dtype: "mixed_float16" | "mixed_bfloat16") => {
    const model = new keras.Sequential([keras.layers.Dense(64, { inputShape: [64], dtype })]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    const callbacks = [
      new keras.callbacks.LambdaCallback({ onTrainBegin: () => void begun.push(dtype) }),
    ];
    const { history } = await model.fit(tf.ones([8, 64]), tf.ones([8, 64]), {
      callbacks,
      verbose: 0,
    });
    return history.loss[0] as number;
  };
  assert(Number.isFinite(await fit("mixed_bfloat16")));
  const outcome = await fit("mixed_float16").catch((error: Error) => error.message);
  const isRefused = typeof outcome === "string";
  assertEquals(begun, isRefused ? ["mixed_bfloat16"] : ["mixed_bfloat16", "mixed_float16"]);
  if (isRefused) assert(outcome.includes("this WebGPU device has no float16"), outcome);
});

function assertClose(found: number[], expected: number[], tolerance: number): void {
  assertEquals(found.length, expected.length);
  found.forEach((value, i) => {
    assert(Math.abs(value - expected[i]) <= tolerance, `${i}: ${value} beside ${expected[i]}`);
  });
}

interface Growth {
  readonly after: number;
  readonly most: number;
  readonly end: number;
}

onDevice("device memory stays flat over 2,000 steps", async () => {
  const { after, most, end } = await inOwnProcess<Growth>(new URL(import.meta.url).pathname);
  // What nobody reaches waits for the garbage collector, which knows its size.
  assert(most < after + 64e6, `${after} bytes after 100 steps, ${most} at most`);
  assert(end < after + 1e6, `${after} bytes after 100 steps, ${end} in the end`);
});

/** Momentum on one layer: the smallest step that has parameters and state on the device. */
async function growth(): Promise<Growth> {
  useProvider(DEVICE);
  const layer = new torch.nn.Linear(64, 64);
  const optimizer = new torch.optim.SGD(layer.parameters(), { lr: 1e-3, momentum: 0.9 });
  const images = torch.ones([2, 64]);
  const settled = async () => {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
    return deviceBytes();
  };
  let [after, most] = [0, 0];
  for (let step = 0; step < 2000; step++) {
    optimizer.zeroGrad();
    layer(images).sum().backward();
    await optimizer.step();
    if (step === 100) after = await settled();
    most = Math.max(most, deviceBytes());
  }
  return { after, most, end: await settled() };
}

if (import.meta.main) console.log(JSON.stringify(await growth()));
else reportNotRun();
