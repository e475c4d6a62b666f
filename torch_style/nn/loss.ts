/**
 * Losses as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#loss-functions
 * @module
 */
import type { Tensor } from "../tensor.ts";
import {
  type BceOptions,
  type BceWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  klDiv,
  type KlDivOptions,
} from "./functional/binary_loss.ts";
import {
  crossEntropy,
  type CrossEntropyOptions,
  nllLoss,
  type NllOptions,
} from "./functional/cross_entropy.ts";
import type { ReductionOption } from "./functional/reduction.ts";
import {
  huberLoss,
  type HuberOptions,
  l1Loss,
  mseLoss,
  smoothL1Loss,
  type SmoothL1Options,
} from "./functional/regression_loss.ts";
import { Module } from "./module.ts";

/** A loss of an input and a target. */
export abstract class Loss<O = ReductionOption> extends Module<[input: Tensor, target: Tensor]> {
  readonly options: O;

  constructor(options: O = {} as O) {
    super();
    this.options = options;
  }
}

/** A loss whose classes or elements can count differently; the weight is a buffer. */
abstract class WeightedLoss<O extends { readonly weight?: Tensor | null }> extends Loss<O> {
  weight: Tensor | null;

  constructor(options: O = {} as O) {
    super(options);
    this.weight = this.registerBuffer("weight", options.weight ?? null);
  }
}

/**
 * Cross entropy of scores against class numbers or class probabilities; applies log-softmax itself.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends WeightedLoss<CrossEntropyOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** The negative log-likelihood of log-probabilities against class numbers */
export class NLLLoss extends WeightedLoss<NllOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, { ...this.options, weight: this.weight });
  }
}

/** Binary cross entropy of probabilities */
export class BCELoss extends WeightedLoss<BceOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** Binary cross entropy of scores, of which it takes the sigmoid itself */
export class BCEWithLogitsLoss extends WeightedLoss<BceWithLogitsOptions> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    posWeight: "pos_weight",
  };
  posWeight: Tensor | null;

  constructor(options: BceWithLogitsOptions = {}) {
    super(options);
    this.posWeight = this.registerBuffer("posWeight", options.posWeight ?? null);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, posWeight } = this;
    return binaryCrossEntropyWithLogits(input, target, { ...this.options, weight, posWeight });
  }
}

/** (input - target)² */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** |input - target| */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** Squares of small differences, large ones as they are */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

/** Squares of small differences, multiples of large ones */
export class HuberLoss extends Loss<HuberOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options);
  }
}

/** The Kullback-Leibler divergence */
export class KLDivLoss extends Loss<KlDivOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}
