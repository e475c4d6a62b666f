/**
 * Rules that pay where ONNX Runtime's CPU kernels compute, one file each. What they write is for the pinned ONNX Runtime
 * alone: files that are exported never see them.
 * @module
 */
import { mergeReshapes, sinkTransposes } from "../relayout.ts";
import type { NamedRules } from "../apply_rules.ts";
import { channelSumInBlocks, rowsByProduct } from "./sums.ts";
import { batchNormInBlocks, standardizeInBlocks } from "./batch_norm.ts";
import {
  clipIntoLine,
  lineOfSum,
  reluIntoLine,
  scaleBehindProduct,
  scaleByChannel,
  shiftBack,
  shiftByChannel,
  shiftFrom,
} from "./channel_line.ts";
import { stepAsLine } from "./clipped_line.ts";
import {
  convolutionInBlocks,
  inputGradientInBlocks,
  reluIntoConvolution,
  sumIntoConvolution,
} from "./convolution.ts";
import { dilationInBlocks, sumOfPhases } from "./dilation.ts";
import {
  depthwiseFilterGradient,
  filterGradientByElement,
  filterGradientByImage,
} from "./filter_gradient.ts";
import {
  concatInBlocks,
  padInBlocks,
  sliceInBlocks,
  stayBlocked,
  unblockToChannelsLast,
} from "./layout.ts";
import { frozenProduct } from "./frozen_product.ts";
import { smallConvolution, smallFilterGradient, smallInputGradient } from "./small_images.ts";
import {
  smallConvolutionByFewerProducts,
  smallFilterGradientByFewerProducts,
  smallInputGradientByFewerProducts,
} from "./small_winograd.ts";
import {
  commonFactor,
  factorIntoExponent,
  halfOfRaised,
  halfOfSigma,
  innerFactorIntoExponent,
  raisedByHalf,
  sigmaByHalf,
} from "./gelu.ts";
import {
  cutFromBlocks,
  cutToChannelsLast,
  fillConvolution,
  fillFilterGradient,
  fillInBlocks,
  fillInputGradient,
} from "./filled_blocks.ts";
import { sinkCuts } from "./filled_channels.ts";
import { scaledProduct } from "./scaled_product.ts";
import { scaledSum } from "./scaled_sum.ts";
import { stridedGradientInBlocks } from "./strided_gradient.ts";
import { repeatedElements } from "./repeated_elements.ts";
import { transposedProduct } from "./transposed_product.ts";
import { turnedGradient } from "./turned_gradient.ts";
import { turnedProduct } from "./turned_product.ts";
import { convolutionByFewerProducts } from "./winograd.ts";
import { filterGradientByFewerProducts } from "./winograd_filter_gradient.ts";
import { poolingInBlocks, unpoolingInBlocks } from "./pooling.ts";

/** Rules that fill channels up to whole blocks, before anything is laid out in blocks. */
export function rulesOfFilling(block: number): NamedRules {
  return {
    fillConvolution: fillConvolution(block),
    fillInputGradient: fillInputGradient(block),
    fillFilterGradient: fillFilterGradient(block),
    ...sinkCuts,
    ...sinkTransposes,
  };
}

/** The rules in the order they are tried. Without blocks of channels only those that need none. */
export function cpuRules(channelBlock: number | undefined): NamedRules {
  const inBlocks = channelBlock === undefined ? {} : rulesInBlocks(channelBlock);
  return {
    mergeReshapes,
    stepAsLine,
    scaledProduct,
    halfOfSigma,
    sigmaByHalf,
    halfOfRaised,
    raisedByHalf,
    factorIntoExponent,
    innerFactorIntoExponent,
    commonFactor,
    ...inBlocks,
    turnedProduct,
    transposedProduct,
    repeatedElements,
    filterGradientByImage: filterGradientByImage(channelBlock),
    ...(channelBlock && { filterGradientByElement: filterGradientByElement(channelBlock) }),
    rowsByProduct,
    ...sinkTransposes,
  };
}

/** Rules for what is left of convolutions in blocks when what they compute on the way out is known. */
export function rulesOfProducts(block: number): NamedRules {
  return {
    convolutionByFewerProducts: convolutionByFewerProducts(block),
    scaledSum: scaledSum(block),
    sumOfPhases,
    sumIntoConvolution,
    turnedGradient,
  };
}

function rulesInBlocks(block: number): NamedRules {
  return {
    frozenProduct: frozenProduct(block),
    smallConvolutionByFewerProducts: smallConvolutionByFewerProducts(block),
    smallInputGradientByFewerProducts: smallInputGradientByFewerProducts(block),
    smallFilterGradientByFewerProducts,
    smallConvolution: smallConvolution(block),
    smallInputGradient: smallInputGradient(block),
    smallFilterGradient,
    reluIntoConvolution,
    reluIntoLine,
    clipIntoLine,
    shiftByChannel,
    shiftBack,
    shiftFrom,
    scaleByChannel,
    lineOfSum,
    scaleBehindProduct,
    standardizeInBlocks: standardizeInBlocks(block),
    batchNormInBlocks,
    stayBlocked,
    unblockToChannelsLast,
    fillInBlocks,
    cutFromBlocks,
    cutToChannelsLast,
    filterGradientByFewerProducts: filterGradientByFewerProducts(block),
    convolutionInBlocks: convolutionInBlocks(block),
    inputGradientInBlocks: inputGradientInBlocks(block),
    stridedGradientInBlocks: stridedGradientInBlocks(block),
    depthwiseFilterGradient: depthwiseFilterGradient(block),
    concatInBlocks: concatInBlocks(block),
    sliceInBlocks: sliceInBlocks(block),
    padInBlocks: padInBlocks(block),
    dilationInBlocks: dilationInBlocks(block),
    poolingInBlocks: poolingInBlocks(block),
    unpoolingInBlocks: unpoolingInBlocks(block),
    channelSumInBlocks: channelSumInBlocks(block),
    scaledSum: scaledSum(block),
  };
}
