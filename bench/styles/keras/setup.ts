/**
 * What a model and a recipe are in the Keras idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type DataFormat,
  imagesOf,
  Input,
  layers,
  losses,
  metrics,
  Model,
  selectEngine,
  setRandomSeed,
} from "../../../keras_style/mod.ts";
import { type ImageSplit, maxPixelValue } from "../../../fixtures/mod.ts";
import { defaultRuntime } from "../../../onnx/mod.ts";
import { buildKeras, refuseIgnoredFormat } from "../../models/build_keras.ts";
import type { Recipe } from "../../recipes/mod.ts";
import { AugmentedSplit, oneHot } from "../training/augmentation.ts";
import { checkImageSize, missingIdiom, noFirstLayer } from "../check_model.ts";
import { loadIntoKeras } from "../../weights/load_weights.ts";
import { refuseWeights, takeWeights } from "../training/take_weights.ts";
import { watchEngine } from "../fit.ts";
import { trainingLength } from "../training/schedule.ts";
import { initializationImages } from "../training/initialization_images.ts";
import type { ImagesOf, KerasParts } from "./classifier.ts";
import { allLayers, kerasOptimizer } from "./optimizer.ts";
import { SmoothedCrossentropy } from "./smoothed_crossentropy.ts";
import { channelStatistics } from "../training/standardization.ts";
import { stepRates } from "./step_rates.ts";
import type { StyleContext } from "../style.ts";

/** What both Keras styles train with. */
export interface KerasSetup extends Required<KerasParts> {
  readonly imagesOf: ImagesOf;
  readonly dataFormat: DataFormat;
  /** Whether the optimizer's learning rate is set by the loop; else it has a schedule of its own. */
  readonly setsRates: boolean;
  /** Sets `compileSeconds` and `engineSeconds`, where the engine can tell; to be called after the fit. */
  takeTimes(): void;
}

/** Selects the engine, starts the random stream, makes model, loss and optimizer. */
export async function setUpKeras(context: StyleContext): Promise<KerasSetup> {
  const { model, trial, recipe, outcome, train } = context;
  checkImageSize(context);
  if (model.keras === null) throw missingIdiom(model, "Keras");
  const takeTimes = await startEngine(context);
  const { kerasModel, initializeKerasModel } = await model.keras();
  const { imageShape, classNames } = context.dataset;
  const spec = { imageShape, classes: classNames.length };
  const dataFormat = trial.axes.layout === "channels-first" ? "channelsFirst" : "channelsLast";
  if (dataFormat === "channelsFirst") refuseIgnoredFormat(model, kerasModel, spec);
  setRandomSeed(trial.seed);
  const network = buildKeras(model, kerasModel, spec, dataFormat);
  if (initializeKerasModel) {
    const { data, shape } = initializationImages(context, recipe.keras.inputRange);
    const images = tf.tensor4d(data, shape as [number, number, number, number]);
    const given = dataFormat === "channelsFirst" ? tf.transpose(images, [0, 3, 1, 2]) : images;
    await initializeKerasModel(network, given);
    tf.dispose([images, given]);
  }
  if (dataFormat === "channelsFirst") refuseWeights(context);
  await takeWeights(context, network, loadIntoKeras);
  // Running statistics are not trained.
  outcome.parameters = network.trainableVariables.reduce((sum, { size }) => sum + size, 0);
  const rates = stepRates(context);
  const { epochs, stepsPerEpoch } = trainingLength(context);
  setBatchNormalization(network, recipe);
  const scaling = scalingOf(recipe.keras.inputRange, dataFormat, train);
  const whole = asRecipeHasIt(network, recipe, dataFormat, scaling);
  const isMixed = recipe.augmentation.mixing !== null;
  return {
    model: whole,
    loss: lossOf(recipe),
    metric: isMixed ? metrics.CategoricalAccuracy : metrics.SparseCategoricalAccuracy,
    optimizer: kerasOptimizer(whole, recipe, { rates, steps: epochs * stepsPerEpoch }),
    setsRates: rates === undefined,
    imagesOf: imagesFor(dataFormat, isMixed ? spec.classes : null),
    dataFormat,
    takeTimes,
  };
}

/** Batch norm's constants of a recipe in place of the model's. */
function setBatchNormalization(network: Model, { keras: { batchNormalization } }: Recipe): void {
  if (batchNormalization === null) return;
  for (const layer of allLayers(network)) {
    if (layer instanceof layers.BatchNormalization) Object.assign(layer, batchNormalization);
  }
}

async function startEngine(context: StyleContext): Promise<() => void> {
  const { kerasEngine, device, strictDevice, outcome } = context;
  const { engine, provider, notes } = await selectEngine(kerasEngine, {
    // libtensorflow chooses for itself; only onnxruntime is told.
    provider: kerasEngine.startsWith("tfjs-node") ? undefined : device,
    strict: strictDevice,
  });
  outcome.engine = engine;
  outcome.provider = provider;
  outcome.notes.push(...notes);
  return engine === "onnxruntime" ? watchEngine(context, defaultRuntime()) : () => {};
}

