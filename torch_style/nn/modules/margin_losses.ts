/**
 * Losses that ask for a margin, and likelihoods of distributions, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#loss-functions
 * @module
 */
import {
  type Call,
  type Declarations,
  kinds,
  type Signature,
  signature,
  type ValuesOf,
} from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import type { CrossEntropyOptions } from "../functional/cross_entropy.ts";
import { CTC, ctcLoss, type CtcOptions, type Lengths } from "../functional/ctc_loss.ts";
import {
  GAUSSIAN,
  gaussianNllLoss,
  type GaussianNllOptions,
  linearCrossEntropy,
  POISSON,
  poissonNllLoss,
  type PoissonNllOptions,
} from "../functional/likelihood_loss.ts";
import {
  COSINE_EMBEDDING,
  cosineEmbeddingLoss,
  type Distance,
  HINGE,
  hingeEmbeddingLoss,
  type MarginOption,
  marginRankingLoss,
  MULTI_MARGIN,
  MULTILABEL_MARGIN,
  MULTILABEL_SOFT,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  type MultilabelSoftOptions,
  multiMarginLoss,
  type MultiMarginOptions,
  RANKING,
  SOFT_MARGIN,
  softMarginLoss,
  TRIPLET,
  TRIPLET_DISTANCE,
  type TripletDistanceOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  type TripletOptions,
} from "../functional/margin_loss.ts";
import type { ReductionOption } from "../functional/reduction.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { boolText } from "../python_text.ts";
import { PairwiseDistance } from "./similarity.ts";

/** The options of a loss, read by the signature of its function. */
abstract class MarginLoss<S extends Signature<Declarations>, Inputs extends readonly unknown[]>
  extends Module<Inputs, Tensor> {
  readonly options: ValuesOf<S>;

  constructor(takes: S, given: readonly unknown[]) {
    super();
    this.options = takes.named(new.target.name).read(given) as ValuesOf<S>;
  }
}

type Pair = [input: Tensor, target: Tensor];
type Two = [input1: Tensor, input2: Tensor, target: Tensor];
type Triplet = [anchor: Tensor, positive: Tensor, negative: Tensor];

/** Which of two is to be ranked higher: target 1 or -1 */
export class MarginRankingLoss extends MarginLoss<typeof RANKING, Two> {
  constructor(...given: Call<typeof RANKING, MarginOption>) {
    super(RANKING, given);
  }
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this.options);
  }
}

/** A distance that is to be small (target 1) or beyond a margin (-1) */
export class HingeEmbeddingLoss extends MarginLoss<typeof HINGE, Pair> {
  constructor(...given: Call<typeof HINGE, MarginOption>) {
    super(HINGE, given);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.options);
  }
}

/** Vectors that are to point the same way (target 1) or not (-1) */
export class CosineEmbeddingLoss extends MarginLoss<typeof COSINE_EMBEDDING, Two> {
  constructor(...given: Call<typeof COSINE_EMBEDDING, MarginOption>) {
    super(COSINE_EMBEDDING, given);
  }
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, this.options);
  }
}

/** An anchor that is to be nearer to a positive than to a negative */
export class TripletMarginLoss extends MarginLoss<typeof TRIPLET, Triplet> {
  constructor(...given: Call<typeof TRIPLET, TripletOptions>) {
    super(TRIPLET, given);
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}

/** {@linkcode TripletMarginLoss} by a distance of one's own */
export class TripletMarginWithDistanceLoss extends MarginLoss<typeof TRIPLET_DISTANCE, Triplet> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    distanceFunction: "distance_function",
  };
  /** A module that is learned too, or a function. */
  distanceFunction: Distance;

  constructor(...given: Call<typeof TRIPLET_DISTANCE, TripletDistanceOptions>) {
    super(TRIPLET_DISTANCE, given);
    this.distanceFunction = this.options.distanceFunction ?? new PairwiseDistance();
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction } = this;
    return tripletMarginWithDistanceLoss(anchor, positive, negative, {
      ...this.options,
      distanceFunction,
    });
  }
}

/** log(1 + exp(-target input)), target 1 or -1 */
export class SoftMarginLoss extends MarginLoss<typeof SOFT_MARGIN, Pair> {
  constructor(...given: Call<typeof SOFT_MARGIN, ReductionOption>) {
    super(SOFT_MARGIN, given);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.options);
  }
}

