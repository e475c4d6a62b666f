/**
 * Looks at everything `fit`, `evaluate` and `predict` are given before any work starts.
 * @module
 */
import { Dataset, type Element } from "../data/dataset.ts";
import { type HostRows, hostRows, isHostArray, type Samples } from "../data/host_rows.ts";
import type { Loss } from "../losses/mod.ts";
import type { TensorSpec } from "../tracing/mod.ts";

/** Samples for one input, for several in order, or by the names of inputs (outputs). */
export type SampleSet = Samples | readonly Samples[] | Readonly<Record<string, Samples>>;

/** Labels: those of an output that neither a loss nor a metric looks at may be null. */
export type LabelSet =
  | SampleSet
  | readonly (Samples | null)[]
  | Readonly<Record<string, Samples | null>>;

/** Throws unless a number is whole and at least 1 (or another least). */
export function checkCount(method: string, name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `${method}: ${name} is ${value}, expected an integer of at least ${least}`,
  );
}

/** The samples of every input (output), in order. */
export async function readSamples(
  method: string,
  name: string,
  samples: LabelSet | undefined,
  keys: readonly string[],
): Promise<HostRows[]> {
  const list = arrange(method, name, samples, keys);
  const bytesAs = name.startsWith("x") ? "float32" : "int32";
  const rows: HostRows[] = [];
  for (const [i, entry] of list.entries()) {
    const label = list.length > 1 ? `${name}.${keys[i]}` : name;
    if (entry === null) throw new TypeError(`${method}: ${label} is null, expected samples`);
    rows.push(await hostRows(`${method}: ${label}`, entry, bytesAs));
  }
  return rows;
}

function arrange(
  method: string,
  name: string,
  samples: LabelSet | undefined,
  keys: readonly string[],
): (Samples | null)[] {
  if (samples === undefined || samples === null) {
    throw new TypeError(`${method}: ${name} is missing, expected samples`);
  }
  if (isByName(samples)) {
    const missing = keys.find((key) => !(key in samples));
    if (missing === undefined) return keys.map((key) => samples[key]);
    throw new TypeError(
      `${method}: ${name} has ${Object.keys(samples).join(", ")}, expected ${keys.join(", ")}`,
    );
  }
  if (keys.length === 1 && !isListOfArrays(samples)) return [samples as Samples];
  if (Array.isArray(samples) && samples.length === keys.length) return [...samples];
  throw new TypeError(
    `${method}: ${name} is ${
      Array.isArray(samples) ? `a list of ${samples.length}` : "one array"
    }, ` +
      `expected ${keys.length}, for ${keys.join(", ")}`,
  );
}

/** Whether samples are given by the names of inputs (outputs). */
export function isByName(samples: LabelSet): samples is Readonly<Record<string, Samples | null>> {
  return Object.getPrototypeOf(samples) === Object.prototype && !isHostArray(samples);
}

/** Tells a list of inputs from nested values. */
export function isListOfArrays(samples: LabelSet): boolean {
  return Array.isArray(samples) &&
    samples.every((entry) => typeof entry === "object" && !Array.isArray(entry));
}

/** Throws unless all have as many samples, and at least one. */
export function checkCounts(method: string, rows: readonly HostRows[]): void {
  for (const { count, name } of rows) {
    if (count === 0) {
      throw new RangeError(`${name} has no samples, expected at least one`);
    }
    if (count !== rows[0].count) {
      const names = [rows[0].name, name].map((text) => text.replace(`${method}: `, ""));
      throw new RangeError(
        `${method}: ${names[0]} has ${rows[0].count} samples and ${names[1]} has ${count}, ` +
          `expected equally many`,
      );
    }
  }
}

/** Throws unless the samples fit the model's inputs and are values. */
export function checkInputs(rows: readonly HostRows[], inputs: readonly TensorSpec[]): void {
  rows.forEach((given, i) => {
    const expected = inputs[i].shape;
    if (!fits(given.shape, expected)) {
      throw new RangeError(
        `${given.name} has shape [${given.shape}], expected ${showShape(expected)} (null is any)`,
      );
    }
  });
  checkFinite(rows);
}

/** Throws unless all values are finite. */
export function checkFinite(rows: readonly HostRows[]): void {
  for (const given of rows) refuseUnusable(given);
}

/** Throws unless the labels fit the model's outputs and their losses. */
export function checkLabels(
  rows: readonly HostRows[],
  outputs: readonly TensorSpec[],
  losses: readonly (Loss | null)[],
): void {
  rows.forEach((given, i) => {
    const loss = losses[i];
    if (!loss) return;
    const expected = loss.labelShape(outputs[i].shape.slice(1));
    if (expected && !sameSize(given.rowShape, expected)) {
      throw new RangeError(
        `${given.name} has shape [${given.shape}], expected ${showShape([null, ...expected])} ` +
          `(null is any) for ${loss.name}`,
      );
    }
  });
  checkLabelValues(rows, outputs, losses);
}

/** Throws unless the values of labels are such that the losses can take. */
export function checkLabelValues(
  rows: readonly HostRows[],
  outputs: readonly TensorSpec[],
  losses: readonly (Loss | null)[],
): void {
  rows.forEach((given, i) => {
    const loss = losses[i];
    if (!loss) return;
    refuseUnusable(given);
    const fault = loss.findFault(given.data, outputs[i].shape, given.shape);
    if (fault) throw new RangeError(`${given.name}${fault.replace(/^y/, "")}`);
  });
}

function refuseUnusable(rows: HostRows): void {
  const fault = rows.findUnusable();
  if (fault) throw new RangeError(`${fault}, expected finite numbers`);
}

function fits(shape: readonly number[], expected: readonly (number | null)[]): boolean {
  return shape.length === expected.length &&
    expected.every((dimension, i) => dimension === null || dimension === shape[i]);
}

/** Whether a row has the dimensions expected, axes of 1 aside: [n] and [n, 1] are both fine. */
function sameSize(shape: readonly number[], expected: readonly (number | null)[]): boolean {
  const [a, b] = [shape, expected].map((list) => list.filter((dimension) => dimension !== 1));
  return a.length === b.length &&
    b.every((dimension, i) => dimension === null || dimension === a[i]);
}

function showShape(shape: readonly (number | null)[]): string {
  return `[${shape.map(String).join(", ")}]`;
}

/** Whether samples are a data set of batches. */
export function isDataset(samples: unknown): samples is Dataset<Element> {
  return samples instanceof Dataset;
}
