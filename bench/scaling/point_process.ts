/**
 * A process that trains one network for some steps and prints what it measured: `point_process.ts STYLE POINT STEPS`.
 * @module
 */
import process from "node:process";
import { median } from "simple-statistics";
import { selectEngine, setRandomSeed } from "../../keras_style/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";
import { manualSeed } from "../../torch_style/mod.ts";
import { cifarResNet } from "../models/resnet20/keras.ts";
import { CifarResNet } from "../models/resnet20/torch.ts";
import { KerasSide } from "../peers/keras_idiom.ts";
import type { Side } from "../peers/side.ts";
import { TorchSide } from "../peers/torch_idiom.ts";
import type { ScalingFigures, ScalingPoint, ScalingStyle } from "./points.ts";

const CLASSES = 10;

/** Steps before anything is measured, beside the first. */
const WARM_UP = 2;

async function sideOf(style: ScalingStyle, point: ScalingPoint): Promise<Side> {
  const { batch, image, depth, width } = point;
  const task = { batch, imageShape: [image, image, 3], classes: CLASSES };
  const blocks = (depth - 2) / 6;
  if (style === "torch") {
    manualSeed(1);
    const spec = { inputShape: [3, image, image], classes: CLASSES };
    return new TorchSide(new CifarResNet(spec, blocks, width), task);
  }
  await selectEngine("onnxruntime");
  setRandomSeed(1);
  const spec = { inputShape: task.imageShape, classes: CLASSES };
  return new KerasSide(cifarResNet(spec, blocks, width), task);
}

/** Measured steps that there are at least, where so many are asked for, and milliseconds after which there are no more. */
const [LEAST, LONGEST] = [5, 3000];

/** Trains and measures. @param steps at most */
export async function measurePoint(
  style: ScalingStyle,
  point: ScalingPoint,
  steps: number,
): Promise<ScalingFigures> {
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  let side: Side;
  const firstMs = await timed(async () => {
    side = await sideOf(style, point);
    await side.step();
  });
  for (let i = 0; i < WARM_UP; i++) await side!.step();
  const times: number[] = [];
  const start = performance.now();
  while (times.length < steps && (times.length < LEAST || performance.now() - start < LONGEST)) {
    times.push(await timed(() => side.step()));
  }
  return {
    stepMs: median(times),
    compileMs: defaultRuntime().statistics.compileMs,
    firstMs,
    peakMiB: process.resourceUsage().maxRSS / 2 ** 10,
  };
}

if (import.meta.main) {
  const [style, point, steps] = Deno.args;
  const figures = await measurePoint(style as ScalingStyle, JSON.parse(point), Number(steps));
  console.log(JSON.stringify(figures));
}
