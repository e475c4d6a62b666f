/**
 * How a model is trained: plain data that could stand in a JSON file, the same for every style.
 * @module
 */

/** An optimizer of the Keras idiom, by its class and its options. */
export type KerasOptimizerRecipe =
  | {
    readonly name: "RMSprop";
    readonly learningRate: number;
    readonly rho: number;
    readonly momentum: number;
    /** Added under the root. */
    readonly epsilon: number;
  }
  | {
    readonly name: "SGD";
    readonly learningRate: number;
    readonly momentum: number;
    readonly nesterov: boolean;
  }
  | {
    readonly name: "Adam";
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };

/** An optimizer of the PyTorch idiom, by its class and its options. */
export type TorchOptimizerRecipe =
  | {
    readonly name: "RMSprop";
    readonly lr: number;
    readonly alpha: number;
    readonly momentum: number;
    /** Added to the root. */
    readonly eps: number;
  }
  | {
    readonly name: "SGD";
    readonly lr: number;
    readonly momentum: number;
    readonly nesterov: boolean;
  }
  | {
    readonly name: "Adam";
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
  };

/**
 * Weights that shrink at every step.
 *
 * - `coupled`: `rate` times the weight is added to its gradient, after clipping: PyTorch's `weight_decay` of SGD.
 * - `decoupled`: the learning rate times `rate` of the weight is taken off it: Keras' `weight_decay`, and AdamW.
 */
export interface WeightDecayRecipe {
  readonly kind: "coupled" | "decoupled";
  readonly rate: number;
  /** `weights`: all but norms, biases and whatever else has one dimension. */
  readonly on: "all" | "weights";
}

/**
 * What multiplies the optimizer's learning rate, step by step; the same in all styles.
 *
 * - `constant`: 1.
 * - `cosine`: up from 0 over `warmupSteps`, then along a half cosine from 1 to `finalFactor`.
 * - `linear`: along a line from `startFactor` up to 1 over `warmupShare` of all steps, then along a line to `finalFactor`.
 * - `oneCycle`: PyTorch's `OneCycleLR`: from 1 / `startDivisor` up to 1 over `warmupShare` of all steps, then down to
 *   1 / (`startDivisor` x `finalDivisor`).
 * - `step`: multiplied by `factor` after every `epochs` epochs, as PyTorch's `StepLR`.
 */
export type ScheduleRecipe =
  | { readonly kind: "constant" }
  | { readonly kind: "cosine"; readonly warmupSteps: number; readonly finalFactor: number }
  | {
    readonly kind: "linear";
    readonly warmupShare: number;
    readonly startFactor: number;
    readonly finalFactor: number;
  }
  | {
    readonly kind: "oneCycle";
    readonly warmupShare: number;
    readonly startDivisor: number;
    readonly finalDivisor: number;
  }
  | { readonly kind: "step"; readonly epochs: number; readonly factor: number };

/**
 * What pixels become: the least value and the greatest one are mapped to `[low, high]`; or `standardized`: each channel has
 * mean 0 and standard deviation 1 over the training images.
 */
export type InputRange = readonly [low: number, high: number] | "standardized";

/** What is done to training images, anew in every epoch; an image is changed in the same way in all styles. */
export interface AugmentationRecipe {
  /** `random`: mirrors half of the images; `alternating`: of the two views of an image one in every other epoch. */
  readonly horizontalFlip: "none" | "random" | "alternating";
  /** Pads on all sides, with black or with the mirrored image, and cuts an image of the old size out at random; null: no. */
  readonly crop: { readonly padding: number; readonly fill: "black" | "reflect" } | null;
  /** Blackens a square of so many pixels around a random pixel, cut off at the edges; null: no. */
  readonly cutout: { readonly size: number } | null;
  /**
   * Mixes an image with another one of the epoch, and their labels in the same share, which is drawn from Beta(alpha,
   * alpha): `mixup` adds their pixels, `cutmix` pastes a rectangle of the other one; null: no.
   */
  readonly mixing: { readonly kind: "mixup" | "cutmix"; readonly alpha: number } | null;
}

/** A moving average of the weights, with which is validated and tested, and which is exported. */
export interface WeightAverageRecipe {
  /** How much of the average a step keeps. */
  readonly decay: number;
  /** After how many steps the weights are set to their average (look-ahead); null: never. */
  readonly overwriteEvery: number | null;
}

/**
 * Slow weights: every so many steps they take in a share of what was trained, and the weights and running statistics are set
 * to them. After the last step of all epochs the network is the slow one.
 */
