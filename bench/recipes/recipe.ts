/**
 * How a model is trained: plain data, the same for every style.
 * @module
 */

/** An optimizer of the Keras idiom, by its class and its constants. */
export type KerasOptimizerRecipe =
  | {
    readonly name: "RMSprop";
    readonly learningRate: number;
    readonly rho: number;
    readonly epsilon: number;
  }
  | {
    readonly name: "SGD";
    readonly learningRate: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
  }
  | {
    readonly name: "Adam";
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
  };

/** An optimizer of the PyTorch idiom, by its class and its constants. */
export type TorchOptimizerRecipe =
  | { readonly name: "RMSprop"; readonly lr: number; readonly alpha: number; readonly eps: number }
  | {
    readonly name: "SGD";
    readonly lr: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
  }
  | {
    readonly name: "Adam";
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weightDecay: number;
  };

/** What multiplies the optimizer's rate, step by step; the same in all styles. */
export type ScheduleRecipe =
  | { readonly kind: "constant" }
  | { readonly kind: "cosine"; readonly warmupSteps: number }
  | { readonly kind: "oneCycle"; readonly warmupShare: number }
  | { readonly kind: "step"; readonly epochs: number; readonly factor: number };

/** How to train. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** Share of the training images that is kept for validation. */
  readonly validationShare: number;
  readonly schedule: ScheduleRecipe;
  readonly labelSmoothing: number;
  readonly augmentation: {
    readonly horizontalFlip: boolean;
    readonly crop: { readonly padding: number } | null;
  };
  readonly keras: {
    readonly optimizer: KerasOptimizerRecipe;
    readonly inputRange: readonly [number, number];
    /** Whether the model ends in a softmax and the loss takes probabilities. */
    readonly softmaxInModel: boolean;
  };
  readonly torch: {
    readonly optimizer: TorchOptimizerRecipe;
    readonly inputRange: readonly [number, number];
    /** The published quirk: a softmax before a loss that applies its own. */
    readonly softmaxBeforeLoss: boolean;
    /** The published quirk: dropout stays on at evaluation. */
    readonly dropoutAtEvaluation: boolean;
    readonly initialization: "torch" | "keras";
  };
}
