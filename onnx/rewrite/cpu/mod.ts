/**
 * Rules that pay where ONNX Runtime's CPU kernels compute, one file each. What they write is for the pinned ONNX Runtime
 * alone: files that are exported never see them.
 * @module
 */
import { mergeReshapes, sinkTransposes } from "../relayouts.ts";
import type { RewriteRule } from "../apply_rules.ts";
import { channelSumInBlocks, rowsByProduct } from "./sums.ts";
import { batchNormInBlocks, standardizeInBlocks } from "./batch_norm.ts";
import { channelLine, lineOfSum, reluIntoLine, scaleBehindProduct } from "./channel_line.ts";
import { stepAsLine } from "./clipped_line.ts";
import { convolutionInBlocks, inputGradientInBlocks, reluIntoConvolution } from "./convolution.ts";
import { depthwiseFilterGradient, filterGradientByImage } from "./filter_gradient.ts";
import { channelsInBlocks, stayBlocked } from "./layout.ts";
import { smallConvolution, smallFilterGradient, smallInputGradient } from "./small_images.ts";
import { scaledSum } from "./scaled_sum.ts";
import { stridedGradientInBlocks } from "./strided_gradient.ts";
import { poolingInBlocks, unpoolingInBlocks } from "./pooling.ts";

/** The rules in the order they are tried. Without blocks of channels only those that need none. */
export function cpuRules(channelBlock: number | undefined): readonly RewriteRule[] {
  const inBlocks = channelBlock === undefined ? [] : [
    smallConvolution(channelBlock),
    smallInputGradient(channelBlock),
    smallFilterGradient,
    reluIntoConvolution,
    reluIntoLine,
    channelLine,
    lineOfSum,
    scaleBehindProduct,
    standardizeInBlocks(channelBlock),
    batchNormInBlocks,
    stayBlocked,
    convolutionInBlocks(channelBlock),
    inputGradientInBlocks(channelBlock),
    stridedGradientInBlocks(channelBlock),
    depthwiseFilterGradient(channelBlock),
    channelsInBlocks(channelBlock),
    poolingInBlocks(channelBlock),
    unpoolingInBlocks(channelBlock),
    channelSumInBlocks(channelBlock),
    scaledSum(channelBlock),
  ];
  return [
    mergeReshapes,
    stepAsLine,
    ...inBlocks,
    filterGradientByImage(channelBlock),
    rowsByProduct,
    sinkTransposes,
  ];
}
