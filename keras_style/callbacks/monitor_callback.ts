/**
 * What callbacks share that watch one number and tell whether it became better.
 * Follows keras/src/callbacks/monitor_callback.py of Keras 3.
 * @module
 */
import type { TrainedModel } from "../models/trained_model.ts";
import { toCamelCase } from "../naming.ts";
import { readOptions } from "../options.ts";
import { Callback, type CallbackParams, type Logs } from "./callback.ts";
import { findLog } from "./named_log.ts";

/** Which values are better: the smaller, the larger, or what the metric of that name says. */
export type MonitorMode = "auto" | "min" | "max";

/** Options of callbacks that watch a number. */
export interface MonitorOptions {
  /** Its name in the logs; "val_loss" unless given. */
  readonly monitor?: string;
  /** "auto" unless given. */
  readonly mode?: MonitorMode;
  /** What a number must be better by to count as better; at least 0. */
  readonly minDelta?: number;
}

const MODES: readonly MonitorMode[] = ["auto", "min", "max"];

/** Base class of callbacks that watch a number. */
export abstract class MonitorCallback extends Callback {
  readonly monitor: string;
  readonly mode: MonitorMode;
  readonly minDelta: number;
  #smallerIsBetter = true;

  /** @throws {RangeError} for a mode there is not, or a `minDelta` below 0 */
  constructor(options: MonitorOptions, defaults: MonitorOptions = {}) {
    super();
    const { monitor, mode, minDelta } = readOptions(new.target.name, options, {
      monitor: "val_loss",
      mode: "auto" as MonitorMode,
      minDelta: 0,
      ...defaults,
    });
    this.monitor = monitor;
    this.mode = mode;
    this.minDelta = minDelta;
    if (!MODES.includes(mode)) {
      throw new RangeError(
        `${this.constructor.name}: mode is ${JSON.stringify(mode)}, expected ${MODES.join(", ")}`,
      );
    }
    this.checkNumber("minDelta", minDelta, 0);
  }

  /** @throws {Error} if `mode` is "auto" and nothing tells which values are better */
  override attach(model: TrainedModel, params: CallbackParams): void {
    super.attach(model, params);
    this.#smallerIsBetter = this.mode === "auto" ? this.#isLoss(model) : this.mode === "min";
  }

  #isLoss(model: TrainedModel): boolean {
    const name = toCamelCase(this.monitor.replace(/^val(_|(?=[A-Z]))/, "")).replace(
      /^[A-Z]/,
      (letter) => letter.toLowerCase(),
    );
    const { metrics } = model.compiled(this.constructor.name).objective;
    const own = model.metrics.map((metric) => ({ name: metric.name, metric }));
    const found = [...metrics, ...own].find((entry) => toCamelCase(entry.name) === name);
    const direction = found?.metric.direction;
    if (direction) return direction === "down";
    throw new Error(
      `${this.constructor.name}: monitor is "${this.monitor}", of which it is not known whether ` +
        `small or large numbers are better; expected mode "min" or "max"`,
    );
  }

  /** Whether a number is better than another, or the first. */
  protected improves(value: number, reference: number | undefined): boolean {
    if (reference === undefined) return true;
    return this.#smallerIsBetter
      ? value + this.minDelta < reference
      : value - this.minDelta > reference;
  }

  /** The number that is watched; a warning where the logs have none. */
  protected monitored(logs: Logs): number | undefined {
    const value = findLog(logs, this.monitor);
    if (value === undefined) {
      console.warn(
        `${this.constructor.name}: monitor is "${this.monitor}", which the epoch has not, ` +
          `expected one of ${Object.keys(logs).join(", ")}`,
      );
    }
    return value;
  }

  /** Throws for a setting that is not a number in a range. */
  protected checkNumber(name: string, value: number, from: number, below = Infinity): void {
    if (value >= from && value < below) return;
    const expected = below === Infinity ? `of at least ${from}` : `from ${from} to below ${below}`;
    throw new RangeError(
      `${this.constructor.name}: ${name} is ${value}, expected a number ${expected}`,
    );
  }

  /** Throws for a setting that is not an integer. */
  protected checkCount(name: string, value: number, from = 0): void {
    if (Number.isInteger(value) && value >= from) return;
    throw new RangeError(
      `${this.constructor.name}: ${name} is ${value}, expected an integer of at least ${from}`,
    );
  }
}
