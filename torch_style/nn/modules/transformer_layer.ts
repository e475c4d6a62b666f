/**
 * Layers of transformers (Vaswani et al. 2017): attention, then linear layers at each position.
 * @module
 */
import { type Call, kind, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { type AttentionCallOptions, MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { relu } from "../functional/activation.ts";
import { gelu } from "../functional/smooth_activation.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";

/** An activation by name, or a function. */
export type TransformerActivation = "relu" | "gelu" | ((x: Tensor) => Tensor);

/** {@linkcode TransformerActivation} as an argument. */
export const activationKind = kind<TransformerActivation>(
  '"relu", "gelu" or a function',
  (value) => value === "relu" || value === "gelu" || typeof value === "function",
);

/** Options of transformer layers, PyTorch's. */
export interface TransformerLayerOptions {
  /** Width of the layer between both linear ones, 2048 unless given. */
  readonly dimFeedforward?: number;
  /** 0.1 unless given. */
  readonly dropout?: number;
  /** "relu" unless given. */
  readonly activation?: TransformerActivation;
  /** Added to variances, 1e-5 unless given. */
  readonly layerNormEps?: number;
  /** Whether batches are [n, time, dModel] and not [time, n, dModel]. */
  readonly batchFirst?: boolean;
  /** Whether normalization stands before attention and linear layers, not behind. */
  readonly normFirst?: boolean;
  /** Whether linear layers and normalizations have biases; true unless given. */
  readonly bias?: boolean;
}

const LAYER = signature(
  "TransformerEncoderLayer",
  ["dModel", kinds.integer],
  ["nhead", kinds.integer],
  ["dimFeedforward", kinds.integer, 2048],
  ["dropout", kinds.number, 0.1],
  ["activation", activationKind, "relu"],
  ["layerNormEps", kinds.number, 1e-5],
  ["batchFirst", kinds.boolean, false],
  ["normFirst", kinds.boolean, false],
  ["bias", kinds.boolean, true],
);

type LayerArguments = Call<typeof LAYER, TransformerLayerOptions, [dModel: number, nhead: number]>;

function activationOf(given: TransformerActivation): (x: Tensor) => Tensor {
  if (given === "relu") return (x) => relu(x);
  return given === "gelu" ? (x) => gelu(x) : given;
}

const mask = kinds.nullable(tensorKind);
const hint = kinds.nullable(kinds.boolean);

/** Masks of a call of {@linkcode TransformerEncoderLayer}. */
export interface EncoderMasks {
  /** Which positions see each other not (true), or values added to the scores: [l, l]. */
  readonly srcMask?: Tensor | null;
  /** Positions that are filled up [n, l]: true. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Says that the mask, which must be given, hides later positions. */
  readonly isCausal?: boolean | null;
}

const ENCODER_CALL = signature(
  "TransformerEncoderLayer",
  ["src", tensorKind],
  ["srcMask", mask, null],
  ["srcKeyPaddingMask", mask, null],
  ["isCausal", hint, null],
);

/** A call of {@linkcode TransformerEncoderLayer}, in PyTorch's order or by name. */
export type EncoderCall = Call<typeof ENCODER_CALL, EncoderMasks, [src: Tensor]>;

function attentionOptions(
  attnMask: Tensor | null = null,
  keyPaddingMask: Tensor | null = null,
  isCausal: boolean | null = null,
): AttentionCallOptions {
  return { attnMask, keyPaddingMask, isCausal: isCausal ?? false, needWeights: false };
}

const LAYER_NAMES: Readonly<Record<string, string>> = {
  selfAttn: "self_attn",
  multiheadAttn: "multihead_attn",
};

/**
 * Self-attention and two linear layers, each with a shortcut and a normalization.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 */
export class TransformerEncoderLayer extends Module<EncoderCall, Tensor> {
  static override readonly fieldNames = LAYER_NAMES;
  selfAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  constructor(...given: LayerArguments) {
    super();
    const {
      dModel,
      nhead,
      dimFeedforward,
      dropout,
      activation,
      layerNormEps: eps,
      batchFirst,
      normFirst,
      bias,
    } = LAYER.read(given);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.normFirst = normFirst;
    this.activation = activationOf(activation as TransformerActivation);
  }

  /** @throws {Error} if `isCausal` is set without a mask */
  override forward(...given: EncoderCall): Tensor {
    const { src, srcMask, srcKeyPaddingMask, isCausal } = ENCODER_CALL.read(given);
    const masks = attentionOptions(srcMask, srcKeyPaddingMask, isCausal);
    if (this.normFirst) {
      const x = src.add(this.attend(this.norm1(src), masks));
      return x.add(this.feed(this.norm2(x)));
    }
    const x = this.norm1(src.add(this.attend(src, masks)));
    return this.norm2(x.add(this.feed(x)));
  }

  private attend(x: Tensor, masks: AttentionCallOptions): Tensor {
    return this.dropout1(this.selfAttn(x, x, x, masks)[0]);
  }

  private feed(x: Tensor): Tensor {
    return this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}

/** Masks of a call of {@linkcode TransformerDecoderLayer}. */
export interface DecoderMasks {
  /** Which positions of the target see each other not. */
  readonly tgtMask?: Tensor | null;
  /** Which positions of the memory the target's see not. */
  readonly memoryMask?: Tensor | null;
  /** Positions of the target that are filled up [n, l]. */
  readonly tgtKeyPaddingMask?: Tensor | null;
  /** Positions of the memory that are filled up [n, s]. */
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** Says that the target's mask, which must be given, hides later positions. */
  readonly tgtIsCausal?: boolean | null;
  /** Says that the memory's mask, which must be given, hides later positions. */
  readonly memoryIsCausal?: boolean | null;
}

/** The parameters of calls of decoders. */
export const DECODER_CALL = signature(
  "TransformerDecoderLayer",
  ["tgt", tensorKind],
  ["memory", tensorKind],
  ["tgtMask", mask, null],
  ["memoryMask", mask, null],
  ["tgtKeyPaddingMask", mask, null],
  ["memoryKeyPaddingMask", mask, null],
  ["tgtIsCausal", hint, null],
  ["memoryIsCausal", hint, null],
);

/** A call of {@linkcode TransformerDecoderLayer}, in PyTorch's order or by name. */
export type DecoderCall = Call<typeof DECODER_CALL, DecoderMasks, [tgt: Tensor, memory: Tensor]>;

/**
 * Self-attention, attention to the encoder's memory and two linear layers, each with a shortcut and a normalization.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 */
export class TransformerDecoderLayer extends Module<DecoderCall, Tensor> {
  static override readonly fieldNames = LAYER_NAMES;
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  constructor(...given: LayerArguments) {
    super();
    const {
      dModel,
      nhead,
      dimFeedforward,
      dropout,
      activation,
      layerNormEps: eps,
      batchFirst,
      normFirst,
      bias,
    } = LAYER.named("TransformerDecoderLayer").read(given);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
    this.norm3 = new LayerNorm(dModel, { eps, bias });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.normFirst = normFirst;
    this.activation = activationOf(activation as TransformerActivation);
  }

  /** @throws {Error} if a hint is set without its mask */
  override forward(...given: DecoderCall): Tensor {
    const { tgt, memory, ...masks } = DECODER_CALL.read(given);
    const own = (x: Tensor) => this.attend(x, masks);
    const other = (x: Tensor) => this.look(x, memory, masks);
    if (this.normFirst) {
      const x = tgt.add(own(this.norm1(tgt)));
      const y = x.add(other(this.norm2(x)));
      return y.add(this.feed(this.norm3(y)));
    }
    const x = this.norm1(tgt.add(own(tgt)));
    const y = this.norm2(x.add(other(x)));
    return this.norm3(y.add(this.feed(y)));
  }

  private attend(x: Tensor, masks: DecoderMasks): Tensor {
    const { tgtMask, tgtKeyPaddingMask, tgtIsCausal } = masks;
    const options = attentionOptions(tgtMask, tgtKeyPaddingMask, tgtIsCausal);
    return this.dropout1(this.selfAttn(x, x, x, options)[0]);
  }

  private look(x: Tensor, memory: Tensor, masks: DecoderMasks): Tensor {
    const { memoryMask, memoryKeyPaddingMask, memoryIsCausal } = masks;
    const options = attentionOptions(memoryMask, memoryKeyPaddingMask, memoryIsCausal);
    return this.dropout2(this.multiheadAttn(x, memory, memory, options)[0]);
  }

  private feed(x: Tensor): Tensor {
    return this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}
