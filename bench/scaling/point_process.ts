/**
 * A process that trains one network for some steps and prints what it measured: `point_process.ts STYLE POINT STEPS`.
 * @module
 */
import process from "node:process";
import { median } from "simple-statistics";
import { distribution, selectEngine, setRandomSeed } from "../../keras_style/mod.ts";
import { defaultRuntime, limitThreads } from "../../onnx/mod.ts";
import { distributed, manualSeed, multiprocessing, nn, tensor } from "../../torch_style/mod.ts";
import { cifarResNet } from "../models/resnet20/keras.ts";
import { CifarResNet } from "../models/resnet20/torch.ts";
import { KerasSide } from "../peers/keras_idiom.ts";
import type { Side } from "../peers/side.ts";
import { TorchSide } from "../peers/torch_idiom.ts";
import type { ScalingFigures, ScalingPoint, ScalingStyle } from "./points.ts";

const CLASSES = 10;

/** Steps before anything is measured, beside the first. */
const WARM_UP = 2;

/** A network in a style, and the batch of one worker. */
async function sideOf(style: ScalingStyle, point: ScalingPoint): Promise<Side> {
  const { batch, image, depth, width } = point;
  const task = { batch, imageShape: [image, image, 3], classes: CLASSES };
  const blocks = (depth - 2) / 6;
  if (style === "torch") {
    manualSeed(1);
    const spec = { inputShape: [3, image, image], classes: CLASSES };
    const network = new CifarResNet(spec, blocks, width);
    if (!distributed.isInitialized()) return new TorchSide(network, task);
    return new TorchSide(new nn.parallel.DistributedDataParallel(network), task);
  }
  await selectEngine("onnxruntime");
  setRandomSeed(1);
  const spec = { inputShape: task.imageShape, classes: CLASSES };
  return new KerasSide(cifarResNet(spec, blocks, width), task);
}

/** Measured steps that there are at least, where so many are asked for, and milliseconds after which there are no more. */
const [LEAST, LONGEST] = [5, 3000];

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Trains and measures in this thread.
 *
 * @param steps at most
 * @param agree what makes the number of steps the same for all who train together
 */
async function measureHere(
  style: ScalingStyle,
  point: ScalingPoint,
  steps: number,
  agree: (count: number) => Promise<number>,
): Promise<ScalingFigures> {
  let side: Side;
  const firstMs = await timed(async () => {
    side = await sideOf(style, point);
    await side.step();
  });
  let lastMs = 0;
  for (let i = 0; i < WARM_UP; i++) lastMs = await timed(() => side.step());
  const count = await agree(Math.min(steps, Math.max(LEAST, Math.ceil(LONGEST / lastMs))));
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await timed(() => side.step()));
  return {
    stepMs: median(times),
    compileMs: defaultRuntime().statistics.compileMs,
    firstMs,
    peakMiB: process.resourceUsage().maxRSS / 2 ** 10,
  };
}

/** What a worker of the PyTorch idiom runs. */
export function measureShare(
  _rank: number,
  point: ScalingPoint,
  steps: number,
): Promise<ScalingFigures> {
  const { workers, batch } = point;
  return measureHere("torch", { ...point, batch: batch / workers }, steps, async (count) => {
    const agreed = tensor([count], { dtype: "float32" });
    distributed.broadcast(agreed, { src: 0 });
    return await agreed.item();
  });
}

/** Trains and measures. @param steps at most */
export async function measurePoint(
  style: ScalingStyle,
  point: ScalingPoint,
  steps: number,
): Promise<ScalingFigures> {
  const { workers } = point;
  const alone = (count: number) => Promise.resolve(count);
  if (workers === 0) return await measureHere(style, point, steps, alone);
  limitThreads(workers);
  if (style === "torch") {
    const share = { module: import.meta.url, name: "measureShare" };
    const figures = await multiprocessing.spawn(share, [point, steps], workers) as ScalingFigures[];
    return { ...figures[0], stepMs: Math.max(...figures.map(({ stepMs }) => stepMs)) };
  }
  const devices = Array.from({ length: workers }, (_, i) => `cpu:${i}`);
  distribution.setDistribution(new distribution.DataParallel({ devices }));
  try {
    return await measureHere(style, point, steps, alone);
  } finally {
    distribution.setDistribution(null);
  }
}

if (import.meta.main) {
  const [style, point, steps] = Deno.args;
  const figures = await measurePoint(style as ScalingStyle, JSON.parse(point), Number(steps));
  console.log(JSON.stringify(figures));
}
