/**
 * Maximum pooling on blocked channels. In training ONNX Runtime's MaxPool has to tell where the maxima lay, which takes
 * it longer than a convolution (four unpredictable branches a window). Behind a convolution that can be had without:
 * the convolution is computed in phases, one an element of the window (see window_phases.ts), and
 *
 *   m_0 = phase_0,  m_k = max(m_k-1, phase_k)            the last m is the maximum
 *   g = dy;  for k from the last to 1:  dphase_k = g where m_k-1 < phase_k,  g = g where m_k-1 >= phase_k;  dphase_0 = g
 *
 * Of equal largest elements the first takes the whole gradient, as everywhere.
 * @module
 */
import { MOST_PHASES } from "./costs.ts";
import type { GraphNode, LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { CONV, type ConvAttributes } from "../../ops/convolution.ts";
import { mul, sub } from "../../ops/arithmetic.ts";
import { maximum } from "../../ops/comparison.ts";
import { writeMaxPool } from "../../ops/nan_pooling.ts";
import { MAX_POOL, onnxAttributes, type PoolAttributes, UNPOOL } from "../../ops/pooling.ts";
import type { RewritePlace, RewriteRule } from "../apply_rules.ts";
import { reaches } from "./clipped_line.ts";
import { BLOCKED_CONV, type BlockedConvAttributes, filtersInBlocks } from "./convolution.ts";
import { behindUnblocked, blocked, NCHWC_DOMAIN, unblocked } from "./layout.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { phaseAttributes } from "./window_phases.ts";

/** The pooling of a blocked array; only the maxima. */
const BLOCKED_MAX_POOL: Op<PoolAttributes> = {
  name: "BlockedMaxPool",
  infer: (inputs, attributes) => MAX_POOL.infer(inputs, attributes).slice(0, 1),
  flops: (inputs, outputs, attributes) => MAX_POOL.flops(inputs, outputs, attributes),
  lower: (writer, [input], attributes, { inputs: [type], outputs: results }) =>
    writeMaxPool(writer, {
      input,
      type,
      options: { domain: NCHWC_DOMAIN, attributes: onnxAttributes(attributes) },
      carriesNaN: !attributes.ignoresNaN,
      withIndices: false,
      results,
    }),
};

/** Rewrites poolings of blocked arrays, and those behind a convolution that gradients flow back through. */
export function poolingInBlocks(block: number): RewriteRule {
  return (op, inputs, attributes, { original, readers }) => {
    if (op.name !== MAX_POOL.name) return undefined;
    // Whoever reads the indices without being rewritten finds them still.
    const [maxima, indices] = applyOp(op, inputs, attributes);
    if (readers(original.outputs[1]) > 0) {
      const phases = phasesBefore(maxima.node!, original, readers, block);
      return phases && [unblocked(runningMaxima(phases).at(-1)!), indices];
    }
    const inner = behindUnblocked(inputs[0]) ??
      convolvedInBlocks(inputs[0], original, readers, block);
    if (!inner) return undefined;
    const [pooled] = applyOp(BLOCKED_MAX_POOL, [inner], attributes as PoolAttributes);
    return [unblocked(pooled), indices];
  };
}

/** What a pooling alone reads of a convolution of few channels: such a one goes into blocks for what follows it. */
function convolvedInBlocks(
  pooled: LazyArray,
  original: GraphNode,
  readers: RewritePlace["readers"],
  block: number,
): LazyArray | undefined {
  const source = convolutionBehind(pooled, block);
  if (!source || !alone(original.inputs[0], readers)) return undefined;
  return applyOp(BLOCKED_CONV, source.inputs, { ...source.attributes, relu: source.relu })[0];
}

/** Rewrites the gradients of poolings that {@linkcode poolingInBlocks} computes in phases. */
export function unpoolingInBlocks(block: number): RewriteRule {
  return (op, [dy, indices], _, { original, readers }) => {
    const pool = original.inputs[1]?.node;
    if (op.name !== UNPOOL.name || pool?.op.name !== MAX_POOL.name) return undefined;
    const phases = phasesBefore(indices.node!, pool, readers, block);
    if (!phases) return undefined;
    const gradients = phaseGradients(blocked(dy), phases);
    const window = pool.attributes.kernel as readonly number[];
    return [unblocked(applyOp(JOIN_PHASES, gradients, { window, block })[0])];
  };
}

function runningMaxima([first, ...others]: readonly LazyArray[]): LazyArray[] {
  const maxima = [first];
  for (const phase of others) maxima.push(maximum(maxima.at(-1)!, phase));
  return maxima;
}

function phaseGradients(dy: LazyArray, phases: readonly LazyArray[]): LazyArray[] {
  const maxima = runningMaxima(phases);
  const gradients: LazyArray[] = [];
  let rest = dy;
  for (let k = phases.length - 1; k > 0; k--) {
    const passedOn = mul(rest, reaches(maxima[k - 1], phases[k]));
    gradients.unshift(sub(rest, passedOn));
    rest = passedOn;
  }
  return [rest, ...gradients];
}

/**
 * The phases of the convolution whose result (or what relu left of it) a pooling reads, blocked.
 *
 * @param pool the pooling on rewritten inputs
 * @param original the pooling as it was, which alone must read the convolution: else it would be computed twice
 */
function phasesBefore(
  pool: GraphNode,
  original: GraphNode,
  readers: RewritePlace["readers"],
  block: number,
): LazyArray[] | undefined {
  const [pooled] = pool.inputs;
  const source = convolutionBehind(behindUnblocked(pooled) ?? pooled, block);
  if (!source || !alone(original.inputs[0], readers) || !liesSideBySide(pool)) return undefined;
  const [x, w] = source.inputs;
  const window = pool.attributes.kernel as readonly number[];
  const phases = phaseAttributes({
    attributes: source.attributes,
    input: x.shape,
    filter: w.shape,
    window,
    outputSizes: [0, 1].map((i) => pooled.shape[2 + i] / window[i]),
  });
  const { relu } = source;
  return phases?.map((phase) => applyOp(BLOCKED_CONV, source.inputs, { ...phase, relu })[0]);
}

/** Windows that neither overlap nor leave anything out. */
function liesSideBySide({ inputs: [x], attributes }: GraphNode): boolean {
  const [kernel, stride, padding, dilation] = ["kernel", "stride", "padding", "dilation"]
    .map((name) => attributes[name] as readonly number[]);
  return kernel.length === 2 && kernel[0] * kernel[1] <= MOST_PHASES &&
    padding.every((n) => n === 0) &&
    kernel.every((dimension, i) =>
      stride[i] === dimension && dilation[i] === 1 && x.shape[2 + i] % dimension === 0
    );
}

/** Whether nothing but one pooling reads an array and what relu made it from. */
function alone(pooled: LazyArray, readers: RewritePlace["readers"]): boolean {
  const before = pooled.node?.op.name === "Relu" ? pooled.node.inputs[0] : undefined;
  return readers(pooled) === 1 && (!before || readers(before) === 1);
}

interface Source {
  /** Input, filters in blocks, bias if there is one. */
  readonly inputs: readonly LazyArray[];
  readonly attributes: ConvAttributes;
  readonly relu: 0 | 1;
}

/** The convolution, with relu or without, that an array is the result of, if it can be computed in blocks. */
function convolutionBehind(array: LazyArray, block: number): Source | undefined {
  const isRelu = array.node?.op.name === "Relu";
  const node = isRelu ? array.node!.inputs[0].node : array.node;
  if (node?.op.name === BLOCKED_CONV.name) {
    const attributes = node.attributes as BlockedConvAttributes;
    return { inputs: node.inputs, attributes, relu: isRelu ? 1 : attributes.relu };
  }
  if (node?.op.name !== CONV.name) return undefined;
  const [x, w, ...bias] = node.inputs;
  const attributes = node.attributes as ConvAttributes;
  const fits = w.shape.length === 4 && w.dtype === "float32" && attributes.groups === 1 &&
    w.shape[0] % block === 0 && w.shape[1] < block;
  return fits
    ? { inputs: [x, filtersInBlocks(w, block), ...bias], attributes, relu: isRelu ? 1 : 0 }
    : undefined;
}
