/**
 * Transformers (Vaswani et al. 2017): their layers one after the other.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { fromHost } from "../../../onnx/mod.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { deepcopy } from "../deepcopy.ts";
import { xavierUniform_ } from "../init/mod.ts";
import { type AnyModule, Module } from "./module.ts";
import { ModuleList } from "./module_list.ts";
import { LayerNorm } from "./normalization.ts";
import {
  activationKind,
  DECODER_CALL,
  type DecoderCall,
  type DecoderMasks,
  type EncoderMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer_layer.ts";

function copies<M extends AnyModule>(layer: M, count: number): ModuleList<M> {
  return new ModuleList(Array.from({ length: count }, () => deepcopy(layer)));
}

/** Masks of a call of {@linkcode TransformerEncoder}. */
export interface EncoderStackMasks extends Omit<EncoderMasks, "srcMask"> {
  /** Which positions see each other not (true), or values added to the scores: [l, l]. */
  readonly mask?: Tensor | null;
}

const ENCODER_STACK_CALL = signature(
  "TransformerEncoder",
  ["src", tensorKind],
  ["mask", kinds.nullable(tensorKind), null],
  ["srcKeyPaddingMask", kinds.nullable(tensorKind), null],
  ["isCausal", kinds.nullable(kinds.boolean), null],
);

/** A call of {@linkcode TransformerEncoder}, in PyTorch's order or by name. */
export type EncoderStackCall = Call<typeof ENCODER_STACK_CALL, EncoderStackMasks, [src: Tensor]>;

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
export class TransformerEncoder extends Module<EncoderStackCall, Tensor> {
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

  override forward(...given: EncoderStackCall): Tensor {
    const { src, mask, ...rest } = ENCODER_STACK_CALL.read(given);
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
export class TransformerDecoder extends Module<DecoderCall, Tensor> {
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

  override forward(...given: DecoderCall): Tensor {
    const { tgt, memory, ...masks } = DECODER_CALL.named("TransformerDecoder").read(given);
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
  /** Says that the source's mask, which must be given, hides later positions. */
  readonly srcIsCausal?: boolean | null;
}

const TRANSFORMER_CALL = signature(
  "Transformer",
  ["src", tensorKind],
  ["tgt", tensorKind],
  ["srcMask", kinds.nullable(tensorKind), null],
  ["tgtMask", kinds.nullable(tensorKind), null],
  ["memoryMask", kinds.nullable(tensorKind), null],
  ["srcKeyPaddingMask", kinds.nullable(tensorKind), null],
  ["tgtKeyPaddingMask", kinds.nullable(tensorKind), null],
  ["memoryKeyPaddingMask", kinds.nullable(tensorKind), null],
  ["srcIsCausal", kinds.nullable(kinds.boolean), null],
  ["tgtIsCausal", kinds.nullable(kinds.boolean), null],
  ["memoryIsCausal", kinds.nullable(kinds.boolean), null],
);

/** A call of {@linkcode Transformer}, in PyTorch's order or by name. */
export type TransformerCall = Call<
  typeof TRANSFORMER_CALL,
  TransformerMasks,
  [src: Tensor, tgt: Tensor]
>;

/**
 * Encoder and decoder. Matrices start uniform by Xavier.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 */
export class Transformer extends Module<TransformerCall, Tensor> {
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

  override forward(...given: TransformerCall): Tensor {
    const { src, tgt, srcMask: mask, srcKeyPaddingMask, srcIsCausal, ...decoderMasks } =
      TRANSFORMER_CALL.read(given);
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw new Error(
        `the feature number of src and tgt must be equal to d_model, got ${src.shape.at(-1)} and ${
          tgt.shape.at(-1)
        } for ${this.dModel}`,
      );
    }
    const memory = this.encoder(src, { mask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder(tgt, memory, decoderMasks);
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
