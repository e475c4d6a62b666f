/**
 * Losses that ask for a margin. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
 * @module
 */
import { Tensor, tensorKind } from "../../tensor.ts";
import { constant, ops, sameShape, showShape } from "../../../onnx/mod.ts";
import { type Call, kind, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { where } from "../../ops/elementwise.ts";
import { reduceEach, REDUCTION, type ReductionOption } from "./reduction.ts";
import { pairwiseDistance } from "./similarity.ts";

/** Option of losses with a margin. */
export interface MarginOption extends ReductionOption {
  /** How far things are to be apart. */
  readonly margin?: number;
}

/** What {@linkcode marginRankingLoss} takes beside its tensors. */
export const RANKING = signature("marginRankingLoss", ["margin", kinds.number, 0], "*", REDUCTION);

const RANKING_OF = RANKING.after(
  ["input1", tensorKind],
  ["input2", tensorKind],
  ["target", tensorKind],
);

/** max(0, -target (input1 - input2) + margin): which of two is to be ranked higher, target 1 or -1 */
export function marginRankingLoss(
  ...given: Call<typeof RANKING_OF, MarginOption, [input1: Tensor, input2: Tensor, target: Tensor]>
): Tensor {
  const { input1, input2, target, margin, reduction } = RANKING_OF.read(given);
  return reduceEach(target.neg().mul(input1.sub(input2)).add(margin).clamp({ min: 0 }), reduction);
}

/** What {@linkcode hingeEmbeddingLoss} takes beside its tensors. */
export const HINGE = signature("hingeEmbeddingLoss", ["margin", kinds.number, 1], "*", REDUCTION);

const HINGE_OF = HINGE.after(
  ["input", tensorKind],
  ["target", tensorKind],
);

/** input where the target is 1, max(0, margin - input) where it is -1 */
export function hingeEmbeddingLoss(
  ...given: Call<typeof HINGE_OF, MarginOption, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, margin, reduction } = HINGE_OF.read(given);
  const apart = where(target.eq(1), 0, input.neg().add(margin).clamp({ min: 0 }));
  const near = where(target.eq(-1), 0, input);
  return reduceEach(apart.add(near), reduction);
}

/** What {@linkcode cosineEmbeddingLoss} takes beside its tensors. */
export const COSINE_EMBEDDING = signature(
  "cosineEmbeddingLoss",
  ["margin", kinds.number, 0],
  "*",
  REDUCTION,
);

/** Added to squares that are divided by. */
const SMALLEST_SQUARE = 1e-12;

const COSINE_EMBEDDING_OF = COSINE_EMBEDDING.after(
  ["input1", tensorKind],
  ["input2", tensorKind],
  ["target", tensorKind],
);

/** 1 - cosine where the target is 1, max(0, cosine - margin) where it is -1 */
export function cosineEmbeddingLoss(
  ...given: Call<
    typeof COSINE_EMBEDDING_OF,
    MarginOption,
    [input1: Tensor, input2: Tensor, target: Tensor]
  >
): Tensor {
  const { input1, input2, target, margin, reduction } = COSINE_EMBEDDING_OF.read(given);
  const wanted = input1.ndim - 1;
  if (target.ndim !== wanted) {
    throw new Error(
      `${wanted}D target tensor expects ${wanted + 1}D input tensors, but found inputs with sizes ${
        showShape(input1.shape)
      }, ${showShape(input2.shape)} and target ${showShape(target.shape)}`,
    );
  }
  // Not cosineSimilarity: here PyTorch adds to the squares what keeps them from 0.
  const square = (x: Tensor) => x.square().sum(wanted).add(SMALLEST_SQUARE);
  const product = input1.mul(input2).sum(wanted);
  const cosine = product.div(square(input1).mul(square(input2)).sqrt());
  const same = where(target.ne(1), 0, cosine.neg().add(1));
  const other = where(target.ne(-1), 0, cosine.sub(margin).clamp({ min: 0 }));
  return reduceEach(same.add(other), reduction);
}

/** Options of {@linkcode tripletMarginLoss}. */
export interface TripletOptions extends MarginOption {
  /** Which norm the distances are, 2 unless given. */
  readonly p?: number;
  /** Added to differences, 1e-6 unless given. */
  readonly eps?: number;
  /** Take the negative's distance from the positive where that is smaller. */
  readonly swap?: boolean;
}

/** What {@linkcode tripletMarginLoss} takes beside its tensors. */
export const TRIPLET = signature(
  "tripletMarginLoss",
  ["margin", kinds.number, 1],
  ["p", kinds.number, 2],
  ["eps", kinds.number, 1e-6],
  ["swap", kinds.boolean, false],
  "*",
  REDUCTION,
);