/** The model between what the recipe puts before and after it. */
function asRecipeHasIt(
  model: Model,
  { testTimeFlip, testTimeShift, keras: { softmaxInModel } }: Recipe,
  dataFormat: DataFormat,
  before: layers.Layer | null,
): Model {
  const hasViews = testTimeFlip || testTimeShift > 0;
  if (before === null && !softmaxInModel && !hasViews) return model;
  const [, ...shape] = model.inputSpecs[0].shape as number[];
  const inputs = Input({ shape });
  const scaled = before === null ? inputs : before(inputs);
  const views = { flips: testTimeFlip, shift: testTimeShift, dataFormat };
  const logits = hasViews ? new MeanOfViews(model, views)(scaled) : model(scaled);
  return new Model({ inputs, outputs: softmaxInModel ? new layers.Softmax()(logits) : logits });
}

/** Which views of an image there are. */
interface Views {
  readonly flips: boolean;
  /** Pixels; 0: none. */
  readonly shift: number;
  readonly dataFormat: DataFormat;
}

/** Training calls a model as it is, all others average its logits over several views of an image. */
class MeanOfViews extends layers.Layer {
  /** Of a batch's height and width. */
  readonly #axes: readonly [number, number];

  constructor(readonly model: Model, readonly views: Views) {
    super({});
    this.#axes = views.dataFormat === "channelsFirst" ? [2, 3] : [1, 2];
  }

  override call(x: tf.Tensor, { training = false }: { training?: boolean } = {}): tf.Tensor {
    if (training) return this.model(x, { training }) as tf.Tensor;
    const logits = this.#flipped(x);
    if (this.views.shift === 0) return logits;
    const [first, second] = this.#moved(x).map((view) => this.#flipped(view));
    return tf.add(tf.mul(logits, 0.5), tf.mul(tf.add(first, second), 0.25));
  }

  #flipped(x: tf.Tensor): tf.Tensor {
    const logits = this.model(x) as tf.Tensor;
    if (!this.views.flips) return logits;
    return tf.mul(tf.add(logits, this.model(tf.reverse(x, this.#axes[1])) as tf.Tensor), 0.5);
  }

  /** The images moved down and right, and up and left. */
  #moved(x: tf.Tensor): tf.Tensor[] {
    const { shift } = this.views;
    const isMoved = (axis: number) => this.#axes.includes(axis);
    const edges = x.shape.map((_, axis) => isMoved(axis) ? [shift, shift] : [0, 0]);
    const padded = tf.mirrorPad(x, edges as [number, number][], "reflect");
    return [0, 2 * shift].map((start) =>
      tf.slice(padded, x.shape.map((_, axis) => isMoved(axis) ? start : 0), x.shape)
    );
  }
}

/**
 * Trains the first layer of a model no more.
 *
 * @returns whether it was trained before
 * @throws {RecipeError} where there is no such layer
 */
export function freezeFirstLayer(model: Model): boolean {
  const { Dense, Conv1D, Conv2D, Conv3D, DepthwiseConv1D, DepthwiseConv2D } = layers;
  const kinds = [Dense, Conv1D, Conv2D, Conv3D, DepthwiseConv1D, DepthwiseConv2D];
  const first = allLayers(model).find((layer) => kinds.some((kind) => layer instanceof kind));
  if (first === undefined) throw noFirstLayer();
  const wasTrained = first.trainable;
  first.trainable = false;
  return wasTrained;
}

/** What pixels from 0 to 1 go through first; null where they stay as they are. */
function scalingOf(
  inputRange: Recipe["keras"]["inputRange"],
  dataFormat: DataFormat,
  train: ImageSplit,
): layers.Layer | null {
  if (inputRange === "standardized") {
    const { mean, deviation } = channelStatistics(train);
    return new layers.Normalization({
      axis: dataFormat === "channelsFirst" ? 1 : -1,
      mean,
      variance: deviation.map((value) => value ** 2),
    });
  }
  const [low, high] = inputRange;
  return low === 0 && high === 1 ? null : new layers.Rescaling({ scale: high - low, offset: low });
}

function lossOf(
  { labelSmoothing, augmentation: { mixing }, keras: { softmaxInModel } }: Recipe,
): losses.Loss {
  const options = { fromLogits: !softmaxInModel };
  if (mixing !== null) return new losses.CategoricalCrossentropy({ ...options, labelSmoothing });
  return labelSmoothing > 0
    ? new SmoothedCrossentropy(labelSmoothing, options)
    : new losses.SparseCategoricalCrossentropy(options);
}

/**
 * Pixels from 0 to 1; where the channels stand is the layout's.
 *
 * @param classes how many, where labels are shares of classes; null where they are indices
 */
function imagesFor(dataFormat: DataFormat, classes: number | null): ImagesOf {
  return (split) => {
    const [images, labels] = imagesOf(split, { dataFormat, maxValue: maxPixelValue(split.images) });
    if (classes === null) return [images, labels];
    const mixed = split instanceof AugmentedSplit ? split.targets : null;
    const data = mixed ?? oneHot(split as ImageSplit, classes);
    return [images, { data, shape: [split.count, classes] }];
  };
}
