/**
 * What a model and a recipe are in the PyTorch idiom.
 * @module
 */
import type { ImageSplit } from "../../../fixtures/mod.ts";
import { useProvider } from "../../../onnx/mod.ts";
import {
  data,
  fromArray,
  ImageDataset,
  manualSeed,
  nn,
  optim,
  type Tensor,
} from "../../../torch_style/mod.ts";
import { buildTorch } from "../../models/build_torch.ts";
import type { Recipe } from "../../recipes/mod.ts";
import { AugmentedSplit, oneHot } from "../training/augmentation.ts";
import { checkImageSize, missingIdiom, noFirstLayer } from "../check_model.ts";
import { loadIntoTorch } from "../../weights/load_weights.ts";
import { takeWeights } from "../training/take_weights.ts";
import { watchEngine } from "../fit.ts";
import { initializationImages } from "../training/initialization_images.ts";
import { channelStatistics } from "../training/standardization.ts";
import type { StyleContext } from "../style.ts";
import { trainingLength } from "../training/schedule.ts";
import { dropoutsOf, TorchClassifier } from "./classifier.ts";
import { TorchLookahead } from "./lookahead.ts";
import { batchNorms, torchOptimizer } from "./optimizer.ts";

const { AveragedModel, getEmaAvgFn } = optim.swaUtils;

/** What the PyTorch style trains with. */
export interface TorchSetup {
  readonly classifier: TorchClassifier;
  /** Shape of one image, as the network takes it. */
  readonly inputShape: readonly number[];
  load(split: ImageSplit, batchSize: number, shuffle?: boolean): data.DataLoader;
  /** Sets `compileSeconds` and `engineSeconds`; to be called after the fit. */
  takeTimes(): void;
}

/** Selects the provider, starts the random stream, makes network, criterion and optimizer. */
export async function setUpTorch(context: StyleContext): Promise<TorchSetup> {
  const { model, trial, recipe, outcome, device, strictDevice, train } = context;
  checkImageSize(context);
  if (model.torch === null) throw missingIdiom(model, "PyTorch");
  const runtime = useProvider(device, { strict: strictDevice });
  const takeTimes = watchEngine(context, runtime);
  outcome.engine = "onnxruntime";
  outcome.provider = runtime.provider;
  const { TorchModel, initializeTorchModel } = await model.torch();
  manualSeed(trial.seed);
  const { imageShape, classNames } = context.dataset;
  const network = buildTorch(model, TorchModel, { imageShape, classes: classNames.length });
  outcome.parameters = network.countParameters();
  initialize(network, recipe);
  if (initializeTorchModel) {
    const { data, shape } = initializationImages(context, recipe.torch.inputRange);
    await initializeTorchModel(network, fromArray(data, shape).permute(0, 3, 1, 2));
  }
  await takeWeights(context, network, loadIntoTorch);
  noteDropout(context, network);
  const channelsLast = trial.axes.layout === "channels-last";
  const scaling = recipe.torch.inputRange === "standardized" ? standardizing(train) : null;
  const [height, width, channels] = imageShape;
  const isMixed = recipe.augmentation.mixing !== null;
  return {
    classifier: classifierOf(asRecipeHasIt(network, recipe, channelsLast, scaling), context),
    inputShape: channelsLast ? [height, width, channels] : [channels, height, width],
    load: (split, batchSize, shuffle = false) => {
      const images = imagesOf(split, recipe, channelsLast);
      const dataset = isMixed ? new WithTargets(images, split, context) : images;
      return new data.DataLoader(dataset, { batchSize, shuffle });
    },
    takeTimes,
  };
}

/** Images as they come out of the host's memory: in a range, or from 0 to 1 where they are standardized in the graph. */
function imagesOf(split: ImageSplit, { torch }: Recipe, channelsLast = false): ImageDataset {
  const range = torch.inputRange === "standardized" ? [0, 1] as const : torch.inputRange;
  return new ImageDataset(split, { range, channelsLast });
}

/** Images with shares of classes in place of labels. */
class WithTargets implements data.Dataset {
  readonly length: number;
  readonly #images: ImageDataset;
  readonly #targets: Float32Array;
  readonly #classes: number;

  constructor(images: ImageDataset, split: ImageSplit, { dataset }: StyleContext) {
    this.length = images.length;
    this.#images = images;
    this.#classes = dataset.classNames.length;
    const mixed = split instanceof AugmentedSplit ? split.targets : null;
    this.#targets = mixed ?? oneHot(split, this.#classes);
  }

  getItem(index: number): data.Sample {
    return this.getItems(Int32Array.of(index)).map((batch) => batch.squeeze(0));
  }

  getItems(indices: Int32Array): data.Sample {
    const classes = this.#classes;
    const rows = new Float32Array(indices.length * classes);
    indices.forEach((index, i) =>
      rows.set(this.#targets.subarray(index * classes, (index + 1) * classes), i * classes)
    );
    const [images] = this.#images.getItems(indices);
    return [images, fromArray(rows, [indices.length, classes])];
  }
}

/** A module that makes each channel's mean 0 and deviation 1 over some images, which it takes from 0 to 1. */
function standardizing(train: ImageSplit): Standardize {
  const { mean, deviation } = channelStatistics(train);
  return new Standardize(mean, deviation);
}

/** (x - mean) / deviation of images [n, channels, height, width], channel by channel. */
class Standardize extends nn.Module<[Tensor]> {
  mean: Tensor;
  deviation: Tensor;

