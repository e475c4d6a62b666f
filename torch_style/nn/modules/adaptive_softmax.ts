/**
 * A softmax over many classes by clusters of less and less frequent ones.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { cat } from "../../ops/joining.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { Linear } from "./linear.ts";
import { Module, type TensorModule } from "./module.ts";
import { ModuleList } from "./module_list.ts";
import { Sequential } from "./sequential.ts";

/** Options of {@linkcode AdaptiveLogSoftmaxWithLoss}. */
export interface AdaptiveSoftmaxOptions {
  /** By how much each cluster's projection is smaller than the one before, 4 unless given. */
  readonly divValue?: number;
  /** Whether the head has a bias. */
  readonly headBias?: boolean;
}

const ADAPTIVE_SOFTMAX = signature(
  "AdaptiveLogSoftmaxWithLoss",
  ["inFeatures", kinds.integer],
  ["nClasses", kinds.integer],
  ["cutoffs", kinds.integers],
  ["divValue", kinds.number, 4],
  ["headBias", kinds.boolean, false],
);
const FORWARD = signature("AdaptiveLogSoftmaxWithLoss.forward", ["input", tensorKind], [
  "target",
  tensorKind,
]);

/**
 * Log-probabilities of classes in order of frequency: the head knows the first `cutoffs[0]` of them and one entry for each
 * cluster that follows (Grave et al. 2017). Every cluster is computed for every sample, where PyTorch leaves out those
 * that no target of the batch lies in.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 *
 * @throws {Error} unless cutoffs are increasing, between 1 and nClasses - 1
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const layer = new torch.nn.AdaptiveLogSoftmaxWithLoss(8, 100, [10, 40]);
 * const { output, loss } = layer(torch.randn([4, 8]), torch.randint(0, 100, [4]));
 * console.log(output.shape, loss.shape); // [4] []
 * ```
 */
export class AdaptiveLogSoftmaxWithLoss
  extends Module<[input: Tensor, target: Tensor], { output: Tensor; loss: Tensor }> {
  readonly inFeatures: number;
  readonly nClasses: number;
  /** First class of each cluster, and the number of classes. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  head: Linear;
  tail: ModuleList<Sequential>;

  constructor(
    ...given: Call<
      typeof ADAPTIVE_SOFTMAX,
      AdaptiveSoftmaxOptions,
      [inFeatures: number, nClasses: number, cutoffs: readonly number[]]
    >
  ) {
    super();
    const { inFeatures, nClasses, cutoffs, divValue, headBias } = ADAPTIVE_SOFTMAX.read(given);
    const fits = cutoffs.length > 0 &&
      cutoffs.every((cutoff, i) => cutoff > (cutoffs[i - 1] ?? 0) && cutoff < nClasses);
    if (!fits) {
      throw new Error(
        "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, " +
          `where each value is between 1 and n_classes-1, got [${cutoffs}]`,
      );
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, headBias);
    this.tail = new ModuleList(cutoffs.map((_, i) => {
      const hidden = Math.floor(inFeatures / divValue ** (i + 1));
      const classes = this.cutoffs[i + 1] - this.cutoffs[i];
      const layers: TensorModule[] = [
        new Linear(inFeatures, hidden, false),
        new Linear(hidden, classes, false),
      ];
      return new Sequential(...layers);
    }));
  }

  /** The target's log-probability of each sample, and minus their mean. */
  override forward(...given: [input: Tensor, target: Tensor]): { output: Tensor; loss: Tensor } {
    const { input, target } = FORWARD.read(given);
    const isBatch = input.ndim === 2;
    if (target.ndim !== (isBatch ? 1 : 0) || (isBatch && target.shape[0] !== input.shape[0])) {
      throw new Error("Input and target should have the same size in the batch dimension.");
    }
    const all = this.logProb(isBatch ? input : input.unsqueeze(0));
    const own = all.gather(1, target.reshape([-1, 1])).squeeze(1);
    const output = isBatch ? own : own.squeeze(0);
    return { output, loss: own.mean().neg() };
  }

  /** Log-probabilities [n, nClasses] of an input [n, inFeatures]. */
  logProb(input: Tensor): Tensor {
    const [known] = this.cutoffs;
    const head = this.head(input).logSoftmax(1);
    const clusters = [...this.tail].map((cluster, i) =>
      cluster(input).logSoftmax(1).add(head.narrow(1, known + i, 1))
    );
    return cat([head.narrow(1, 0, known), ...clusters], 1);
  }

  /** The most probable class of each sample. */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(1);
  }
}