const TRIPLET_OF = TRIPLET.after(
  ["anchor", tensorKind],
  ["positive", tensorKind],
  ["negative", tensorKind],
);

/** max(0, distance from the positive - distance from the negative + margin) */
export function tripletMarginLoss(
  ...given: Call<
    typeof TRIPLET_OF,
    TripletOptions,
    [anchor: Tensor, positive: Tensor, negative: Tensor]
  >
): Tensor {
  const { anchor, positive, negative, p, eps, ...options } = TRIPLET_OF.read(given);
  return tripletOf(
    anchor,
    positive,
    negative,
    (a, b) => pairwiseDistance(a, b, { p, eps }),
    options,
  );
}

/** A distance of the rows of two tensors. */
export type Distance = (a: Tensor, b: Tensor) => Tensor;

/** Options of {@linkcode tripletMarginWithDistanceLoss}. */
export interface TripletDistanceOptions extends MarginOption {
  /** The distance; the 2-norm of the difference unless given. */
  readonly distanceFunction?: Distance | null;
  /** Take the negative's distance from the positive where that is smaller. */
  readonly swap?: boolean;
}

/** What {@linkcode tripletMarginWithDistanceLoss} takes beside its tensors. */
export const TRIPLET_DISTANCE = signature(
  "tripletMarginWithDistanceLoss",
  "*",
  [
    "distanceFunction",
    kinds.nullable(kind<Distance>("a function", (f) => typeof f === "function")),
    null,
  ],
  ["margin", kinds.number, 1],
  ["swap", kinds.boolean, false],
  REDUCTION,
);

const TRIPLET_DISTANCE_OF = TRIPLET_DISTANCE.after(
  ["anchor", tensorKind],
  ["positive", tensorKind],
  ["negative", tensorKind],
);

/** {@linkcode tripletMarginLoss} by a distance of one's own. */
export function tripletMarginWithDistanceLoss(
  ...given: Call<
    typeof TRIPLET_DISTANCE_OF,
    TripletDistanceOptions,
    [anchor: Tensor, positive: Tensor, negative: Tensor]
  >
): Tensor {
  const { anchor, positive, negative, distanceFunction, ...options } = TRIPLET_DISTANCE_OF.read(
    given,
  );
  return tripletOf(
    anchor,
    positive,
    negative,
    distanceFunction ?? ((a, b) => pairwiseDistance(a, b)),
    options,
  );
}

function tripletOf(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  distance: Distance,
  { margin, swap, reduction }: Required<Pick<TripletOptions, "margin" | "swap" | "reduction">>,
): Tensor {
  if (!(margin > 0)) throw new Error(`margin must be greater than 0, got ${margin}`);
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const used = swap ? far.minimum(distance(positive, negative)) : far;
  return reduceEach(near.sub(used).add(margin).clamp({ min: 0 }), reduction);
}

/** What {@linkcode softMarginLoss} takes beside its tensors. */
export const SOFT_MARGIN = signature("softMarginLoss", "*", REDUCTION);

const SOFT_MARGIN_OF = SOFT_MARGIN.after(
  ["input", tensorKind],
  ["target", tensorKind],
);

/** log(1 + exp(-target input)), target 1 or -1 */
export function softMarginLoss(
  ...given: Call<typeof SOFT_MARGIN_OF, ReductionOption, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, reduction } = SOFT_MARGIN_OF.read(given);
  const each = apply(
    "SoftMarginLoss",
    [input, target],
    ([x, y]) => ops.softplus(ops.neg(ops.mul(x, y))),
  );
  return reduceEach(each, reduction);
}

/** Options of {@linkcode multiMarginLoss}. */
export interface MultiMarginOptions extends MarginOption {
  /** Power of the excess, 1 (unless given) or 2. */
  readonly p?: number;
  /** How much each class counts [classes]. */
  readonly weight?: Tensor | null;
}

/** What {@linkcode multiMarginLoss} takes beside its tensors. */
export const MULTI_MARGIN = signature(
  "multiMarginLoss",
  ["p", kinds.number, 1],
  ["margin", kinds.number, 1],
  ["weight", kinds.nullable(tensorKind), null],
  "*",
  REDUCTION,
);

const MULTI_MARGIN_OF = MULTI_MARGIN.after(
  ["input", tensorKind],
  ["target", tensorKind],
);

