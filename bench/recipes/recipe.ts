/**
 * How a model is trained: plain data that could stand in a JSON file, the same for every style.
 * @module
 */

/**
 * An optimizer of the Keras idiom, by its class and its options. `weightDecay` is Keras': a share of the weight, times the
 * learning rate, is taken off at every step.
 */
export type KerasOptimizerRecipe =
  | {
    readonly name: "RMSprop";
    readonly learningRate: number;
    readonly rho: number;
    readonly momentum: number;
    /** Added under the root. */
    readonly epsilon: number;
    readonly weightDecay: number;
  }
  | {
    readonly name: "SGD";
    readonly learningRate: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
  }
  | {
    readonly name: "Adam" | "AdamW";
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
  };

/**
 * An optimizer of the PyTorch idiom, by its class and its options. `weightDecay` is PyTorch's: a penalty in the gradient
 * but for `AdamW`, which does as Keras.
 */
export type TorchOptimizerRecipe =
  | {
    readonly name: "RMSprop";
    readonly lr: number;
    readonly alpha: number;
    readonly momentum: number;
    /** Added to the root. */
    readonly eps: number;
    readonly weightDecay: number;
  }
  | {
    readonly name: "SGD";
    readonly lr: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
  }
  | {
    readonly name: "Adam" | "AdamW";
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weightDecay: number;
  };

/**
 * What multiplies the optimizer's learning rate, step by step; the same in all styles.
 *
 * - `constant`: 1.
 * - `cosine`: up from 0 over `warmupSteps`, then along a half cosine from 1 to `finalFactor`.
 * - `oneCycle`: PyTorch's `OneCycleLR`: from 1 / `startDivisor` up to 1 over `warmupShare` of all steps, then down to
 *   1 / (`startDivisor` x `finalDivisor`).
 * - `step`: multiplied by `factor` after every `epochs` epochs, as PyTorch's `StepLR`.
 */
export type ScheduleRecipe =
  | { readonly kind: "constant" }
  | { readonly kind: "cosine"; readonly warmupSteps: number; readonly finalFactor: number }
  | {
    readonly kind: "oneCycle";
    readonly warmupShare: number;
    readonly startDivisor: number;
    readonly finalDivisor: number;
  }
  | { readonly kind: "step"; readonly epochs: number; readonly factor: number };

/** What the least and the greatest value of a pixel are mapped to. */
export type InputRange = readonly [low: number, high: number];

/** What is done to training images, anew in every epoch; an image is changed in the same way in all styles. */
export interface AugmentationRecipe {
  /** Mirrors half of the images. */
  readonly horizontalFlip: boolean;
  /** Pads with zeros on all sides and cuts an image of the old size out at random; null: no. */
  readonly crop: { readonly padding: number } | null;
}

/** How to train in the Keras idiom. */
export interface KerasRecipe {
  readonly optimizer: KerasOptimizerRecipe;
  readonly inputRange: InputRange;
  /** Whether the model ends in a softmax and the loss takes probabilities; else the loss takes logits. */
  readonly softmaxInModel: boolean;
}

/** How to train in the PyTorch idiom. */
export interface TorchRecipe {
  readonly optimizer: TorchOptimizerRecipe;
  readonly inputRange: InputRange;
  /** A published quirk: a softmax before `CrossEntropyLoss`, which applies its own. */
  readonly softmaxBeforeLoss: boolean;
  /** A published quirk: `nn.Dropout` modules drop at evaluation too (not in `predict` and in exported files). */
  readonly dropoutAtEvaluation: boolean;
  /** `torch`: as the modules draw them; `keras`: Glorot uniform weights and zero biases for every convolution and `Linear`. */
  readonly initialization: "torch" | "keras";
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
  readonly schedule: ScheduleRecipe;
  /** Of the cross entropy, from 0 to below 1. */
  readonly labelSmoothing: number;
  readonly augmentation: AugmentationRecipe;
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
