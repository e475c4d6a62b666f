/**
 * The batches that both models see.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type ImageDataset, maxPixelValue } from "../../../fixtures/mod.ts";
import { fromHost, RandomStream } from "../../../onnx/mod.ts";
import { Tensor } from "../../../torch_style/mod.ts";
import { type ModelInput, torchInput } from "./model_inputs.ts";
import type { Labels, ModelPair } from "./model_pair.ts";
import { ParityError } from "../parity_error.ts";
import { product, sameShape } from "../comparing/rearrangement.ts";

/** Values with their shape, the batch axis in front. */
export interface BatchArray<Values> {
  readonly values: Values;
  readonly shape: readonly number[];
}

/** One batch, in Keras' layout: an array an input and an array an output. */
export interface ParityBatch {
  readonly inputs: readonly BatchArray<Float32Array | Int32Array>[];
  readonly labels: readonly BatchArray<Labels>[];
}

/** Batches by step; every step always has the same one. */
export interface ParityData {
  /** A line for the report. */
  readonly title: string;
  batch(step: number, size?: number): ParityBatch;
}

/** What the models take. */
export interface DataNeeds {
  readonly inputs: readonly ModelInput[];
  /** Of each output, without the batch axis. */
  readonly outputShapes: readonly (readonly number[])[];
  readonly classes: number;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * A user's own batches, else images where they fit, else random values.
 *
 * @throws {ParityError} if a batch is larger than the data set
 */
export function dataFor(
  pair: ModelPair,
  needs: DataNeeds,
  dataset: ImageDataset | undefined,
): ParityData {
  if (pair.batch) return ownData(pair, needs);
  const { inputs, outputShapes, classes } = needs;
  const fits = dataset && inputs.length === 1 && outputShapes.length === 1 &&
    outputShapes[0].length === 1 && sameShape(dataset.imageShape, inputs[0].shape) &&
    dataset.classNames.length === classes;
  return fits ? images(dataset, needs) : randomData(needs);
}

function ownData(pair: ModelPair, { inputs, batchSize }: DataNeeds): ParityData {
  return {
    title: "the file's own batches",
    batch(step, size = batchSize) {
      const own = pair.batch!(step, size);
      const given = listOf(own.inputs);
      const labels = listOf(own.labels);
      const shapes = inputs.map(({ shape }) => [size, ...shape]);
      const right = given.length === shapes.length &&
        given.every((values, i) => values.length === product(shapes[i])) &&
        labels.every(({ length }) => length % size === 0);
      if (!right) {
        throw new ParityError(
          `batch(${step}, ${size}): got ${
            given.map(({ length }) => length).join(" and ")
          } inputs and ${labels.map(({ length }) => length).join(" and ")} labels, expected ${
            shapes.map((shape) => `${product(shape)} inputs, which is [${shape}],`).join(" and ")
          } and labels for ${size}`,
        );
      }
      return {
        inputs: given.map((values, i) => ({
          values: inputs[i].takesIntegers ? Int32Array.from(values) : Float32Array.from(values),
          shape: shapes[i],
        })),
        labels: labels.map((values) => ({
          values,
          shape: values.length === size ? [size] : [size, values.length / size],
        })),
      };
    },
  };
}

/** One array, or several in a list. */
function listOf<T extends ArrayLike<number>>(given: T | readonly T[]): readonly T[] {
  const isList = Array.isArray(given) && typeof given[0] !== "number";
  return isList ? given as readonly T[] : [given as T];
}

function images(
  { train, title }: ImageDataset,
  { inputs: [{ shape: inputShape }], batchSize, seed }: DataNeeds,
): ParityData {
  const perEpoch = Math.floor(train.count / batchSize);
  if (perEpoch === 0) {
    throw new ParityError(
      `--batch-size: ${batchSize} is more than the data set's ${train.count} training images`,
    );
  }
  const orders = new Map<number, Uint32Array>();
  const orderOf = (epoch: number) => {
    const known = orders.get(epoch);
    if (known) return known;
    const stream = new RandomStream(seed);
    stream.state = [seed, epoch];
    const order = stream.permutation(train.count);
    orders.set(epoch, order);
    return order;
  };
  const size = product(inputShape);
  const maxValue = maxPixelValue(train.images);
  return {
    title: `${title}, ${train.count} images, values divided by ${maxValue}`,
    batch(step, count = batchSize) {
      const start = (step - 1) % perEpoch * batchSize;
      const chosen = orderOf(Math.floor((step - 1) / perEpoch)).subarray(start, start + count);
      const values = new Float32Array(count * size);
      chosen.forEach((index, i) => {
        const pixels = train.images.subarray(index * size, (index + 1) * size);
        for (let k = 0; k < size; k++) values[i * size + k] = pixels[k] / maxValue;
      });
      const labels = Int32Array.from(chosen, (index) => train.labels[index]);
      return {
        inputs: [{ values, shape: [count, ...inputShape] }],
        labels: [{ values: labels, shape: [count] }],
      };
    },
  };
}

function randomData({ inputs, outputShapes, classes, batchSize, seed }: DataNeeds): ParityData {
  return {
    title: `random inputs ${inputs.map(({ shape }) => `[${[batchSize, ...shape]}]`).join(" and ")}`,
    batch(step, size = batchSize) {
      const stream = new RandomStream(seed);
      stream.state = [seed, 2 * step];
      const given = inputs.map(({ shape, takesIntegers, vocabulary }) => {
        const uniform = stream.uniform(product([size, ...shape]));
        const values = takesIntegers
          ? Int32Array.from(uniform, (u) => Math.floor(u * vocabulary))
          : uniform;
        return { values, shape: [size, ...shape] };
      });
      const labels = outputShapes.map((output) => {
        const shape = [size, ...output.slice(0, -1)];
        const count = outputShapes.length === 1 ? classes : output.at(-1) ?? 1;
        const values = Int32Array.from(stream.uniform(product(shape), 0, count), Math.floor);
        return { values, shape };
      });
      return { inputs: given, labels };
    },
  };
}

/** A batch with larger inputs, in both directions: what saturates or is cut off shows. */
export function enlarged(batch: ParityBatch, seed: number): ParityBatch {
  const stream = new RandomStream(seed);
  return {
    ...batch,
    inputs: batch.inputs.map(({ values, shape }) => ({
      values: values instanceof Int32Array ? values : stream.normal(values.length, 0, 5),
      shape,
    })),
  };
}

/** A batch as the Keras idiom takes it; the caller disposes it. */
export function kerasBatch({ inputs, labels }: ParityBatch): [x: tf.Tensor[], y: tf.Tensor[]] {
  const tensor = ({ values, shape }: BatchArray<Float32Array | Int32Array>) =>
    tf.tensor(values.slice(), [...shape], values instanceof Int32Array ? "int32" : "float32");
  return [inputs.map(tensor), labels.map(tensor)];
}

/** The same batch as the PyTorch idiom takes it: channels first, class indices as int64. */
export function torchBatch(
  batch: ParityBatch,
  inputs: readonly ModelInput[],
): [x: Tensor[], y: Tensor[]] {
  const x = batch.inputs.map(({ values, shape }, i) => torchInput(values, shape, inputs[i]));
  const y = batch.labels.map(({ values, shape }) => {
    const target = values instanceof Int32Array
      ? BigInt64Array.from(values, BigInt)
      : values.slice();
    return new Tensor(fromHost(target, [...shape]));
  });
  return [x, y];
}
