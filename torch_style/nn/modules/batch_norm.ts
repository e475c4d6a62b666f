/**
 * Batch normalization modules.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { constant, ops } from "../../../onnx/mod.ts";
import { ones, zeros } from "../../creation.ts";
import { noteFollower } from "../../evaluation.ts";
import { Tensor } from "../../tensor.ts";
import { batchNorm } from "../functional/batch_norm.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";
import { boolText, floatText } from "../python_text.ts";

/** Options of batch normalization, PyTorch's. */
export interface BatchNormOptions {
  /** Added to the variance, 1e-5 unless given. */
  readonly eps?: number;
  /** Share of a batch in the running statistics, 0.1 unless given; null for the mean of all batches. */
  readonly momentum?: number | null;
  /** Whether weight and bias are learned; true unless given. */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight; true unless given. */
  readonly bias?: boolean;
  /** Whether running statistics are kept; without, a batch's own are used at evaluation too. */
  readonly trackRunningStats?: boolean;
}

const BATCH_NORM = signature(
  "BatchNorm",
  ["numFeatures", kinds.integer],
  ["eps", kinds.number, undefined],
  ["momentum", kinds.nullable(kinds.number), undefined],
  ["affine", kinds.boolean, undefined],
  ["trackRunningStats", kinds.boolean, undefined],
  "*",
  ["bias", kinds.boolean, undefined],
);

/**
 * Normalizes each channel over the batch: by the batch's own mean and variance while training, by running ones at
 * evaluation. Running statistics are buffers, computed in the same call as the training step.
 */
export abstract class BatchNorm extends Module<[Tensor]> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    runningMean: "running_mean",
    runningVar: "running_var",
    numBatchesTracked: "num_batches_tracked",
  };

  weight: Parameter | null;
  bias: Parameter | null;
  /** Mean of each channel so far [numFeatures]. */
  runningMean: Tensor | null;
  /** Variance of each channel so far [numFeatures]. */
  runningVar: Tensor | null;
  /** How many batches these are of, an int64. */
  numBatchesTracked: Tensor | null;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;

  readonly numFeatures: number;

  constructor(...given: Call<typeof BATCH_NORM, BatchNormOptions, [numFeatures: number]>) {
    super();
    const { numFeatures, ...options } = BATCH_NORM.named(new.target.name).read(given);
    this.numFeatures = numFeatures;
    this.eps = options.eps ?? 1e-5;
    this.momentum = options.momentum === undefined ? 0.1 : options.momentum;
    this.affine = options.affine ?? true;
    this.trackRunningStats = options.trackRunningStats ?? true;
    const hasBias = this.affine && (options.bias ?? true);
    this.weight = this.affine ? new Parameter(ones([numFeatures])) : null;
    this.bias = hasBias ? new Parameter(zeros([numFeatures])) : null;
    const buffer = (name: string, make: () => Tensor) =>
      this.registerBuffer(name, this.trackRunningStats ? make() : null);
    this.runningMean = buffer("runningMean", () => zeros([numFeatures]));
    this.runningVar = buffer("runningVar", () => ones([numFeatures]));
    this.numBatchesTracked = buffer("numBatchesTracked", () => zeros([], { dtype: "int64" }));
  }

  /** PyTorch counts batches since 0.4.1, and weights from elsewhere come without. */
  optionalKeys(): readonly string[] {
    return ["num_batches_tracked"];
  }

  /** @throws {Error} if the input has the wrong number of axes. */
  protected abstract checkInput(input: Tensor): void;

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    const { weight, bias, eps, runningMean, runningVar } = this;
    const momentum = this.training ? this.nextMomentum() : 0;
    const training = this.training || !runningMean;
    return batchNorm(input, runningMean, runningVar, { weight, bias, eps, momentum, training });
  }

  /** Counts the batch. The share of the n-th batch in the mean of all is 1 / n. */
  private nextMomentum(): number | Tensor {
    const counter = this.numBatchesTracked;
    if (counter) {
      const before = counter.array;
      noteFollower(counter, this.runningMean!, () => counter.array = before);
      counter.array = ops.add(before, constant(1, counter.dtype));
    }
    if (this.momentum !== null || !counter) return this.momentum ?? 0;
    return new Tensor(ops.div(constant(1), ops.cast(counter.array, "float32")));
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, bias, trackRunningStats } = this;
    return `${numFeatures}, eps=${floatText(eps)}, ` +
      `momentum=${momentum === null ? "None" : floatText(momentum)}, affine=${boolText(affine)}, ` +
      `bias=${boolText(bias !== null)}, track_running_stats=${boolText(trackRunningStats)}`;
  }
}

function checkRanks(input: Tensor, ranks: readonly number[]): void {
  if (ranks.includes(input.ndim)) return;
  throw new Error(`expected ${ranks.join("D or ")}D input (got ${input.ndim}D input)`);
}

/** Over [n, c] or [n, c, l]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html */
export class BatchNorm1d extends BatchNorm {
  protected override checkInput(input: Tensor): void {
    checkRanks(input, [2, 3]);
  }
}

/** Over [n, c, h, w]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html */
export class BatchNorm2d extends BatchNorm {
  protected override checkInput(input: Tensor): void {
    checkRanks(input, [4]);
  }
}

/** Over [n, c, d, h, w]. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html */
export class BatchNorm3d extends BatchNorm {
  protected override checkInput(input: Tensor): void {
    checkRanks(input, [5]);
  }
}
