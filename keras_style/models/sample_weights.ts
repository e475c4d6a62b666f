/**
 * How much samples count.
 * @module
 */
import { HostRows } from "../data/host_rows.ts";
import { checkFinite, readSamples, type SampleSet } from "./check_data.ts";

/** How much the samples of each class count, by class number; classes that are left out count 1. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** The weights of samples, one array an output: a single array is for all outputs. */
export async function readWeights(
  method: string,
  name: string,
  weights: SampleSet,
  outputs: readonly string[],
): Promise<HostRows[]> {
  const isOne = outputs.length > 1 && !Array.isArray(weights) && !isByName(weights, outputs);
  if (!isOne) return await readSamples(method, name, weights, outputs);
  const [rows] = await readSamples(method, name, weights, outputs.slice(0, 1));
  return outputs.map(() => rows);
}

function isByName(weights: SampleSet, outputs: readonly string[]): boolean {
  return Object.getPrototypeOf(weights) === Object.prototype &&
    outputs.some((output) => Object.hasOwn(weights, output));
}

/** Throws unless there is one finite number a sample. */
export function checkWeights(rows: readonly HostRows[]): void {
  for (const { name, shape, rowShape } of rows) {
    if (rowShape.every((dimension) => dimension === 1)) continue;
    throw new RangeError(`${name} has shape [${shape}], expected one number a sample: [null]`);
  }
  checkFinite(rows);
}

/**
 * Weights of samples by their classes. Follows `class_weight_to_sample_weights` in
 * keras/src/trainers/data_adapters/data_adapter_utils.py of Keras 3.
 *
 * @param labels class numbers [n] or [n, 1], or one-hot rows
 * @throws {RangeError} for a class that is no integer of at least 0, or a weight that is no number of at least 0
 */
export function weightsOfClasses(labels: HostRows, classWeight: ClassWeight): HostRows {
  const entries = classWeight instanceof Map
    ? [...classWeight]
    : Object.entries(classWeight).map(([key, weight]) => [Number(key), weight] as const);
  for (const [key, weight] of entries) {
    if (!Number.isInteger(key) || key < 0 || !(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `fit: classWeight has ${weight} for class ${key}, expected numbers of at least 0 by class numbers`,
      );
    }
  }
  const byClass = new Map(entries);
  const width = labels.rowShape.at(-1) ?? 1;
  const data = Float32Array.from(
    { length: labels.count },
    (_, row) => byClass.get(classAt(labels.data, row, width)) ?? 1,
  );
  return new HostRows("fit: classWeight", { data, shape: [labels.count] }, "float32");
}

function classAt(data: HostRows["data"], row: number, width: number): number {
  if (width === 1) return Math.round(data[row]);
  const answer = data.subarray(row * width, (row + 1) * width);
  return answer.indexOf(Math.max(...answer));
}
