/**
 * The batches that both models see.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import { type ImageDataset, maxPixelValue } from "../../fixtures/mod.ts";
import { fromHost, RandomStream } from "../../onnx/mod.ts";
import { Tensor } from "../../torch_style/mod.ts";
import { activationRearrangement, inputLayout } from "./feature_layout.ts";
import type { ModelPair } from "./model_pair.ts";
import { ParityError } from "./parity_error.ts";
import { product, rearrange, sameShape } from "./rearrangement.ts";

/** One batch, in Keras' layout. */
export interface ParityBatch {
  readonly inputs: Float32Array | Int32Array;
  /** [batch, ...]. */
  readonly shape: readonly number[];
  readonly labels: Int32Array | Float32Array;
}

/** Batches by step; every step always has the same one. */
export interface ParityData {
  /** A line for the report. */
  readonly title: string;
  batch(step: number): ParityBatch;
}

/** What the models take. */
export interface DataNeeds {
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly firstLayer: Layer | undefined;
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
  const { inputShape, classes } = needs;
  const fits = dataset && sameShape(dataset.imageShape, inputShape) &&
    dataset.classNames.length === classes;
  return fits ? images(dataset, needs) : randomData(needs);
}

function ownData(pair: ModelPair, { inputShape, batchSize, firstLayer }: DataNeeds): ParityData {
  const shape = [batchSize, ...inputShape];
  return {
    title: "the file's own batches",
    batch(step) {
      const { inputs, labels } = pair.batch!(step, batchSize);
      if (inputs.length !== product(shape) || labels.length % batchSize !== 0) {
        throw new ParityError(
          `batch(${step}, ${batchSize}): got ${inputs.length} inputs and ${labels.length} labels, ` +
            `expected ${product(shape)} inputs, which is [${shape}], and labels for ${batchSize}`,
        );
      }
      const list = takesIntegers(firstLayer) ? Int32Array : Float32Array;
      return { inputs: list.from(inputs), shape, labels };
    },
  };
}

function images(
  { train, title }: ImageDataset,
  { inputShape, batchSize, seed }: DataNeeds,
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
    batch(step) {
      const start = (step - 1) % perEpoch * batchSize;
      const chosen = orderOf(Math.floor((step - 1) / perEpoch)).subarray(start, start + batchSize);
      const inputs = new Float32Array(batchSize * size);
      chosen.forEach((index, i) => {
        const values = train.images.subarray(index * size, (index + 1) * size);
        for (let k = 0; k < size; k++) inputs[i * size + k] = values[k] / maxValue;
      });
      const labels = Int32Array.from(chosen, (index) => train.labels[index]);
      return { inputs, shape: [batchSize, ...inputShape], labels };
    },
  };
}

function randomData({ inputShape, classes, firstLayer, batchSize, seed }: DataNeeds): ParityData {
  const shape = [batchSize, ...inputShape];
  const vocabulary = (firstLayer as unknown as { inputDim?: number } | undefined)?.inputDim ?? 1;
  return {
    title: `random inputs [${shape}]`,
    batch(step) {
      const stream = new RandomStream(seed);
      stream.state = [seed, 2 * step];
      const uniform = stream.uniform(product(shape));
      const labels = Int32Array.from(stream.uniform(batchSize, 0, classes), Math.floor);
      const inputs = takesIntegers(firstLayer)
        ? Int32Array.from(uniform, (u) => Math.floor(u * vocabulary))
        : uniform;
      return { inputs, shape, labels };
    },
  };
}

function takesIntegers(firstLayer: Layer | undefined): boolean {
  return firstLayer?.getClassName() === "Embedding";
}

/** A batch as the Keras idiom takes it; the caller disposes it. */
export function kerasBatch({ inputs, shape, labels }: ParityBatch): [x: tf.Tensor, y: tf.Tensor] {
  const classes = labels instanceof Int32Array;
  const [count] = shape;
  const rest = labels.length === count ? [] : [labels.length / count];
  return [
    tf.tensor(inputs.slice(), [...shape], inputs instanceof Int32Array ? "int32" : "float32"),
    tf.tensor(labels.slice(), [count, ...rest], classes ? "int32" : "float32"),
  ];
}

/** The same batch as the PyTorch idiom takes it: channels first, class indices as int64. */
export function torchBatch(
  { inputs, shape, labels }: ParityBatch,
  firstLayer: Layer | undefined,
): [x: Tensor, y: Tensor] {
  const [count] = shape;
  const target = labels instanceof Int32Array ? BigInt64Array.from(labels, BigInt) : labels.slice();
  const rest = labels.length === count ? [] : [labels.length / count];
  return [torchInput(inputs, shape, firstLayer), new Tensor(fromHost(target, [count, ...rest]))];
}

function torchInput(
  inputs: Float32Array | Int32Array,
  shape: readonly number[],
  firstLayer: Layer | undefined,
): Tensor {
  if (inputs instanceof Int32Array) {
    return new Tensor(fromHost(BigInt64Array.from(inputs, BigInt), shape));
  }
  const arrangement = activationRearrangement(shape, inputLayout(shape.length, firstLayer));
  const rearranged = rearrange(inputs, arrangement);
  return new Tensor(fromHost(rearranged.slice(), [...arrangement.shape]));
}
