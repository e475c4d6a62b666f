/**
 * Exponentials that sum to 1.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, ops } from "../../../onnx/mod.ts";
import { defaultGenerator } from "../../random.ts";
import { apply } from "../../autograd/apply.ts";
import { computeAlong } from "../../ops/dims.ts";

const SOFTMAX = signature("softmax", ["input", tensorKind], ["dim", kinds.integer]);

/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html */
export function softmax(
  ...given: Call<typeof SOFTMAX, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = SOFTMAX.read(given);
  return computeAlong(
    "softmax",
    input,
    dim,
    (x, axis) => apply("Softmax", [x], ([x]) => ops.softmax(x, axis)),
  );
}

const SOFTMIN = signature("softmin", ["input", tensorKind], ["dim", kinds.integer]);

/** Softmax of -x. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html */
export function softmin(
  ...given: Call<typeof SOFTMIN, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = SOFTMIN.read(given);
  return computeAlong(
    "softmin",
    input,
    dim,
    (x, axis) => apply("Softmin", [x], ([x]) => ops.softmax(ops.neg(x), axis)),
  );
}

const LOG_SOFTMAX = signature("logSoftmax", ["input", tensorKind], ["dim", kinds.integer]);

/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html */
export function logSoftmax(
  ...given: Call<typeof LOG_SOFTMAX, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = LOG_SOFTMAX.read(given);
  return computeAlong(
    "logSoftmax",
    input,
    dim,
    (x, axis) => apply("LogSoftmax", [x], ([x]) => ops.logSoftmax(x, axis)),
  );
}

/** Options of {@linkcode gumbelSoftmax}. */
export interface GumbelOptions {
  /** Temperature, 1 unless given. */
  readonly tau?: number;
  /** Return one-hot choices, with the gradient of the soft ones. */
  readonly hard?: boolean;
  /** Axis of the choices, the last unless given. */
  readonly dim?: number;
}

const GUMBEL_SOFTMAX = signature(
  "gumbelSoftmax",
  ["logits", tensorKind],
  ["tau", kinds.number, undefined],
  ["hard", kinds.boolean, undefined],
  "*",
  ["dim", kinds.integer, undefined],
);

/**
 * Random choices by unnormalized log-probabilities, with gradients (Jang et al. 2016).
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
 */
export function gumbelSoftmax(
  ...given: Call<typeof GUMBEL_SOFTMAX, GumbelOptions, [logits: Tensor]>
): Tensor {
  const { logits, tau = 1, hard = false, dim = -1 } = GUMBEL_SOFTMAX.read(given);
  return computeAlong("gumbelSoftmax", logits, dim, (x, axis) => choices(x, tau, hard, axis));
}

function choices(logits: Tensor, tau: number, hard: boolean, axis: number): Tensor {
  const key = defaultGenerator().nextKeyArray();
  const soft = apply("GumbelSoftmax", [logits], ([x]) => {
    const number = (value: number) => constant(value, x.dtype);
    // Kept from 0 and 1, where the noise would be infinite.
    const random = ops.mul(ops.cast(ops.uniform(key, x.shape), x.dtype), number(1 - 2 ** -22));
    const noise = ops.neg(ops.log(ops.neg(ops.log(ops.add(random, number(2 ** -23))))));
    return ops.softmax(ops.div(ops.add(x, noise), number(tau)), axis);
  });
  if (!hard) return soft;
  const top = ops.max(soft.array, { axes: axis, keepDims: true });
  const choice = ops.cast(ops.equal(soft.array, top), soft.dtype);
  // Made outside of the function: no gradient flows through it.
  const correction = ops.sub(choice, soft.array);
  return apply("StraightThrough", [soft], ([x]) => ops.add(x, correction));
}
