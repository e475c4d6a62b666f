/** Models that are made, trained a step and dropped, one after the other. Run as a program, does that and tells what is left. */
import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { loadModel } from "../../../bench/models/mod.ts";
import * as keras from "../../../keras_style/mod.ts";
import { defaultRuntime } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { inOwnProcess, residentMegabytes } from "../../in_own_process.ts";

/** What there is after some models. */
interface Left {
  readonly megabytes: number;
  readonly sessions: number;
  readonly compiled: number;
  readonly tensors: number;
  /** CPU milliseconds that a model took, the median since the last time. */
  readonly cpuMs: number;
}

const [MODELS, EVERY] = [50, 10];
const [size, classes, batch] = [8, 10, 4];
const pixels = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i));
const labels = Int32Array.of(1, 3, 5, 7);

const { kerasModel } = await (await loadModel("mlp")).keras!();
const { TorchModel } = await (await loadModel("mlp")).torch!();

async function trainKeras(): Promise<void> {
  const model = kerasModel({ inputShape: [size, size, 3], classes });
  model.compile({
    optimizer: new keras.optimizers.Adam(),
    loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
  });
  const x = { data: pixels, shape: [batch, size, size, 3] };
  await model.trainOnBatch(x, { data: labels, shape: [batch] });
  (await model.predictOnBatch(x)).dispose();
}

async function trainTorch(): Promise<void> {
  const network = new TorchModel({ inputShape: [3, size, size], classes });
  const optimizer = new torch.optim.Adam(network.parameters());
  const x = torch.fromArray(pixels, [batch, 3, size, size]);
  const loss = new torch.nn.CrossEntropyLoss()(network(x), torch.tensor([...labels]));
  loss.backward();
  await optimizer.step();
  await loss.item();
}

async function makeAndDrop(train: () => Promise<void>): Promise<Left[]> {
  const left: Left[] = [];
  let times: number[] = [];
  for (let i = 1; i <= MODELS; i++) {
    const { user, system } = process.cpuUsage();
    await train();
    const now = process.cpuUsage();
    times.push((now.user + now.system - user - system) / 1000);
    if (i % EVERY > 0) continue;
    const { cached: sessions, compiled } = defaultRuntime().statistics;
    const cpuMs = times.sort((a, b) => a - b)[times.length / 2];
    const megabytes = await residentMegabytes();
    left.push({ megabytes, sessions, compiled, tensors: tf.memory().numTensors, cpuMs });
    times = [];
  }
  return left;
}

if (import.meta.main) {
  console.log(JSON.stringify([await makeAndDrop(trainKeras), await makeAndDrop(trainTorch)]));
}

Deno.test("fifty models made, trained and dropped leave memory, sessions, tensors and time as they were", async () => {
  const idioms = await inOwnProcess<Left[][]>(import.meta.filename!);
  for (const [i, left] of idioms.entries()) {
    const [first, last] = [left[0], left.at(-1)!];
    const what = `${["keras_style", "torch_style"][i]}: ${JSON.stringify(left)}`;
    assertEquals([last.sessions, last.compiled], [first.sessions, first.compiled], what);
    // Fifty models, each with twelve weights and states.
    assert(last.tensors < first.tensors + 100, what);
    // From the thirtieth model on, when the pool has its size: twenty models of 365,000 weights with two moments each would be 88 MB.
    assert(last.megabytes < left[2].megabytes + 30, what);
    assert(last.cpuMs < 2 * first.cpuMs + 5, what);
  }
});
