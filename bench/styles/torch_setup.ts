/**
 * What a model and a recipe are in the PyTorch idiom.
 * @module
 */
import type { ImageSplit } from "../../fixtures/mod.ts";
import { useProvider } from "../../onnx/mod.ts";
import {
  data,
  fromArray,
  ImageDataset,
  manualSeed,
  nn,
  noGrad,
  optim,
  type Tensor,
  zeros,
} from "../../torch_style/mod.ts";
import { defaultGenerator } from "../../torch_style/random.ts";
import { ModelError, type TorchModelClass } from "../models/mod.ts";
import type { Recipe, TorchOptimizerRecipe } from "../recipes/mod.ts";
import { checkImageSize, checkOutput, inModel, missingIdiom } from "./check_model.ts";
import { watchEngine } from "./fit.ts";
import { initializationImages } from "./initialization_images.ts";
import type { StyleContext } from "./style.ts";
import { dropoutsOf, TorchClassifier } from "./torch_classifier.ts";

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
  const { model, trial, recipe, outcome, device } = context;
  checkImageSize(context);
  if (model.torch === null) throw missingIdiom(model, "PyTorch");
  const runtime = useProvider(device);
  const takeTimes = watchEngine(context, runtime);
  outcome.engine = "onnxruntime";
  outcome.provider = runtime.provider;
  const { TorchModel, initializeTorchModel } = await model.torch();
  manualSeed(trial.seed);
  const network = build(context, TorchModel);
  outcome.parameters = network.countParameters();
  if (recipe.torch.initialization === "keras") network.modules().forEach(initializeAsKeras);
  if (initializeTorchModel) {
    const { data, shape } = initializationImages(context, recipe.torch.inputRange);
    await initializeTorchModel(network, fromArray(data, shape).permute(0, 3, 1, 2));
  }
  noteDropout(context, network);
  const channelsLast = trial.axes.layout === "channels-last";
  const range = recipe.torch.inputRange;
  const [height, width, channels] = context.dataset.imageShape;
  return {
    classifier: classifierOf(asRecipeHasIt(network, recipe, channelsLast), recipe),
    inputShape: channelsLast ? [height, width, channels] : [channels, height, width],
    load: (split, batchSize, shuffle = false) =>
      new data.DataLoader(new ImageDataset(split, { range, channelsLast }), { batchSize, shuffle }),
    takeTimes,
  };
}

function build(context: StyleContext, TorchModel: TorchModelClass): nn.Module {
  const { model, dataset: { imageShape: [height, width, channels], classNames } } = context;
  const inputShape = [channels, height, width];
  const network = inModel(model, () => {
    const made: unknown = new TorchModel({ inputShape, classes: classNames.length });
    if (made instanceof nn.Module) return made as nn.Module;
    throw new ModelError(`TorchModel makes ${made}, expected a torch.nn.Module`);
  });
  checkOutput(context, inModel(model, () => outputShape(network, inputShape)));
  return network;
}

/** The shape of what a network gives for one image. Nothing is computed, and no random numbers are used up. */
function outputShape(network: nn.Module, inputShape: readonly number[]): readonly number[] {
  const stream = defaultGenerator();
  const { state } = stream;
  network.eval();
  const output: unknown = noGrad(() => network(zeros([1, ...inputShape])));
  network.train();
  stream.state = state;
  const { shape } = output as { shape?: readonly number[] };
  if (shape) return shape;
  throw new ModelError(`forward gives ${output}, expected a tensor`);
}

/** Draws a convolution or `Linear` as Keras does: Glorot uniform weights, zero biases. Other modules stay as they are. */
export function initializeAsKeras(module: nn.AnyModule): void {
  const kinds = [
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
    nn.Linear,
  ];
  if (!kinds.some((kind) => module instanceof kind)) return;
  const { weight, bias } = module as nn.Linear;
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
  { torch: { softmaxBeforeLoss } }: Recipe,
  channelsLast: boolean,
): nn.Module {
  if (!softmaxBeforeLoss && !channelsLast) return network;
  return new nn.Sequential(
    ...channelsLast ? [new ToChannelsFirst()] : [],
    network as nn.TensorModule,
    ...softmaxBeforeLoss ? [new nn.Softmax(1)] : [],
  ) as unknown as nn.Module;
}

/** [n, height, width, channels] to [n, channels, height, width]: another view, the memory stays as it is. */
class ToChannelsFirst extends nn.Module<[Tensor]> {
  override forward(x: Tensor): Tensor {
    return x.permute(0, 3, 1, 2);
  }
}

function classifierOf(network: nn.Module, { labelSmoothing, torch }: Recipe): TorchClassifier {
  return new TorchClassifier({
    network,
    criterion: new nn.CrossEntropyLoss({ labelSmoothing }),
    optimizer: optimizerOf(network, torch.optimizer),
    dropoutAtEvaluation: torch.dropoutAtEvaluation,
  });
}

function optimizerOf(
  network: nn.Module,
  { name, ...options }: TorchOptimizerRecipe,
): optim.Optimizer {
  // The schema has checked that the options are the class' own.
  const make = optim[name] as new (
    parameters: nn.Parameter[],
    options: object,
  ) => optim.Optimizer;
  return new make(network.parameters(), options);
}