/** Sum over the other classes of max(0, margin - input of the right class + input)^p, divided by the number of classes */
export function multiMarginLoss(
  ...given: Call<typeof MULTI_MARGIN_OF, MultiMarginOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, p, margin, weight, reduction } = MULTI_MARGIN_OF.read(given);
  if (p !== 1 && p !== 2) throw new Error(`only p == 1 and p == 2 supported, got ${p}`);
  const batch = input.ndim === 1 ? input.unsqueeze(0) : input;
  const labels = target.reshape([-1, 1]);
  if (batch.ndim !== 2 || labels.shape[0] !== batch.shape[0]) {
    throw new Error(
      `inconsistent target size: ${showShape(target.shape)} for input ${showShape(input.shape)}`,
    );
  }
  const classes = batch.shape[1];
  const right = batch.gather(1, labels);
  // In this order, and NaN counting as no excess, as in PyTorch.
  const distance = right.neg().add(margin).add(batch);
  const excess = where(distance.detach().gt(0), distance, 0);
  const powered = p === 1 ? excess : excess.square();
  const weighted = weight ? powered.mul(weight.index(labels)) : powered;
  const values = new Tensor(constant(Array.from({ length: classes }, (_, i) => i), "int64"));
  const each = weighted.maskedFill(labels.eq(values), 0).sum(1).div(classes);
  const shaped = input.ndim === 1 ? each.reshape([]) : each;
  return reduceEach(shaped, reduction);
}

/** What {@linkcode multilabelMarginLoss} takes beside its tensors. */
export const MULTILABEL_MARGIN = signature("multilabelMarginLoss", "*", REDUCTION);

const MULTILABEL_MARGIN_OF = MULTILABEL_MARGIN.after(
  ["input", tensorKind],
  ["target", tensorKind],
);

/**
 * Sum over right classes i and others j of max(0, 1 - (input i - input j)), divided by the number of classes.
 *
 * @param target values of the right classes of each sample, in front; -1 ends them
 */
export function multilabelMarginLoss(
  ...given: Call<typeof MULTILABEL_MARGIN_OF, ReductionOption, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, reduction } = MULTILABEL_MARGIN_OF.read(given);
  if (!sameShape(input.shape, target.shape) || input.ndim < 1 || input.ndim > 2) {
    throw new Error(
      `inconsistent target size: ${showShape(target.shape)} for input ${showShape(input.shape)}`,
    );
  }
  const batch = input.ndim === 1 ? input.unsqueeze(0) : input;
  const labels = input.ndim === 1 ? target.unsqueeze(0) : target;
  const classes = batch.shape[1];
  // 1 up to the first -1.
  const valid = labels.lt(0).to("int64").cumsum(1).eq(0);
  const known = labels.clamp({ min: 0 });
  const values = new Tensor(constant(Array.from({ length: classes }, (_, i) => i), "int64"));
  const isRight = known.unsqueeze(2).eq(values).logicalAnd(valid.unsqueeze(2)).any(1);
  const picked = batch.gather(1, known);
  const margins = picked.unsqueeze(2).sub(batch.unsqueeze(1)).neg().add(1).clamp({ min: 0 });
  const counts = valid.unsqueeze(2).logicalAnd(isRight.logicalNot().unsqueeze(1));
  const each = margins.maskedFill(counts.logicalNot(), 0).sum([1, 2]).div(classes);
  return reduceEach(input.ndim === 1 ? each.reshape([]) : each, reduction);
}

/** Options of {@linkcode multilabelSoftMarginLoss}. */
export interface MultilabelSoftOptions extends ReductionOption {
  /** How much each class counts [classes]. */
  readonly weight?: Tensor | null;
}

/** What {@linkcode multilabelSoftMarginLoss} takes beside its tensors. */
export const MULTILABEL_SOFT = signature(
  "multilabelSoftMarginLoss",
  ["weight", kinds.nullable(tensorKind), null],
  "*",
  REDUCTION,
);

const MULTILABEL_SOFT_OF = MULTILABEL_SOFT.after(
  ["input", tensorKind],
  ["target", tensorKind],
);

/** Mean over the classes of the binary cross entropy of sigmoid(input) */
export function multilabelSoftMarginLoss(
  ...given: Call<typeof MULTILABEL_SOFT_OF, MultilabelSoftOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, weight, reduction } = MULTILABEL_SOFT_OF.read(given);
  const entropy = apply("MultilabelSoftMarginLoss", [input, target], ([x, y]) => {
    const one = constant(1, x.dtype);
    return ops.add(ops.mul(ops.sub(one, y), x), ops.softplus(ops.neg(x)));
  });
  const each = weight ? entropy.mul(weight) : entropy;
  return reduceEach(each.mean(-1), reduction);
}
