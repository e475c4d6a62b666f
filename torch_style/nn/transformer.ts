/**
 * Transformers (Vaswani et al. 2017).
 * @module
 */
import { type Call, type Kind, kind, kinds, signature } from "../arguments.ts";
import { fromHost } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";
import { type AttentionCallOptions, MultiheadAttention } from "./attention.ts";
import { deepcopy } from "./deepcopy.ts";
import { Dropout } from "./dropout.ts";
import { relu } from "./functional/activation.ts";
import { gelu } from "./functional/smooth_activation.ts";
import { xavierUniform_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { type AnyModule, Module } from "./module.ts";
import { ModuleList } from "./module_list.ts";
import { LayerNorm } from "./normalization.ts";

/** An activation by name, or a function. */
export type TransformerActivation = "relu" | "gelu" | ((x: Tensor) => Tensor);

const activationKind = kind<TransformerActivation>(
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

/** Masks of a call of {@linkcode TransformerEncoderLayer}. */
export interface EncoderMasks {
  /** Which positions see each other not (true), or values added to the scores: [l, l]. */
  readonly srcMask?: Tensor | null;
  /** Positions that are filled up [n, l]: true. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Says that the mask hides later positions. */
  readonly isCausal?: boolean;
}

const LAYER_NAMES: Readonly<Record<string, string>> = {
  selfAttn: "self_attn",
  multiheadAttn: "multihead_attn",
};

/**
 * Self-attention and two linear layers, each with a shortcut and a normalization.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 */
export class TransformerEncoderLayer extends Module<[src: Tensor, masks?: EncoderMasks], Tensor> {
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

  override forward(
    src: Tensor,
    { srcMask = null, srcKeyPaddingMask = null }: EncoderMasks = {},
  ): Tensor {
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask };
    if (this.normFirst) {
      const x = src.add(this.attend(this.norm1(src), masks));
      return x.add(this.feed(this.norm2(x)));
    }
    const x = this.norm1(src.add(this.attend(src, masks)));
    return this.norm2(x.add(this.feed(x)));
  }

  private attend(x: Tensor, masks: AttentionCallOptions): Tensor {
    return this.dropout1(this.selfAttn(x, x, x, { ...masks, needWeights: false })[0]);
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
  /** Says that the target's mask hides later positions. */
  readonly tgtIsCausal?: boolean;
  /** Says that the memory's mask hides later positions. */
  readonly memoryIsCausal?: boolean;
}

/**
 * Self-attention, attention to the encoder's memory and two linear layers, each with a shortcut and a normalization.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 */
export class TransformerDecoderLayer
  extends Module<[tgt: Tensor, memory: Tensor, masks?: DecoderMasks], Tensor> {
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

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
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

  private attend(x: Tensor, { tgtMask = null, tgtKeyPaddingMask = null }: DecoderMasks): Tensor {
    const options = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, needWeights: false };
    return this.dropout1(this.selfAttn(x, x, x, options)[0]);
  }

  private look(
    x: Tensor,
    memory: Tensor,
    { memoryMask = null, memoryKeyPaddingMask = null }: DecoderMasks,
  ): Tensor {
    const options = {
      attnMask: memoryMask,
      keyPaddingMask: memoryKeyPaddingMask,
      needWeights: false,
    };
    return this.dropout2(this.multiheadAttn(x, memory, memory, options)[0]);
  }

  private feed(x: Tensor): Tensor {
    return this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}

function copies<M extends AnyModule>(layer: M, count: number): ModuleList<M> {
  return new ModuleList(Array.from({ length: count }, () => deepcopy(layer)));
}

/** Masks of a call of {@linkcode TransformerEncoder}. */
export interface EncoderStackMasks extends Omit<EncoderMasks, "srcMask"> {
  /** Which positions see each other not (true), or values added to the scores: [l, l]. */
  readonly mask?: Tensor | null;
}

const TRANSFORMER_ENCODER = signature(
  "TransformerEncoder",
  ["encoderLayer", kinds.any as Kind<TransformerEncoderLayer>],
  ["numLayers", kinds.number],
  ["norm", kinds.nullable(kinds.any as Kind<Module<[Tensor], Tensor>>), null],
);

/**
 * Copies of an encoder layer, one after the other.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 */
export class TransformerEncoder extends Module<[src: Tensor, masks?: EncoderStackMasks], Tensor> {
  layers: ModuleList<TransformerEncoderLayer>;

  readonly numLayers: number;
  readonly norm: Module<[Tensor], Tensor> | null;

  /** @param norm normalizes what the last layer gives */
  constructor(
    ...given: Call<
      typeof TRANSFORMER_ENCODER,
      { readonly norm?: Module<[Tensor], Tensor> | null },
      [encoderLayer: TransformerEncoderLayer, numLayers: number]
    >
  ) {
    const { encoderLayer, numLayers, norm } = TRANSFORMER_ENCODER.read(given);
    super();
    this.numLayers = numLayers;
    this.norm = norm;
    this.layers = copies(encoderLayer, numLayers);
    reorderField(this, "norm");
  }

  override forward(src: Tensor, { mask = null, ...rest }: EncoderStackMasks = {}): Tensor {
    const output = [...this.layers].reduce((x, layer) => layer(x, { srcMask: mask, ...rest }), src);
    return this.norm ? this.norm(output) : output;
  }
}

/** Fields are listed in the order in which they were made: puts one behind the others. */
function reorderField(module: object, field: string): void {
  const fields = module as Record<string, unknown>;
  const value = fields[field];
  delete fields[field];
  fields[field] = value;
}

const TRANSFORMER_DECODER = signature(
  "TransformerDecoder",
  ["decoderLayer", kinds.any as Kind<TransformerDecoderLayer>],
  ["numLayers", kinds.number],
  ["norm", kinds.nullable(kinds.any as Kind<Module<[Tensor], Tensor>>), null],
);

/**
 * Copies of a decoder layer, one after the other.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 */
export class TransformerDecoder
  extends Module<[tgt: Tensor, memory: Tensor, masks?: DecoderMasks], Tensor> {
  layers: ModuleList<TransformerDecoderLayer>;

  readonly numLayers: number;
  readonly norm: Module<[Tensor], Tensor> | null;

  /** @param norm normalizes what the last layer gives */
  constructor(
    ...given: Call<
      typeof TRANSFORMER_DECODER,
      { readonly norm?: Module<[Tensor], Tensor> | null },
      [decoderLayer: TransformerDecoderLayer, numLayers: number]
    >
  ) {
    const { decoderLayer, numLayers, norm } = TRANSFORMER_DECODER.read(given);
    super();
    this.numLayers = numLayers;
    this.norm = norm;
    this.layers = copies(decoderLayer, numLayers);
    reorderField(this, "norm");
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    const output = [...this.layers].reduce((x, layer) => layer(x, memory, masks), tgt);
    return this.norm ? this.norm(output) : output;
  }
}

/** Options of {@linkcode Transformer}, PyTorch's. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Features, 512 unless given. */
  readonly dModel?: number;
  /** Heads, 8 unless given. */
  readonly nhead?: number;
  /** 6 unless given. */
  readonly numEncoderLayers?: number;
  /** 6 unless given. */
  readonly numDecoderLayers?: number;
}

const TRANSFORMER = signature(
  "Transformer",
  ["dModel", kinds.integer, 512],
  ["nhead", kinds.integer, 8],
  ["numEncoderLayers", kinds.integer, 6],
  ["numDecoderLayers", kinds.integer, 6],
  ["dimFeedforward", kinds.integer, 2048],
  ["dropout", kinds.number, 0.1],
  ["activation", activationKind, "relu"],
  ["layerNormEps", kinds.number, 1e-5],
  ["batchFirst", kinds.boolean, false],
  ["normFirst", kinds.boolean, false],
  ["bias", kinds.boolean, true],
);

/** Masks of a call of {@linkcode Transformer}. */
export interface TransformerMasks extends DecoderMasks {
  /** Which positions of the source see each other not. */
  readonly srcMask?: Tensor | null;
  /** Positions of the source that are filled up [n, s]. */
  readonly srcKeyPaddingMask?: Tensor | null;
}

/**
 * Encoder and decoder. Matrices start uniform by Xavier.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 */
export class Transformer
  extends Module<[src: Tensor, tgt: Tensor, masks?: TransformerMasks], Tensor> {
  encoder: TransformerEncoder;
  decoder: TransformerDecoder;
  readonly dModel: number;
  readonly batchFirst: boolean;

  constructor(...given: Call<typeof TRANSFORMER, TransformerOptions>) {
    super();
    const { dModel, nhead, numEncoderLayers, numDecoderLayers, ...rest } = TRANSFORMER.read(given);
    const options = rest as Required<TransformerLayerOptions>;
    const { layerNormEps: eps, bias } = options;
    const norm = () => new LayerNorm(dModel, { eps, bias });
    this.encoder = new TransformerEncoder(
      new TransformerEncoderLayer(dModel, nhead, options),
      numEncoderLayers,
      norm(),
    );
    this.decoder = new TransformerDecoder(
      new TransformerDecoderLayer(dModel, nhead, options),
      numDecoderLayers,
      norm(),
    );
    this.dModel = dModel;
    this.batchFirst = options.batchFirst;
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw new Error(
        `the feature number of src and tgt must be equal to d_model, got ${src.shape.at(-1)} and ${
          tgt.shape.at(-1)
        } for ${this.dModel}`,
      );
    }
    const { srcMask: mask, srcKeyPaddingMask, ...decoderMasks } = masks;
    return this.decoder(tgt, this.encoder(src, { mask, srcKeyPaddingMask }), decoderMasks);
  }

  /** A mask [size, size] that hides later positions: minus infinity above the diagonal. */
  static generateSquareSubsequentMask(size: number): Tensor {
    const values = Float32Array.from(
      { length: size * size },
      (_, i) => i % size > Math.floor(i / size) ? -Infinity : 0,
    );
    return new Tensor(fromHost(values, [size, size]));
  }
}
