/**
 * Which functions an autocast region computes in another dtype. The lists are those of
 * https://docs.pytorch.org/docs/stable/amp.html#autocast-op-reference
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { defaultRuntime, type DType } from "../../onnx/mod.ts";

/** What a region computes in. */
export interface AutocastRegion {
  readonly deviceType: string;
  readonly dtype: DType;
  readonly enabled: boolean;
}

const regions = new AsyncLocalStorage<AutocastRegion | undefined>();

/** Enters a region, in which what follows is computed. @returns what leaves it */
export function enterRegion(region: AutocastRegion): () => void {
  const outer = regions.getStore();
  regions.enterWith(region);
  return () => regions.enterWith(outer);
}

/** Products, which gain most by a short dtype and lose least. */
const SHORT: ReadonlySet<string> = new Set([
  ...["Linear", "Convolution", "ConvTranspose", "Matmul", "Prelu", "ScaledDotProductAttention"],
  ...["MultiHeadAttention", "AttentionWeights", "RnnCell", "LstmCell", "GruCell"],
]);

/** Losses: sums of many small values. */
const LOSSES = [
  ...["CrossEntropy", "NllLoss", "MseLoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "KlDiv"],
  ...["BinaryCrossEntropyWithLogits", "MultilabelSoftMarginLoss"],
];

/** What would leave float16's range, on GPUs. */
const WIDE: ReadonlySet<string> = new Set([
  ...LOSSES,
  ...["Softmax", "Softmin", "LogSoftmax", "NativeLayerNorm", "NativeGroupNorm", "Softplus"],
  ...["Exp", "Expm1", "Log", "Log1p", "Log2", "Log10", "Pow", "Rsqrt", "Reciprocal", "Sum", "Prod"],
  ...["Cumsum", "Cumprod", "Tan", "Acos", "Asin", "Cosh", "Sinh", "Normalize", "CosineSimilarity"],
]);

/** On CPUs, whose kernels add up in float32 by themselves. */
const WIDE_ON_CPU: ReadonlySet<string> = new Set([...LOSSES, "Prod"]);

/** The region that holds; undefined outside of all, and where tensors lie on another device than it is for. */
function activeRegion(): AutocastRegion | undefined {
  const region = regions.getStore();
  if (!region?.enabled || region.dtype === "float32") return undefined;
  return region.deviceType === defaultRuntime().provider ? region : undefined;
}

/** The dtype that a function's inputs are cast to; undefined where they stay as they are. */
export function autocastDType(name: string): DType | undefined {
  const region = activeRegion();
  if (!region) return undefined;
  if (SHORT.has(name)) return region.dtype;
  const wide = region.deviceType === "cpu" ? WIDE_ON_CPU : WIDE;
  return wide.has(name) ? "float32" : undefined;
}
