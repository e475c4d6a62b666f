/**
 * Multi-head attention as a module.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { ops, showShape } from "../../../onnx/mod.ts";
import { zeros } from "../../creation.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { apply } from "../../autograd/apply.ts";
import { multiHeadAttention } from "../functional/multi_head_attention.ts";
import { constant_, xavierNormal_, xavierUniform_ } from "../init/mod.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";

/** PyTorch's name for it, which is printed. */
class NonDynamicallyQuantizableLinear extends Linear {}

/** Options of {@linkcode MultiheadAttention}, PyTorch's. */
export interface MultiheadAttentionOptions {
  /** Probability of dropping a weight while training, 0 unless given. */
  readonly dropout?: number;
  /** Whether projections have a bias; true unless given. */
  readonly bias?: boolean;
  /** Whether a learned key and value are added. */
  readonly addBiasKv?: boolean;
  /** Whether a key and value of zeros are added. */
  readonly addZeroAttn?: boolean;
  /** Features of keys, as many as of queries unless given. */
  readonly kdim?: number;
  /** Features of values, as many as of queries unless given. */
  readonly vdim?: number;
  /** Whether batches are [n, l, e] and not [l, n, e]. */
  readonly batchFirst?: boolean;
}

/** Options of one call of {@linkcode MultiheadAttention}. */
export interface AttentionCallOptions {
  /** Keys that count for nothing [n, s] (or [s]): true, or values added to the scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** Whether the weights are returned too; true unless given. */
  readonly needWeights?: boolean;
  /** Keys that a query does not see: true, or values added to the scores; [l, s] or [n heads, l, s]. */
  readonly attnMask?: Tensor | null;
  /** Whether the weights are the mean over the heads; true unless given. */
  readonly averageAttnWeights?: boolean;
  /** Says that `attnMask`, which must be given, hides later keys. Nothing is gained by it here. */
  readonly isCausal?: boolean;
}

const MULTIHEAD_ATTENTION = signature(
  "MultiheadAttention",
  ["embedDim", kinds.number],
  ["numHeads", kinds.number],
  ["dropout", kinds.number, undefined],
  ["bias", kinds.boolean, undefined],
  ["addBiasKv", kinds.boolean, undefined],
  ["addZeroAttn", kinds.boolean, undefined],
  ["kdim", kinds.number, undefined],
  ["vdim", kinds.number, undefined],
  ["batchFirst", kinds.boolean, undefined],
);

const ATTENTION_CALL = signature(
  "MultiheadAttention",
  ["query", tensorKind],
  ["key", tensorKind],
  ["value", tensorKind],
  ["keyPaddingMask", kinds.nullable(tensorKind), undefined],
  ["needWeights", kinds.boolean, undefined],
  ["attnMask", kinds.nullable(tensorKind), undefined],
  ["averageAttnWeights", kinds.boolean, undefined],
  ["isCausal", kinds.boolean, undefined],
);

/** A call of {@linkcode MultiheadAttention}, in PyTorch's order or by name. */
export type AttentionCall = Call<
  typeof ATTENTION_CALL,
  AttentionCallOptions,
  [query: Tensor, key: Tensor, value: Tensor]
>;

/**
 * Attention of several heads, each over a part of the features (Vaswani et al. 2017).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 *
 * Called with query [l, n, e], key [s, n, kdim] and value [s, n, vdim] (batch first if so made; without n for one
 * sample) it returns the result, shaped like the query, and the weights [n, l, s].
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const attention = new torch.nn.MultiheadAttention(16, 4, { batchFirst: true });
 * const x = torch.randn([2, 5, 16]);
 * const [y, weights] = attention(x, x, x);
 * console.log(y.shape, weights!.shape); // [2, 5, 16] [2, 5, 5]
 * ```
 */
export class MultiheadAttention extends Module<
  AttentionCall,
  [output: Tensor, weights: Tensor | null]
