/**
 * The text of a progress line. The look is that of Keras 3 (`keras.utils.Progbar`): step of steps, a green bar of
 * twenty cells, time, time a step, then the metrics in Keras' names.
 *
 * @module
 */
import { visibleText } from "../../onnx/mod.ts";
import type { EpochMetrics } from "../runner/trials/trial.ts";

/** What a bar's line shows. */
export interface BarLine {
  step: number;
  steps: number;
  /** Still to come while the epoch runs, taken when it is over. */
  seconds: number;
  stepSeconds: number;
  metrics: Partial<EpochMetrics>;
  /** Behind the metrics, as {@linkcode formatDetails} gives them. */
  details?: string;
  color: boolean;
  /** Width of the terminal; the bar shrinks, then the metrics are cut, so that the line never wraps. */
  columns: number;
}

/** What a finished epoch's plain line shows. */
export interface EpochLine {
  epoch: number;
  epochs: number;
  seconds: number;
  stepSeconds: number;
  metrics: Partial<EpochMetrics>;
}

const barCells = 20;
const green = "\x1b[32m";
const grey = "\x1b[37m";
const reset = "\x1b[0m";

/** Keras' names, in Keras' order. */
const metricNames: Record<keyof EpochMetrics, string> = {
  loss: "loss",
  accuracy: "accuracy",
  valLoss: "val_loss",
  valAccuracy: "val_accuracy",
};

/**
 * A line with a bar, such as
 * `600/1250 ━━━━━━━━━─────────── 7s 12ms/step - loss: 1.4021 - accuracy: 0.4960`.
 */
export function formatBarLine(line: BarLine): string {
  const width = String(line.steps).length;
  const head = `${String(line.step).padStart(width)}/${line.steps} `;
  const times = ` ${formatSeconds(line.seconds)} ${formatStep(line.stepSeconds)}`;
  const tail = times + formatMetrics(line.metrics) + (line.details ?? "");
  // The last column stays free: writing into it makes some terminals wrap.
  const room = line.columns - 1 - head.length;
  const cells = Math.max(0, Math.min(barCells, room - tail.length));
  return head + bar(line.step / line.steps, cells, line.color) +
    tail.slice(0, Math.max(0, room - cells));
}

/** What is told of a training beside its metrics; what is not known is left out. */
export interface Details {
  learningRate?: number | null;
  imagesPerSecond?: number | null;
  /** Until the end of the training. */
  secondsLeft?: number | null;
}

/** Such as ` - rate: 0.00125 - 512 images/s - 12:30 left`. */
export function formatDetails({ learningRate, imagesPerSecond, secondsLeft }: Details): string {
  return [
    learningRate == null ? "" : `rate: ${Number(learningRate.toPrecision(3))}`,
    imagesPerSecond == null
      ? ""
      : `${imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0)} images/s`,
    secondsLeft == null ? "" : `${formatSeconds(secondsLeft)} left`,
  ].filter((part) => part !== "").map((part) => ` - ${part}`).join("");
}

/**
 * A plain line of a finished epoch, such as
 * `Epoch 1/5 - 15s - 12ms/step - loss: 1.4021 - accuracy: 0.4960 - val_loss: 1.2000 - val_accuracy: 0.5700`.
 */
export function formatEpochLine(line: EpochLine): string {
  const times = `${formatSeconds(line.seconds)} - ${formatStep(line.stepSeconds)}`;
  return `Epoch ${line.epoch}/${line.epochs} - ${times}${formatMetrics(line.metrics)}`;
}

/**
 * How far all trials are, the one that runs first, such as ` torch/seed-1: epoch 2/5 0.4960 · keras/seed-1: done 0.6493`;
 * cut where the terminal ends.
 */
export function formatStanding(
  standings: ReadonlyMap<string, string>,
  running: string,
  columns: number,
): string {
  const others = [...standings].filter(([name]) => name !== running);
  const all = [[running, standings.get(running)], ...others];
  const parts = all.map(([name, standing]) => `${visibleText(name!)}: ${standing}`);
  return ` ${parts.join(" · ")}`.slice(0, columns - 1);
}

function bar(share: number, cells: number, color: boolean): string {
  const filled = Math.min(cells, Math.floor(share * cells));
  // Heavy and light strokes, so that the two differ without colour too.
  const done = "━".repeat(filled);
  const left = "─".repeat(cells - filled);
  return color ? `${green}${done}${grey}${left}${reset}` : done + left;
}

/** Such as ` - loss: 1.4021 - accuracy: 0.4960`. */
export function formatMetrics(metrics: Partial<EpochMetrics>): string {
  return (Object.keys(metricNames) as (keyof EpochMetrics)[])
    .filter((key) => metrics[key] !== undefined)
    .map((key) => ` - ${metricNames[key]}: ${metrics[key]!.toFixed(4)}`)
    .join("");
}

/** Such as 7s, 1:15 or 2:00:00. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60) % 60;
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}`;
}

function formatStep(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)}s/step`;
  if (seconds >= 0.001) return `${Math.round(seconds * 1000)}ms/step`;
  return `${Math.round(seconds * 1e6)}us/step`;
}
