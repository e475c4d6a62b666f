/**
 * Losses as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#loss-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import {
  type BceOptions,
  type BceWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  klDiv,
  type KlDivOptions,
} from "../functional/binary_loss.ts";
import {
  crossEntropy,
  type CrossEntropyOptions,
  nllLoss,
  type NllOptions,
} from "../functional/cross_entropy.ts";
import type { ReductionOption } from "../functional/reduction.ts";
import {
  huberLoss,
  type HuberOptions,
  l1Loss,
  mseLoss,
  smoothL1Loss,
  type SmoothL1Options,
} from "../functional/regression_loss.ts";
import { Module } from "./module.ts";

const weight = ["weight", kinds.nullable(tensorKind), undefined] as const;
const reduction = ["reduction", kinds.oneOf("none", "mean", "sum"), undefined] as const;
const ignoreIndex = ["ignoreIndex", kinds.integer, undefined] as const;

const CROSS_ENTROPY = signature("CrossEntropyLoss", weight, "*", ignoreIndex, reduction, [
  "labelSmoothing",
  kinds.number,
  undefined,
]);
const NLL = signature("NLLLoss", weight, "*", ignoreIndex, reduction);
const BCE = signature("BCELoss", weight, "*", reduction);
const BCE_WITH_LOGITS = signature("BCEWithLogitsLoss", weight, "*", reduction, [
  "posWeight",
  kinds.nullable(tensorKind),
  undefined,
]);
const MSE = signature("MSELoss", "*", reduction);
const L1 = signature("L1Loss", "*", reduction);
const SMOOTH_L1 = signature("SmoothL1Loss", "*", reduction, ["beta", kinds.number, undefined]);
const HUBER = signature("HuberLoss", reduction, ["delta", kinds.number, undefined]);
const KL_DIV = signature(
  "KLDivLoss",
  "*",
  ["reduction", kinds.oneOf("none", "mean", "sum", "batchmean"), undefined],
  ["logTarget", kinds.boolean, undefined],
);

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
 * Cross entropy of logits against class indices or class probabilities; applies log-softmax itself.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends WeightedLoss<CrossEntropyOptions> {
  constructor(...given: Call<typeof CROSS_ENTROPY, CrossEntropyOptions>) {
    super(CROSS_ENTROPY.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** The negative log-likelihood of log-probabilities against class indices */
export class NLLLoss extends WeightedLoss<NllOptions> {
  constructor(...given: Call<typeof NLL, NllOptions>) {
    super(NLL.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, { ...this.options, weight: this.weight });
  }
}

/** Binary cross entropy of probabilities */
export class BCELoss extends WeightedLoss<BceOptions> {
  constructor(...given: Call<typeof BCE, BceOptions>) {
    super(BCE.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** Binary cross entropy of logits, of which it takes the sigmoid itself */
export class BCEWithLogitsLoss extends WeightedLoss<BceWithLogitsOptions> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    posWeight: "pos_weight",
  };
  posWeight: Tensor | null;

  constructor(...given: Call<typeof BCE_WITH_LOGITS, BceWithLogitsOptions>) {
    const options = BCE_WITH_LOGITS.read(given);
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
  constructor(...given: Call<typeof MSE, ReductionOption>) {
    super(MSE.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** |input - target| */
export class L1Loss extends Loss {
  constructor(...given: Call<typeof L1, ReductionOption>) {
    super(L1.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** Squares of small differences, large ones as they are */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  constructor(...given: Call<typeof SMOOTH_L1, SmoothL1Options>) {
    super(SMOOTH_L1.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

/** Squares of small differences, multiples of large ones */
export class HuberLoss extends Loss<HuberOptions> {
  constructor(...given: Call<typeof HUBER, HuberOptions>) {
    super(HUBER.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options);
  }
}

/** The Kullback-Leibler divergence */
export class KLDivLoss extends Loss<KlDivOptions> {
  constructor(...given: Call<typeof KL_DIV, KlDivOptions>) {
    super(KL_DIV.read(given));
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}
