/**
 * Maximum pooling on blocked channels. In training ONNX Runtime's MaxPool has to tell where the maxima lay, which takes
 * it longer than a convolution (four unpredictable branches a window); blocked kernels only tell the maxima, and the gradient
 * is made from those (see window_gradient.ts). Behind a convolution that nothing else reads the maxima cost nothing:
 * the convolution is computed in phases, one an element of the window (see window_phases.ts), and
 *
 *   m_0 = phase_0,  m_k = max(m_k-1, phase_k)            the last m is the maximum
 *   g = dy;  for k from the last to 1:  dphase_k = g where m_k-1 < phase_k,  g = g where m_k-1 >= phase_k;  dphase_0 = g
 *
 * Of equal largest elements the first takes the whole gradient, as everywhere.
 * @module
 */
import { MOST_PHASES } from "./costs.ts";
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { relu } from "../../ops/activation.ts";
import { mul, sub } from "../../ops/arithmetic.ts";
import { maximum } from "../../ops/comparison.ts";
import { CONV, type ConvAttributes } from "../../ops/convolution.ts";
import { MAX_POOL, type PoolAttributes, UNPOOL } from "../../ops/pooling.ts";
import { array, computedBy, named, node, type Rule, rule, type Uses } from "../pattern.ts";
import { BLOCKED_MAX_POOL } from "./blocked_max_pool.ts";
import { reaches } from "./clipped_line.ts";
import { BLOCKED_CONV, filtersInBlocks, NOTHING_MORE } from "./convolution.ts";
import { behindUnblocked, blocked, unblocked } from "./layout.ts";
import { JOIN_PHASES } from "./join_phases.ts";
import { ofSizes, windowGradient } from "./window_gradient.ts";
import { phaseAttributes } from "./window_phases.ts";
import { transformOf } from "./winograd.ts";

/** Poolings of blocked arrays, and those behind a convolution. Whoever reads the indices without being rewritten finds them still. */
export function poolingInBlocks(block: number): Rule {
  return rule(node(MAX_POOL, [array("x")]), ({ root, x }, uses) => {
    const { op, attributes, outputUses: [usesOfMaxima, usesOfIndices] } = root;
    if (usesOfMaxima === 0) return undefined;
    const phases = usesOfIndices > 0 ? phasesBefore(x, attributes, uses, block) : undefined;
    const maxima = phases ? runningMaxima(phases).at(-1)! : maximaInBlocks(x, root, uses, block);
    return maxima && [unblocked(maxima), applyOp(op, [x], attributes)[1]];
  });
}

function maximaInBlocks(
  x: LazyArray,
  { attributes, outputUses }: { attributes: PoolAttributes; outputUses: readonly number[] },
  uses: Uses,
  block: number,
): LazyArray | undefined {
  const inner = behindUnblocked(x) ??
    (outputUses[1] === 0 ? convolvedInBlocks(x, uses, block) : undefined);
  return inner && applyOp(BLOCKED_MAX_POOL, [inner], attributes)[0];
}

/** What a pooling alone reads of a convolution of few channels: such a one goes into blocks for what follows it. */
function convolvedInBlocks(x: LazyArray, uses: Uses, block: number): LazyArray | undefined {
  const source = convolutionBehind(x, block);
  if (!source || !alone(x, uses)) return undefined;
  return applyOp(BLOCKED_CONV, source.inputs, {
    ...source.attributes,
    ...NOTHING_MORE,
    relu: source.relu,
  })[0];
}

/** The gradients of poolings of which {@linkcode poolingInBlocks} computes the maxima alone. */
export function unpoolingInBlocks(block: number): Rule {
  const pooling = named("pool", node(MAX_POOL, [array("x")], { output: 1 }));
  return rule(node(UNPOOL, [array("dy"), pooling]), ({ dy, pool: { attributes }, x }, uses) => {
    const phases = phasesBefore(x, attributes, uses, block);
    if (phases) {
      const gradients = phaseGradients(blocked(dy), phases);
      const [joined] = applyOp(JOIN_PHASES, gradients, { window: attributes.kernel, block });
      return [unblocked(ofSizes(joined, x.shape.slice(2), block))];
    }
    const inner = behindUnblocked(x);
    if (!inner) return undefined;
    const [maxima] = applyOp(BLOCKED_MAX_POOL, [inner], attributes);
    return [unblocked(windowGradient(blocked(dy), inner, maxima, attributes, block))];
  });
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
 * The phases of the convolution whose result (or what relu left of it) a pooling alone reads, blocked: for others it would be
 * computed twice.
 */
function phasesBefore(
  pooled: LazyArray,
  attributes: PoolAttributes,
  uses: Uses,
  block: number,
): LazyArray[] | undefined {
  const source = convolutionBehind(behindUnblocked(pooled) ?? pooled, block);
  if (!source || !alone(pooled, uses) || !liesSideBySide(attributes)) return undefined;
  const [x, w] = source.inputs;
  const window = attributes.kernel;
  // Phases take all products.
  if (transformOf(w.shape, pooled.shape, source.attributes)) return undefined;
  const phases = phaseAttributes({
    attributes: source.attributes,
    input: x.shape,
    filter: w.shape,
    window,
    outputSizes: [0, 1].map((i) => Math.floor(pooled.shape[2 + i] / window[i])),
  });
  const { relu } = source;
  return phases?.map((phase) =>
    applyOp(BLOCKED_CONV, source.inputs, { ...phase, ...NOTHING_MORE, relu })[0]
  );
}

/** Windows that neither overlap nor leave anything out between them. */
function liesSideBySide({ kernel, stride, padding, dilation }: PoolAttributes): boolean {
  return kernel.length === 2 && kernel[0] * kernel[1] <= MOST_PHASES &&
    padding.every((n) => n === 0) &&
    kernel.every((dimension, i) => stride[i] === dimension && dilation[i] === 1);
}

/** Whether nothing but one pooling reads an array and what relu made it from. */
function alone(pooled: LazyArray, uses: Uses): boolean {
  const before = computedBy(relu.op, pooled)?.inputs[0];
  return uses(pooled) === 1 && (!before || uses(before) === 1);
}

interface Source {
  /** Input, filters in blocks, bias if there is one. */
  readonly inputs: readonly LazyArray[];
  readonly attributes: ConvAttributes;
  readonly relu: 0 | 1;
}

/** The convolution, with relu or without, that an array is the result of, if it can be computed in blocks. */
function convolutionBehind(array: LazyArray, block: number): Source | undefined {
  const active = computedBy(relu.op, array);
  const source = active ? active.inputs[0] : array;
  const inBlocks = computedBy(BLOCKED_CONV, source);
  if (inBlocks) {
    const { inputs, attributes } = inBlocks;
    return { inputs, attributes, relu: active ? 1 : attributes.relu };
  }
  const conv = computedBy(CONV, source);
  if (!conv) return undefined;
  const [x, w, ...bias] = conv.inputs;
  const fits = w.shape.length === 4 && w.dtype === "float32" && conv.attributes.groups === 1 &&
    w.shape[0] % block === 0 && w.shape[1] < block;
  return fits
    ? {
      inputs: [x, filtersInBlocks(w, block), ...bias],
      attributes: conv.attributes,
      relu: active ? 1 : 0,
    }
    : undefined;
}