> {
  static override readonly fieldNames: Readonly<Record<string, string>> = {
    inProjWeight: "in_proj_weight",
    inProjBias: "in_proj_bias",
    qProjWeight: "q_proj_weight",
    kProjWeight: "k_proj_weight",
    vProjWeight: "v_proj_weight",
    biasK: "bias_k",
    biasV: "bias_v",
    outProj: "out_proj",
  };

  /** [3 embedDim, embedDim], unless keys or values have other features. */
  inProjWeight: Parameter | null = null;
  qProjWeight: Parameter | null = null;
  kProjWeight: Parameter | null = null;
  vProjWeight: Parameter | null = null;
  inProjBias: Parameter | null;
  biasK: Parameter | null = null;
  biasV: Parameter | null = null;
  outProj: Linear;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;

  readonly embedDim: number;
  readonly numHeads: number;

  /** @throws {Error} if the features do not divide among the heads. */
  constructor(
    ...given: Call<
      typeof MULTIHEAD_ATTENTION,
      MultiheadAttentionOptions,
      [embedDim: number, numHeads: number]
    >
  ) {
    const { embedDim, numHeads, ...options } = MULTIHEAD_ATTENTION.read(given);
    super();
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    if (!(embedDim > 0 && numHeads > 0) || embedDim % numHeads !== 0) {
      throw new Error(
        `embed_dim must be divisible by num_heads, got embed_dim=${embedDim} and num_heads=${numHeads}`,
      );
    }
    const { kdim = embedDim, vdim = embedDim, bias = true } = options;
    this.dropout = options.dropout ?? 0;
    this.batchFirst = options.batchFirst ?? false;
    this.addZeroAttn = options.addZeroAttn ?? false;
    const matrix = (rows: number, columns: number) => new Parameter(zeros([rows, columns]));
    if (kdim === embedDim && vdim === embedDim) {
      this.inProjWeight = matrix(3 * embedDim, embedDim);
    } else {
      this.qProjWeight = matrix(embedDim, embedDim);
      this.kProjWeight = matrix(embedDim, kdim);
      this.vProjWeight = matrix(embedDim, vdim);
    }
    this.inProjBias = bias ? new Parameter(zeros([3 * embedDim])) : null;
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias });
    if (options.addBiasKv) {
      this.biasK = new Parameter(zeros([1, 1, embedDim]));
      this.biasV = new Parameter(zeros([1, 1, embedDim]));
    }
    this.initialise();
  }

  private initialise(): void {
    const matrices = [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight];
    for (const matrix of matrices) if (matrix) xavierUniform_(matrix);
    if (this.outProj.bias) constant_(this.outProj.bias, 0);
    for (const bias of [this.biasK, this.biasV]) if (bias) xavierNormal_(bias);
  }

  override forward(...given: AttentionCall): [output: Tensor, weights: Tensor | null] {
    const { query, key, value, ...options } = ATTENTION_CALL.read(given);
    const { needWeights = true, averageAttnWeights = true, attnMask = null } = options;
    this.checkCall(query, key, value, options);
    const batched = query.ndim === 3;
    const fit = (tensor: Tensor) => this.toBatchFirst(tensor, batched);
    const same = query === key && key === value;
    const q = fit(query);
    const [output, weights] = multiHeadAttention(
      q,
      same ? q : fit(key),
      same ? q : fit(value),
      this.weights(),
      {
        numHeads: this.numHeads,
        attnMask,
        keyPaddingMask: paddingOf(options.keyPaddingMask ?? null, batched),
        addZeroAttn: this.addZeroAttn,
        dropoutP: this.training ? this.dropout : 0,
        needWeights,
      },
    );
    const result = this.asGiven(output, batched);
    if (!needWeights) return [result, null];
    return [result, shownWeights(weights, averageAttnWeights, batched)];
  }

  private checkCall(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttentionCallOptions,
  ): void {
    const ranks = [query, key, value].map((tensor) => tensor.ndim);
    if (!ranks.every((rank) => rank === ranks[0]) || (ranks[0] !== 2 && ranks[0] !== 3)) {
      throw new Error(
        `query, key and value should be 2D (unbatched) or 3D (batched), got ${
          [query, key, value].map((tensor) => showShape(tensor.shape)).join(", ")
        }`,
      );
    }
    if (query.shape.at(-1) !== this.embedDim) {
      throw new Error(
        `was expecting embedding dimension of ${this.embedDim}, but got ${query.shape.at(-1)}`,
      );
    }
    if (options.isCausal && !options.attnMask) {
      throw new Error("Need attnMask if specifying the isCausal hint.");
    }
  }

  private weights() {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, outProj } = this;
    return {
      inProjection: inProjWeight ?? [qProjWeight!, kProjWeight!, vProjWeight!] as const,
      inBias: this.inProjBias,
      outWeight: outProj.weight,
      outBias: outProj.bias,
      keyBias: this.biasK,
      valueBias: this.biasV,
    };
  }

  private toBatchFirst(x: Tensor, batched: boolean): Tensor {
    if (!batched) return apply("Unsqueeze", [x], ([x]) => ops.reshape(x, [1, ...x.shape]));
    return this.batchFirst ? x : apply("Transpose", [x], ([x]) => ops.transpose(x, [1, 0, 2]));
  }

  private asGiven(y: Tensor, batched: boolean): Tensor {
    if (!batched) return apply("Squeeze", [y], ([y]) => ops.reshape(y, y.shape.slice(1)));
    return this.batchFirst ? y : apply("Transpose", [y], ([y]) => ops.transpose(y, [1, 0, 2]));
  }
}

function paddingOf(mask: Tensor | null, batched: boolean): Tensor | null {
  if (!mask || batched) return mask;
  return new Tensor(ops.reshape(mask.array, [1, ...mask.shape]));
}

/** [n, l, s], or [n, heads, l, s] of each head; without n for one sample. */
function shownWeights(weights: Tensor, average: boolean, batched: boolean): Tensor {
  return apply("AttentionWeights", [weights], ([w]) => {
    const shown = average ? ops.mean(w, { axes: 1 }) : w;
    return batched ? shown : ops.reshape(shown, shown.shape.slice(1));
  });
}