  constructor(mean: readonly number[], deviation: readonly number[]) {
    super();
    const column = (values: readonly number[]) =>
      fromArray(Float32Array.from(values), [values.length, 1, 1]);
    this.mean = this.registerBuffer("mean", column(mean));
    this.deviation = this.registerBuffer("deviation", column(deviation));
  }

  override forward(x: Tensor): Tensor {
    return x.sub(this.mean).div(this.deviation);
  }
}

/** What a recipe makes of a new network's weights and batch norms. */
function initialize(network: nn.Module, { torch: { initialization, batchNorm } }: Recipe): void {
  for (const module of network.modules()) {
    if (initialization === "keras") initializeAsKeras(module);
    if (initialization === "torch" && hasKernel(module)) module.resetParameters();
    if (batchNorm !== null && batchNorms.some((kind) => module instanceof kind)) {
      Object.assign(module, batchNorm);
    }
  }
}

/** Modules whose weights Keras and PyTorch draw in different ways. */
function hasKernel(module: nn.AnyModule): module is nn.Linear {
  const kinds = [
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
    nn.Linear,
  ];
  return kinds.some((kind) => module instanceof kind);
}

/** Draws a convolution or `Linear` as Keras does: Glorot uniform weights, zero biases. Other modules stay as they are. */
export function initializeAsKeras(module: nn.AnyModule): void {
  if (!hasKernel(module)) return;
  const { weight, bias } = module;
  nn.init.xavierUniform_(weight);
  if (bias) nn.init.zeros_(bias);
}

/** A quirk that the network gives no occasion for is said, not passed over. */
function noteDropout({ recipe, outcome }: StyleContext, network: nn.Module): void {
  if (!recipe.torch.dropoutAtEvaluation || dropoutsOf(network).length > 0) return;
  outcome.notes.push(
    "dropoutAtEvaluation changes nothing: the network has no nn.Dropout module",
  );
}

/** The network between what the recipe and the layout put before and after it. */
function asRecipeHasIt(
  network: nn.Module,
  { testTimeFlip, testTimeShift, torch: { softmaxBeforeLoss } }: Recipe,
  channelsLast: boolean,
  scaling: Standardize | null,
): nn.Module {
  const hasViews = testTimeFlip || testTimeShift > 0;
  if (!softmaxBeforeLoss && !channelsLast && !hasViews && scaling === null) return network;
  return new nn.Sequential(
    ...channelsLast ? [new ToChannelsFirst()] : [],
    ...scaling === null ? [] : [scaling],
    hasViews ? new MeanOfViews(network, testTimeFlip, testTimeShift) : network as nn.TensorModule,
    ...softmaxBeforeLoss ? [new nn.Softmax(1)] : [],
  ) as unknown as nn.Module;
}

/** [n, height, width, channels] to [n, channels, height, width]: another view, the memory stays as it is. */
class ToChannelsFirst extends nn.Module<[Tensor]> {
  override forward(x: Tensor): Tensor {
    return x.permute(0, 3, 1, 2);
  }
}

/** In training the network as it is, in eval mode the mean of its logits for several views of an image. */
class MeanOfViews extends nn.Module<[Tensor]> {
  constructor(readonly network: nn.Module, readonly flips: boolean, readonly shift: number) {
    super();
  }

  override forward(x: Tensor): Tensor {
    if (this.training) return this.network(x) as Tensor;
    const logits = meanOfFlips(this, x);
    if (this.shift === 0) return logits;
    const [height, width] = x.shape.slice(2);
    const padded = nn.functional.pad(x, new Array(4).fill(this.shift), { mode: "reflect" });
    const moved = [0, 2 * this.shift].map((start) =>
      meanOfFlips(this, padded.narrow(2, start, height).narrow(3, start, width))
    );
    return logits.mul(0.5).add(moved[0].add(moved[1]).mul(0.25));
  }
}

/** No private method: a module with such cannot be copied, as an average of the weights asks for. */
function meanOfFlips({ network, flips }: MeanOfViews, x: Tensor): Tensor {
  const logits = network(x) as Tensor;
  return flips ? logits.add(network(x.flip(3)) as Tensor).mul(0.5) : logits;
}

/** Trains the first layer of a network no more. @throws {RecipeError} where it has none */
export function freezeFirstLayer(network: nn.Module): void {
  const first = network.modules().find(hasKernel);
  if (first === undefined) throw noFirstLayer();
  for (const parameter of first.parameters()) {
    parameter.requiresGrad_(false);
    parameter.grad = null;
  }
}

function classifierOf(network: nn.Module, context: StyleContext): TorchClassifier {
  const { recipe } = context;
  const { labelSmoothing, torch, accumulation, clipNorm, weightAverage, lookahead } = recipe;
  const { epochs, stepsPerEpoch } = trainingLength(context);
  return new TorchClassifier({
    network,
    criterion: new nn.CrossEntropyLoss({ labelSmoothing }),
    optimizer: torchOptimizer(network, recipe),
    dropoutAtEvaluation: torch.dropoutAtEvaluation,
    accumulation,
    clipNorm,
    average: weightAverage === null ? null : new AveragedModel(network, {
      avgFn: getEmaAvgFn(weightAverage.decay),
    }),
    overwriteEvery: weightAverage?.overwriteEvery ?? null,
    lookahead: lookahead &&
      new TorchLookahead(network, { ...lookahead, steps: epochs * stepsPerEpoch }),
  });
}
