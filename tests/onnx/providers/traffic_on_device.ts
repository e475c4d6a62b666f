/** What crosses between the host and a device: images as bytes, and of results what somebody reads. */
import { assert, assertEquals } from "@std/assert";
import {
  byteTable,
  deviceTraffic,
  fromBytes,
  limitHostWork,
  ops,
  useProvider,
} from "../../../onnx/mod.ts";
import { keepsOnDevice } from "../../../onnx/runtime/device_buffer.ts";
import * as keras from "../../../keras_style/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { brightImages } from "../../bench/styles/small_images.ts";
import { agreesWithCpu, DEVICE, NOT_RUN, reportNotRun } from "./against_cpu.ts";

reportNotRun();

function onDevice(name: string, fn: () => Promise<void>, isRun = true): void {
  const loose = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: `${DEVICE}: ${name}`, ignore: NOT_RUN !== undefined || !isRun, ...loose, fn });
}

/** Elsewhere parameters cross with every call. */
const IS_RESIDENT = keepsOnDevice(DEVICE);

const BATCH = 4;
const STEPS = 5;
const split = brightImages(BATCH * STEPS, 1, [16, 16, 3]);
const IMAGE_BYTES = split.images.length;
/** Labels as the device stores them, learning rate and counts of a step. */
const SMALL_BYTES = 4 * BATCH + 32;

/** What crosses while something runs. */
async function crossing(run: () => Promise<unknown>) {
  const before = deviceTraffic();
  await run();
  const after = deviceTraffic();
  return {
    uploaded: after.uploaded - before.uploaded,
    downloaded: after.downloaded - before.downloaded,
  };
}

for (const size of [1, 7, 256, 3 * 5 * 67]) {
  onDevice(`${size} bytes are looked up to the bit`, async () => {
    limitHostWork(0);
    const table = byteTable((byte) => byte / 255 - 0.5);
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37 + 255) % 256);
    await agreesWithCpu(() => [ops.neg(fromBytes(bytes, [size], table))], 0);
  });
}

onDevice("the PyTorch idiom's images cross as bytes, and what nobody reads stays", async () => {
  useProvider(DEVICE);
  torch.manualSeed(1);
  const { nn } = torch;
  const network = new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(8 * 256, 10),
  );
  const optimizer = new torch.optim.SGD(network.parameters(), { lr: 0.01, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss();
  const loader = new torch.data.DataLoader(new torch.ImageDataset(split), { batchSize: BATCH });
  const epoch = async (reads: boolean) => {
    for await (const [images, labels] of loader) {
      optimizer.zeroGrad();
      const loss = criterion(network(images), labels);
      loss.backward();
      await optimizer.step();
      if (reads) await loss.item();
    }
  };
  await epoch(false);
  for (const reads of [false, true]) {
    const { uploaded, downloaded } = await crossing(() => epoch(reads));
    assertUploaded(uploaded);
    assertEquals(downloaded, reads ? 4 * STEPS : 0);
  }
}, IS_RESIDENT);

onDevice("the Keras idiom's images cross as bytes, one or several steps a call", async () => {
  await keras.selectEngine("onnxruntime", { provider: DEVICE });
  for (const stepsPerExecution of [1, 5]) {
    keras.setRandomSeed(2);
    const model = new keras.Sequential([
      keras.layers.Input({ shape: [16, 16, 3] }),
      keras.layers.Conv2D({ filters: 8, kernelSize: 3 }),
      keras.layers.Flatten(),
      keras.layers.Dense({ units: 10 }),
    ]);
    const loss = new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true });
    model.compile({ optimizer: "adam", loss, metrics: ["accuracy"], stepsPerExecution });
    const [x, y] = keras.imagesOf(split);
    const epoch = () => model.fit(x, y, { epochs: 1, batchSize: BATCH, verbose: 0 });
    await epoch();
    const { uploaded, downloaded } = await crossing(epoch);
    assertUploaded(uploaded);
    // Callbacks are told loss and accuracy of every step.
    assertEquals(downloaded, 8 * STEPS);
  }
}, IS_RESIDENT);

/** The epoch's images, a byte a value, and what is small. */
function assertUploaded(bytes: number): void {
  assert(bytes >= IMAGE_BYTES && bytes <= IMAGE_BYTES + STEPS * SMALL_BYTES, `${bytes} bytes`);
}