export interface LookaheadRecipe {
  /** After how many steps. */
  readonly every: number;
  /** How much of themselves the slow weights keep at the end; before, it is less: times (step / steps)^`power`. */
  readonly decay: number;
  /** 0: the same share at every step. */
  readonly power: number;
}

/** A training ends before its last epoch. */
export interface EarlyStoppingRecipe {
  /** After so many epochs without a lower validation loss. */
  readonly patience: number;
  /** How much lower counts. */
  readonly minDelta: number;
  /** Whether the network is then what it was after its best epoch. */
  readonly restoreBest: boolean;
}

/** How to train in the Keras idiom. */
export interface KerasRecipe {
  readonly optimizer: KerasOptimizerRecipe;
  readonly inputRange: InputRange;
  /** Whether the model ends in a softmax and the loss takes probabilities; else the loss takes logits. */
  readonly softmaxInModel: boolean;
  /** Constants of all `BatchNormalization` layers; null: the model's own. */
  readonly batchNormalization: { readonly momentum: number; readonly epsilon: number } | null;
}

/** How to train in the PyTorch idiom. */
export interface TorchRecipe {
  readonly optimizer: TorchOptimizerRecipe;
  readonly inputRange: InputRange;
  /** A published quirk: a softmax before `CrossEntropyLoss`, which applies its own. */
  readonly softmaxBeforeLoss: boolean;
  /** A published quirk: `nn.Dropout` modules drop at evaluation too (not in `predict` and in exported files). */
  readonly dropoutAtEvaluation: boolean;
  /**
   * Of every convolution and `Linear`. `model`: as the model draws them; `torch`: as `nn.Conv2d` and `nn.Linear` do unless
   * told otherwise; `keras`: as Keras' layers do, Glorot uniform weights and zero biases.
   */
  readonly initialization: "model" | "torch" | "keras";
  /** Constants of all `nn.BatchNorm` modules; null: the model's own. */
  readonly batchNorm: { readonly momentum: number; readonly eps: number } | null;
}

/** How to train. */
export interface Recipe {
  /** Short, for tables and file names. */
  readonly name: string;
  /** One line for reports. */
  readonly title: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** Share of the training images, the last ones, that is kept for validation. */
  readonly validationShare: number;
  /**
   * The order of the images in an epoch. `own`: each idiom shuffles by its own random numbers, as a program written in it
   * does; `shared`: one order for all styles, so that all train on the same batches.
   */
  readonly order: "own" | "shared";
  readonly schedule: ScheduleRecipe;
  /** Of the cross entropy, from 0 to below 1. */
  readonly labelSmoothing: number;
  readonly augmentation: AugmentationRecipe;
  /** null: none. */
  readonly weightDecay: WeightDecayRecipe | null;
  /** What the learning rate of norms' weights and biases is multiplied by; weight decay goes by the plain rate. */
  readonly normRateFactor: number;
  /** After how many epochs the first convolution or dense layer is trained no more; null: all are to the end. */
  readonly firstLayerEpochs: number | null;
  /** How many batches' gradients are averaged to an update. */
  readonly accumulation: number;
  /** The greatest norm of all gradients taken together; larger ones are scaled down; null: as they are. */
  readonly clipNorm: number | null;
  /** null: none. */
  readonly weightAverage: WeightAverageRecipe | null;
  /** null: none. */
  readonly lookahead: LookaheadRecipe | null;
  /** null: all epochs. */
  readonly earlyStopping: EarlyStoppingRecipe | null;
  /** Whether logits at validation and test are means over an image and its mirror image; the exported file does so too. */
  readonly testTimeFlip: boolean;
  /**
   * By how many pixels images at validation and test are moved, up and left, and down and right: each of these views' logits
   * count a quarter, the image's own a half; 0: there are no such views. What is missing at the edges is mirrored.
   */
  readonly testTimeShift: number;
  readonly keras: KerasRecipe;
  readonly torch: TorchRecipe;
}

/** Some of an object's fields, and of the objects in it. */
export type Partially<T> = T extends readonly unknown[] ? T
  : T extends object ? { readonly [K in keyof T]?: Partially<T[K]> }
  : T;

/** What a single change of an ablation, or a flag, sets in a recipe. */
export type RecipeChange = Partially<Recipe>;

/** A recipe that cannot be used: the message is one line for the user. */
export class RecipeError extends Error {
  override name = "RecipeError";
}
