/**
 * Images as networks were trained on them, and what their classes are called.
 * Follows keras/src/applications/imagenet_utils.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, readDataFormat } from "../data_format.ts";
import { checkChoice, checkNumber, readOptions, requireOption } from "../options.ts";

/** What is done to images: BGR around the mean; from -1 to 1; channels of mean 0 and variance 1. */
export type PreprocessMode = "caffe" | "tf" | "torch";

/** Options of {@linkcode preprocessInput}. */
export interface PreprocessOptions {
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
  /** "caffe" unless given. */
  readonly mode?: PreprocessMode;
}

const MEANS = { caffe: [103.939, 116.779, 123.68], torch: [0.485, 0.456, 0.406] };
const DEVIATIONS = [0.229, 0.224, 0.225];

/**
 * Images of values from 0 to 255 as networks take them: [n, rows, columns, 3], or one image without the batch axis.
 * Follows https://keras.io/api/applications/ (`keras.applications.imagenet_utils.preprocess_input`)
 *
 * @throws {RangeError} for another mode, or another number of channels
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const images = keras.ops.full([1, 2, 2, 3], 127.5);
 * const inputs = keras.applications.imagenetUtils.preprocessInput(images, { mode: "tf" });
 * console.log((await inputs.data())[0]); // 0
 * ```
 */
export function preprocessInput(
  images: tf.Tensor | tf.TensorLike,
  options: PreprocessOptions = {},
): tf.Tensor {
  const { dataFormat, mode } = readOptions("preprocessInput", options, {
    dataFormat: null,
    mode: "caffe",
  });
  const kind = checkChoice("preprocessInput", "mode", mode, ["caffe", "tf", "torch"]);
  const format = readDataFormat("preprocessInput", dataFormat as DataFormat | null);
  return tf.tidy(() => {
    const given = images instanceof tf.Tensor ? images : tf.tensor(images as tf.TensorLike);
    const x = tf.cast(given, "float32");
    if (kind === "tf") return tf.sub(tf.div(x, 127.5), 1);
    const axis = format === "channels_last" ? x.rank - 1 : x.rank - 3;
    if (x.shape[axis] !== 3) {
      throw new RangeError(
        `preprocessInput: images are [${x.shape}], expected 3 channels along axis ${axis}`,
      );
    }
    const along = (values: readonly number[]) =>
      tf.reshape(tf.tensor1d([...values]), x.shape.map((_, i) => i === axis ? 3 : 1));
    if (kind === "caffe") return tf.sub(tf.reverse(x, axis), along(MEANS.caffe));
    return tf.div(tf.sub(tf.div(x, 255), along(MEANS.torch)), along(DEVIATIONS));
  });
}

/** {@linkcode preprocessInput} in the way of one network. */
export function preprocessAs(mode: PreprocessMode) {
  return (
    images: tf.Tensor | tf.TensorLike,
    options: Omit<PreprocessOptions, "mode"> = {},
  ): tf.Tensor => preprocessInput(images, { ...options, mode });
}

/** For networks that begin with a layer that prepares images: gives them as they are. */
export function preprocessNothing(images: tf.Tensor): tf.Tensor {
  return images;
}

/** What `imagenet_class_index.json` holds: by index, WordNet's number and the class' name. */
export type ClassIndex = Readonly<Record<string, readonly [number: string, name: string]>>;

/** Options of {@linkcode decodePredictions}. */
export interface DecodeOptions {
  /** How many classes are given; 5 unless given. */
  readonly top?: number;
  /** The content of Keras' file imagenet_class_index.json, which is not downloaded. */
  readonly classIndex: ClassIndex;
}

/**
 * The likeliest classes of each row of predictions, with their names.
 * Follows https://keras.io/api/applications/ (`decode_predictions`)
 *
 * @throws {RangeError} for predictions of another number of classes than there are names
 */
export async function decodePredictions(
  predictions: tf.Tensor,
  options: DecodeOptions,
): Promise<[number: string, name: string, probability: number][][]> {
  const { top, classIndex } = readOptions("decodePredictions", options, {
    top: 5,
    classIndex: undefined,
  });
  checkNumber("decodePredictions", "top", top, { from: 1, integer: true });
  const classes = requireOption<unknown>(
    "decodePredictions",
    "classIndex",
    classIndex,
    "the content of imagenet_class_index.json",
  ) as ClassIndex;
  const count = Object.keys(classes).length;
  if (predictions.rank !== 2 || predictions.shape[1] !== count) {
    throw new RangeError(
      `decodePredictions: predictions are [${predictions.shape}], expected [n, ${count}]`,
    );
  }
  const values = await predictions.data();
  return Array.from({ length: predictions.shape[0] }, (_, row) => {
    const own = values.slice(row * count, (row + 1) * count);
    const order = Array.from(own, (_, i) => i).sort((a, b) => own[b] - own[a]);
    return order.slice(0, top).map((i) => [...classes[i], own[i]]);
  });
}
