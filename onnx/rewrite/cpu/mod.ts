/**
 * Rules that pay where ONNX Runtime's CPU kernels compute, one file each. What they write is for the pinned ONNX Runtime
 * alone: files that are exported never see them.
 * @module
 */
import { mergeReshapes, sinkTransposes } from "../relayouts.ts";
import type { RewriteRule } from "../apply_rules.ts";
import { channelSumInBlocks, rowsByProduct } from "./sums.ts";
import { stepAsLine } from "./clipped_line.ts";
import { convolutionInBlocks, inputGradientInBlocks, reluIntoConvolution } from "./convolution.ts";
import { filterGradientByImage } from "./filter_gradient.ts";
import { stayBlocked } from "./layout.ts";
import { poolingInBlocks, unpoolingInBlocks } from "./pooling.ts";

/** The rules in the order they are tried. Without blocks of channels only those that need none. */
export function cpuRules(channelBlock: number | undefined): readonly RewriteRule[] {
  const inBlocks = channelBlock === undefined ? [] : [
    reluIntoConvolution,
    stayBlocked,
    convolutionInBlocks(channelBlock),
    inputGradientInBlocks(channelBlock),
    poolingInBlocks(channelBlock),
    unpoolingInBlocks(channelBlock),
    channelSumInBlocks(channelBlock),
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
