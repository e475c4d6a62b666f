/**
 * Looks at a data set before any work starts: its first batch, and where they are known the arrays behind it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Dataset, Element } from "../data/dataset.ts";
import { type HostRows, hostRows } from "../data/host_rows.ts";
import { type Arity, asBatch, splitElement } from "./batches.ts";
import { checkFinite, checkInputs, checkLabels, checkLabelValues } from "./check_data.ts";
import { checkWeights } from "./sample_weights.ts";
import type { Network } from "./trained_model.ts";

/** How many tensors of an element are inputs and labels, where a model has so many. */
export function arityOf(element: Element, counts: Arity): Arity {
  return [element].flat().length === counts.inputs ? { ...counts, outputs: 0 } : counts;
}

/** The first batch, which is to be disposed. Throws where there is none, or of another number of tensors. */
export function firstElement(
  method: string,
  name: string,
  dataset: Dataset<Element>,
  arity: Arity,
  mayLackLabels = false,
): Element {
  const element = dataset.peek();
  if (!element) throw new RangeError(`${method}: ${name} is a data set without batches`);
  const tensors = [element].flat();
  if (tensors.some((tensor) => tensor.rank === 0)) {
    tf.dispose(element);
    throw new TypeError(
      `${method}: ${name} is a data set of single samples, expected batches: call batch(size)`,
    );
  }
  const count = tensors.length;
  const { inputs, outputs } = arity;
  const labelled = inputs + outputs;
  if ([labelled, labelled + 1, labelled + outputs].includes(count)) return element;
  if (mayLackLabels && count === inputs) return element;
  tf.dispose(element);
  throw new TypeError(
    `${method}: ${name} is a data set whose elements have ${count} tensors, expected ${inputs} of ` +
      `inputs, ${outputs} of labels and (where samples have weights) 1 or ${outputs} of weights`,
  );
}

/** One tensor, or a list of them. */
export function single(list: tf.Tensor[]): tf.Tensor | tf.Tensor[] {
  return list.length === 1 ? list[0] : list;
}

/** Throws unless all values of the arrays behind a data set are such that the losses can take. */
export function checkDatasetRows(
  method: string,
  name: string,
  rows: readonly HostRows[],
  arity: Arity,
  { outputs, losses }: Network,
): void {
  const [x, y, weights] = splitElement(rows, arity);
  const part = (list: HostRows[], what: string) =>
    list.map((entry, i) => {
      const place = list.length > 1 ? `${what}[${i}]` : what;
      return entry.named(`${method}: ${name === "x" ? place : `${place} of ${name}`}`);
    });
  checkFinite(part(x, "x"));
  checkLabelValues(part(y, "y"), outputs, losses);
  checkWeights(part(weights, "sampleWeight"));
}

/**
 * Throws unless a model can be trained (evaluated) on a data set, as far as its first batch and the arrays behind it
 * tell.
 *
 * @param name what the data set is called in errors
 */
export async function checkDataset(
  method: string,
  name: string,
  dataset: Dataset<Element>,
  network: Network,
): Promise<void> {
  const arity = { inputs: network.inputs.length, outputs: network.outputs.length };
  const element = firstElement(method, name, dataset, arity);
  try {
    // First of all, so that a wrong number is named by its index in the array, not in a batch.
    if (dataset.rows) checkDatasetRows(method, name, dataset.rows, arity, network);
    const { x, y } = asBatch(element, arity);
    const read = (tensors: tf.Tensor[], what: string, type: "float32" | "int32") =>
      Promise.all(tensors.map((t) => hostRows(`${method}: ${what} of ${name}`, t, type)));
    checkInputs(await read(x, "x", "float32"), network.inputs);
    checkLabels(await read(y, "y", "int32"), network.outputs, network.losses);
  } finally {
    tf.dispose(element);
  }
}