/** One right class of each sample, ahead of the others by a margin */
export class MultiMarginLoss extends MarginLoss<typeof MULTI_MARGIN, Pair> {
  weight: Tensor | null;
  constructor(...given: Call<typeof MULTI_MARGIN, MultiMarginOptions>) {
    super(MULTI_MARGIN, given);
    this.weight = this.registerBuffer("weight", this.options.weight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, { ...this.options, weight: this.weight });
  }
}

/** Several right classes of each sample, ahead of the others by a margin */
export class MultiLabelMarginLoss extends MarginLoss<typeof MULTILABEL_MARGIN, Pair> {
  constructor(...given: Call<typeof MULTILABEL_MARGIN, ReductionOption>) {
    super(MULTILABEL_MARGIN, given);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this.options);
  }
}

/** Binary cross entropy of each class' logit */
export class MultiLabelSoftMarginLoss extends MarginLoss<typeof MULTILABEL_SOFT, Pair> {
  weight: Tensor | null;
  constructor(...given: Call<typeof MULTILABEL_SOFT, MultilabelSoftOptions>) {
    super(MULTILABEL_SOFT, given);
    this.weight = this.registerBuffer("weight", this.options.weight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, { ...this.options, weight: this.weight });
  }
}

/** Targets drawn from normal distributions of given means and variances */
export class GaussianNLLLoss
  extends MarginLoss<typeof GAUSSIAN, [input: Tensor, target: Tensor, variance: Tensor | number]> {
  constructor(...given: Call<typeof GAUSSIAN, GaussianNllOptions>) {
    super(GAUSSIAN, given);
  }
  override forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    return gaussianNllLoss(input, target, variance, this.options);
  }
}

/** Targets drawn from Poisson distributions of given rates */
export class PoissonNLLLoss extends MarginLoss<typeof POISSON, Pair> {
  constructor(...given: Call<typeof POISSON, PoissonNllOptions>) {
    super(POISSON, given);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.options);
  }
}

/** Connectionist temporal classification; see {@linkcode ctcLoss} */
export class CTCLoss extends MarginLoss<
  typeof CTC,
  [logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths]
> {
  constructor(...given: Call<typeof CTC, CtcOptions>) {
    super(CTC, given);
  }
  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Lengths,
    targetLengths: Lengths,
  ): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}

/** Options of {@linkcode LinearCrossEntropyLoss}. */
export interface LinearCrossEntropyLossOptions extends CrossEntropyOptions {
  /** Whether the logits have a bias; false unless given. */
  readonly bias?: boolean;
}

const LINEAR_CROSS_ENTROPY = signature(
  "LinearCrossEntropyLoss",
  ["inFeatures", kinds.integer],
  ["numClasses", kinds.integer],
  "*",
  ["bias", kinds.boolean, false],
  ["reduction", kinds.oneOf("none", "mean", "sum"), "mean"],
  ["weight", kinds.any, null],
  ["ignoreIndex", kinds.integer, -100],
  ["labelSmoothing", kinds.number, 0],
);

/** Cross entropy of logits that are linear in the input; the weights are the loss' own */
export class LinearCrossEntropyLoss extends Module<Pair> {
  linear: Linear;
  weight: Tensor | null;
  readonly options: CrossEntropyOptions;

  constructor(
    ...given: Call<
      typeof LINEAR_CROSS_ENTROPY,
      LinearCrossEntropyLossOptions,
      [inFeatures: number, numClasses: number]
    >
  ) {
    super();
    const { inFeatures, numClasses, bias, weight, ...options } = LINEAR_CROSS_ENTROPY.read(given);
    this.options = options;
    this.linear = new Linear(inFeatures, numClasses, { bias });
    this.weight = this.registerBuffer("weight", weight as Tensor | null);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, bias } = this.linear;
    return linearCrossEntropy(input, weight, target, {
      ...this.options,
      weight: this.weight,
      linearBias: bias,
    });
  }
  override extraRepr(): string {
    const { linear, options: { reduction, ignoreIndex, labelSmoothing } } = this;
    return `in_features=${linear.inFeatures}, num_classes=${linear.outFeatures}, out_features=(), ` +
      `bias=${boolText(linear.bias !== null)}, reduction=${reduction}, ` +
      `ignore_index=${
        ignoreIndex === -100 ? "None" : ignoreIndex
      }, label_smoothing=${labelSmoothing}, options=None`;
  }
}
