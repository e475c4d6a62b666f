/**
 * Connectionist temporal classification: labels of a sequence whose positions in it are not known.
 * @module
 */
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { reduceEach, REDUCTION, type ReductionOption } from "./reduction.ts";

/** Lengths of sequences: a list, or a tensor whose values are computed already. */
export type Lengths = readonly number[] | Tensor;

/** What {@linkcode Lengths} is, as an argument. */
const lengthsKind: Kind<Lengths> = kinds.either(tensorKind, kinds.numbers);

/** Options of {@linkcode ctcLoss}. */
export interface CtcOptions extends ReductionOption {
  /** Number of the class that stands for no label, 0 unless given. */
  readonly blank?: number;
  /** Whether infinite losses (of targets that are too long) count as 0. */
  readonly zeroInfinity?: boolean;
}

/** What {@linkcode ctcLoss} takes beside its tensors. */
export const CTC = signature("ctcLoss", ["blank", kinds.integer, 0], "*", REDUCTION, [
  "zeroInfinity",
  kinds.boolean,
  false,
]);

/** Stands for log(0): small enough, and its differences are values. */
const NEVER = -1e30;

const CTC_OF = CTC.after(
  ["logProbs", tensorKind],
  ["targets", tensorKind],
  ["inputLengths", lengthsKind],
  ["targetLengths", lengthsKind],
);

/**
 * The negative logarithm of the probability of the targets, summed over all ways to lay them out in time (Graves et al.
 * 2006). The mean is over losses divided by their target's length.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 *
 * @param logProbs log-probabilities [time, n, classes], or [time, classes] of one sequence
 * @param targets class indices [n, longest], or all one after the other
 * @param inputLengths how many time steps of each sequence count
 * @param targetLengths how many labels of each target count
 * @throws {Error} if shapes and lengths do not fit, or lengths are not computed yet
 */
export function ctcLoss(
  ...given: Call<
    typeof CTC_OF,
    CtcOptions,
    [logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths]
  >
): Tensor {
  const { logProbs, targets, inputLengths, targetLengths, blank, reduction, zeroInfinity } = CTC_OF
    .read(given);
  const isSingle = logProbs.ndim === 2;
  const batch = isSingle ? logProbs.unsqueeze(1) : logProbs;
  const [time, n, classes] = batch.shape;
  const inputs = lengthsOf("input_lengths", inputLengths, n, time);
  const lengths = lengthsOf("target_lengths", targetLengths, n, Infinity);
  if (blank < 0 || blank >= classes) {
    throw new Error(`blank must be in label range, got ${blank} of ${classes} classes`);
  }
  const labels = paddedTargets(targets, lengths, blank);
  const each = apply(
    "CtcLoss",
    [batch],
    ([x]) => lossOf(x, labels, inputs, lengths, blank, zeroInfinity),
  );
  const shaped = isSingle ? each.reshape([]) : each;
  if (reduction !== "mean") return reduceEach(shaped, reduction);
  const sizes = new Tensor(constant(lengths.map((length) => Math.max(1, length)), each.dtype));
  return each.div(sizes).mean();
}

function lengthsOf(name: string, lengths: Lengths, n: number, most: number): number[] {
  if (lengths instanceof Tensor && !lengths.array.isOnHost) {
    throw new Error(`ctcLoss: ${name} are not computed yet; await ${name}.data() first`);
  }
  const list = lengths instanceof Tensor
    ? Array.from(lengths.array.buffer.data, Number)
    : [...lengths];
  const fits = list.length === n &&
    list.every((length) => Number.isInteger(length) && length >= 0 && length <= most);
  if (fits) return list;
  throw new Error(
    `Expected ${name} to be ${n} integers from 0 to ${most}, got [${list.join(", ")}]`,
  );
}

