/**
 * Over which devices training is spread. Follows https://keras.io/api/distribution/
 * @module
 */
import { ProgramWorkers, threadLimit } from "../../onnx/mod.ts";
import { readOptions, show } from "../options.ts";

/** Options of {@linkcode DataParallel}. */
export interface DataParallelOptions {
  /** Such as `["cpu:0", "cpu:1"]`; all of {@linkcode listDevices} unless given. */
  readonly devices?: readonly string[];
}

/** The devices that there are: processor cores, such as "cpu:0". */
export function listDevices(deviceType: "cpu" = "cpu"): string[] {
  if (deviceType !== "cpu") {
    throw new TypeError(`listDevices: deviceType is ${show(deviceType)}, expected "cpu"`);
  }
  return Array.from({ length: navigator.hardwareConcurrency }, (_, i) => `cpu:${i}`);
}

/**
 * Every device computes its share of each batch with a copy of the weights; gradients are averaged. A device is a thread of this
 * program, with its share of the threads that operators compute on.
 *
 * `fit` and `trainOnBatch` give what one device gives, but for rounding, with two exceptions: batch normalization sees the share of
 * its device, and its moving averages become the devices' mean; what is dropped differs from device to device. Other than in Keras,
 * evaluation and prediction stay on one device, which uses all cores.
 *
 * Follows https://keras.io/api/distribution/layout_map/#dataparallel-class
 *
 * @throws {TypeError} for an unknown option or devices that are no list of texts
 * @throws {RangeError} if there are none, or one stands twice
 * @example
 * ```ts no-run
 * import { keras } from "@tandem/tandem";
 *
 * keras.distribution.setDistribution(
 *   new keras.distribution.DataParallel({ devices: ["cpu:0", "cpu:1"] }),
 * );
 * // From here on model.fit trains on both.
 * keras.distribution.setDistribution(null);
 * ```
 */
export class DataParallel {
  readonly devices: readonly string[];
  #workers: ProgramWorkers | undefined;

  constructor(options: DataParallelOptions = {}) {
    const { devices = listDevices() } = readOptions("DataParallel", options, {
      devices: undefined,
    }) as DataParallelOptions;
    if (!Array.isArray(devices) || devices.some((device) => !/^cpu:\d+$/.test(device))) {
      throw new TypeError(
        `DataParallel: devices is ${show(devices)}, expected a list such as ["cpu:0", "cpu:1"]`,
      );
    }
    if (devices.length === 0 || new Set(devices).size < devices.length) {
      throw new RangeError(`DataParallel: devices is ${show(devices)}, expected each once`);
    }
    this.devices = [...devices];
  }

  /** The threads that compute, started when they are needed first. */
  get workers(): ProgramWorkers {
    const { length } = this.devices;
    const threads = Math.max(1, Math.floor(threadLimit() / length));
    return this.#workers ??= new ProgramWorkers(length, threads);
  }

  /** Ends the threads. */
  end(): void {
    this.#workers?.[Symbol.dispose]();
    this.#workers = undefined;
  }
}

let current: DataParallel | null = null;

/** What {@linkcode setDistribution} was given last; null unless training is distributed. */
export function distribution(): DataParallel | null {
  return current;
}

/**
 * Spreads training over devices from now on, or ends that: null.
 *
 * @throws {TypeError} for anything else
 */
export function setDistribution(value: DataParallel | null): void {
  if (value !== null && !(value instanceof DataParallel)) {
    throw new TypeError(
      `setDistribution: value is ${show(value)}, expected a DataParallel or null`,
    );
  }
  if (value !== current) current?.end();
  current = value;
}
