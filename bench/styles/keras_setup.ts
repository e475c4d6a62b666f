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
  Model,
  optimizers,
  selectEngine,
  setRandomSeed,
} from "../../keras_style/mod.ts";
import { maxPixelValue } from "../../fixtures/mod.ts";
import { defaultRuntime } from "../../onnx/mod.ts";
import { type KerasBuilder, ModelError } from "../models/mod.ts";
import type { KerasOptimizerRecipe, Recipe } from "../recipes/mod.ts";
import { checkImageSize, checkOutput, inModel, missingIdiom } from "./check_model.ts";
import { watchEngine } from "./fit.ts";
import { initializationImages } from "./initialization_images.ts";
import type { ImagesOf, KerasParts } from "./keras_classifier.ts";
import { SmoothedCrossentropy } from "./smoothed_crossentropy.ts";
import { type StepRates, stepRates } from "./step_rates.ts";
import type { StyleContext } from "./style.ts";

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
  const { model, trial, recipe, outcome } = context;
  checkImageSize(context);
  if (model.keras === null) throw missingIdiom(model, "Keras");
  const takeTimes = await startEngine(context);
  const { kerasModel, initializeKerasModel } = await model.keras();
  const dataFormat = trial.axes.layout === "channels-first" ? "channelsFirst" : "channelsLast";
  if (dataFormat === "channelsFirst") refuseIgnoredFormat(context, kerasModel);
  setRandomSeed(trial.seed);
  const network = build(context, kerasModel, dataFormat);
  if (initializeKerasModel) {
    const { data, shape } = initializationImages(context, recipe.keras.inputRange);
    const images = tf.tensor4d(data, shape as [number, number, number, number]);
    const given = dataFormat === "channelsFirst" ? tf.transpose(images, [0, 3, 1, 2]) : images;
    await initializeKerasModel(network, given);
    tf.dispose([images, given]);
  }
  // Running statistics are not trained.
  outcome.parameters = network.trainableVariables.reduce((sum, { size }) => sum + size, 0);
  const rates = stepRates(context);
  return {
    model: asRecipeHasIt(network, recipe),
    loss: lossOf(recipe),
    optimizer: optimizerOf(recipe.keras.optimizer, rates),
    setsRates: rates === undefined,
    imagesOf: imagesFor(dataFormat),
    dataFormat,
    takeTimes,
  };
}

async function startEngine(context: StyleContext): Promise<() => void> {
  const { kerasEngine, device, outcome } = context;
  const { engine, provider, notes } = await selectEngine(kerasEngine, {
    // libtensorflow chooses for itself; only onnxruntime is told.
    provider: kerasEngine.startsWith("tfjs-node") ? undefined : device,
  });
  outcome.engine = engine;
  outcome.provider = provider;
  outcome.notes.push(...notes);
  return engine === "onnxruntime" ? watchEngine(context, defaultRuntime()) : () => {};
}

function build(context: StyleContext, kerasModel: KerasBuilder, dataFormat: DataFormat): Model {
  const { model, dataset: { imageShape, classNames } } = context;
  const [height, width, channels] = imageShape;
  const inputShape = dataFormat === "channelsFirst" ? [channels, height, width] : [...imageShape];
  const network = inModel(model, () => {
    const made = kerasModel({ inputShape, classes: classNames.length, dataFormat });
    if (!(made instanceof Model)) {
      throw new ModelError(`kerasModel gives ${made}, expected a keras.Model`);
    }
    made.build([null, ...inputShape]);
    return made;
  });
  const outputs = network.outputSpecs;
  checkOutput(context, outputs.length === 1 ? [...outputs[0].shape] : [outputs.length]);
  return network;
}

/** A builder that does not pass `dataFormat` on would take rows for channels and train something else. */
function refuseIgnoredFormat(context: StyleContext, kerasModel: KerasBuilder): void {
  const [first, last] = (["channelsFirst", "channelsLast"] as const).map((format) => {
    const model = build(context, kerasModel, format);
    const count = model.countParams();
    for (const variable of model.variables) variable.dispose();
    return count;
  });
  if (first === last) return;
  const { name, file } = context.model;
  throw new ModelError(
    `${
      file ?? `model ${name}`
    }: kerasModel does not pass dataFormat on to its layers: ${first} parameters ` +
      `channels-first, ${last} channels-last`,
  );
}

/** The model between what the recipe puts before and after it. */
function asRecipeHasIt(model: Model, { keras: { inputRange, softmaxInModel } }: Recipe): Model {
  const [low, high] = inputRange;
  const isScaled = low !== 0 || high !== 1;
  if (!isScaled && !softmaxInModel) return model;
  const [, ...shape] = model.inputSpecs[0].shape as number[];
  const inputs = Input({ shape });
  const scaled = isScaled
    ? new layers.Rescaling({ scale: high - low, offset: low })(inputs)
    : inputs;
  const logits = model(scaled);
  return new Model({ inputs, outputs: softmaxInModel ? new layers.Softmax()(logits) : logits });
}

function lossOf({ labelSmoothing, keras: { softmaxInModel } }: Recipe): losses.Loss {
  const options = { fromLogits: !softmaxInModel };
  return labelSmoothing > 0
    ? new SmoothedCrossentropy(labelSmoothing, options)
    : new losses.SparseCategoricalCrossentropy(options);
}

function optimizerOf(
  { name, weightDecay, ...options }: KerasOptimizerRecipe,
  rates: StepRates | undefined,
): optimizers.Optimizer {
  return new optimizers[name]({
    ...options,
    ...(rates ? { learningRate: rates } : {}),
    weightDecay: weightDecay === 0 ? null : weightDecay,
  });
}

/** Pixels from 0 to 1; where the channels stand is the layout's. */
function imagesFor(dataFormat: DataFormat): ImagesOf {
  return (split) => imagesOf(split, { dataFormat, maxValue: maxPixelValue(split.images) });
}