/** Targets [n, longest], blanks after their ends. */
function paddedTargets(targets: Tensor, lengths: readonly number[], blank: number): LazyArray {
  const longest = Math.max(0, ...lengths);
  const long = ops.cast(targets.array, "int64");
  const fits = targets.ndim === 2
    ? targets.shape[0] === lengths.length && targets.shape[1] >= longest
    : targets.numel() >= lengths.reduce((a, b) => a + b, 0);
  if (!fits) {
    throw new Error(
      `ctcLoss: targets ${showShape(targets.shape)} do not hold target_lengths [${
        lengths.join(", ")
      }]`,
    );
  }
  const width = targets.ndim === 2 ? targets.shape[1] : 0;
  let at = 0;
  const positions = lengths.flatMap((length, row) => {
    const start = targets.ndim === 2 ? row * width : at;
    at += length;
    return Array.from({ length: longest }, (_, i) => i < length ? start + i : 0);
  });
  const valid = lengths.flatMap((length) =>
    Array.from({ length: longest }, (_, i) => i < length ? 1 : 0)
  );
  const shape = [lengths.length, longest];
  if (longest === 0) return constant([], "int64", shape);
  const picked = ops.gather(ops.reshape(long, [-1]), constant(positions, "int64", shape), 0);
  return ops.where(constant(valid, "bool", shape), picked, constant(blank, "int64"));
}

function lossOf(
  x: LazyArray,
  labels: LazyArray,
  inputs: readonly number[],
  lengths: readonly number[],
  blank: number,
  zeroInfinity: boolean,
): LazyArray {
  const [time, n] = x.shape;
  const longest = labels.shape[1];
  const states = 2 * longest + 1;
  const blanks = ops.expand(constant(blank, "int64", [1, 1, 1]), [n, longest, 1]);
  const apart = ops.reshape(ops.concat([blanks, ops.reshape(labels, [n, longest, 1])], 2), [
    n,
    2 * longest,
  ]);
  const extended = ops.concat(
    [apart, constant(new Array<number>(n).fill(blank), "int64", [n, 1])],
    1,
  );
  const number = (value: number) => constant(value, x.dtype);
  const never = number(NEVER);
  const shifted = (a: LazyArray, by: number) =>
    by >= states
      ? ops.expand(number(NEVER), a.shape)
      : ops.concat([ops.expand(number(NEVER), [n, by]), ops.slice(a, [0, 0], [n, states - by])], 1);
  // A state is reached from two before it where both are different labels.
  const before = states > 2
    ? ops.concat([
      ops.slice(extended, [0, 0], [n, Math.min(2, states)]),
      ops.slice(extended, [0, 0], [n, states - 2]),
    ], 1)
    : extended;
  const skips = ops.logicalAnd(
    ops.logicalNot(ops.equal(extended, before)),
    ops.logicalNot(ops.equal(extended, constant(blank, "int64"))),
  );
  const column = Array.from({ length: states }, (_, s) => s >= 2 ? 1 : 0);
  const maySkip = ops.logicalAnd(skips, constant(column, "bool", [1, states]));
  const emitted = (t: number) => {
    const step = ops.reshape(ops.slice(x, [t, 0, 0], [t + 1, n, x.shape[2]]), [n, x.shape[2]]);
    return ops.maximum(ops.gatherElements(step, extended, 1), never);
  };
  const mask = (keep: (sample: number, state: number) => boolean, values = n * states) =>
    constant(
      Array.from({ length: values }, (_, i) => keep(Math.floor(i / states), i % states) ? 1 : 0),
      "bool",
      [n, states],
    );
  let alpha = ops.where(mask((i, s) => s === 0 || (s === 1 && lengths[i] > 0)), emitted(0), never);
  let last = alpha;
  for (let t = 1; t < time; t++) {
    const skipped = ops.where(maySkip, shifted(alpha, 2), never);
    alpha = ops.maximum(ops.add(logSum([alpha, shifted(alpha, 1), skipped]), emitted(t)), never);
    last = ops.where(mask((i) => inputs[i] - 1 >= t), alpha, last);
  }
  const ends = ops.where(
    mask((i, s) => s === 2 * lengths[i] || s === 2 * lengths[i] - 1),
    last,
    never,
  );
  const top = ops.max(ends, { axes: 1, keepDims: true });
  const total = ops.add(
    ops.log(ops.sum(ops.exp(ops.sub(ends, top)), { axes: 1, keepDims: true })),
    top,
  );
  const loss = ops.neg(ops.reshape(total, [n]));
  const endless = ops.greater(loss, number(-NEVER / 2));
  return ops.where(endless, number(zeroInfinity ? 0 : Infinity), loss);
}

function logSum(arrays: readonly LazyArray[]): LazyArray {
  const top = arrays.reduce(ops.maximum);
  return ops.add(top, ops.log(arrays.map((a) => ops.exp(ops.sub(a, top))).reduce(ops.add)));
}
