/**
 * Views as part of the history, and writing into memory that views and detached twins share.
 * @module
 */
import { ops, sameShape } from "../../onnx/mod.ts";
import { keepState } from "../evaluation.ts";
import { enableGrad, isGradEnabled } from "../grad_mode.ts";
import { readThrough, type ViewStep, writeThrough } from "../storage.ts";
import { type History, Tensor } from "../tensor.ts";
import { apply, applyMany } from "./apply.ts";

/** A view: shares a tensor's memory and is part of its history. For functions like `permute`. */
export function viewOf(input: Tensor, name: string, step: ViewStep): Tensor {
  const base = input.base ?? input;
  const memory = {
    storage: input.storage,
    steps: [...input.steps, step],
    base,
    followBase: (whole: Tensor) => asView(whole, stepsFrom(whole, [...input.steps, step])),
  };
  if (!input.requiresGrad || !isGradEnabled()) return new Tensor(memory);
  const [computed] = applyMany(name, [input], ([whole]) => [step.read(whole)]);
  return new Tensor(memory, computed.history);
}

/** A view whose base was written to was computed from what the base is now. */
function asView(base: Tensor, steps: readonly ViewStep[]): History {
  return enableGrad(() =>
    applyMany("AsView", [base], ([whole]) => [readThrough(whole, steps)])[0].history
  );
}

function stepsFrom(base: Tensor, steps: readonly ViewStep[]): readonly ViewStep[] {
  return steps.slice(base.steps.length);
}

/**
 * Replaces a tensor's value in place, in the memory that views and twins share; the source is stretched to its
 * shape and cast to its dtype.
 *
 * @throws {Error} if a leaf that requires gradients would change, or the source does not fit.
 */
export function write(target: Tensor, source: Tensor): Tensor {
  const whole = target.base ?? target;
  if (whole.requiresGrad && whole.isLeaf && isGradEnabled()) {
    const what = target.base ? "a view of a leaf Variable" : "a leaf Variable";
    throw new Error(`${what} that requires grad is being used in an in-place operation.`);
  }
  const value = fitted(target, source);
  if ((value.requiresGrad || whole.requiresGrad) && isGradEnabled()) rewrite(whole, target, value);
  else target.array = value.array;
  if (target.storage.isLasting) keepState(target.storage);
  return target;
}

function fitted({ shape, dtype }: Tensor, source: Tensor): Tensor {
  if (sameShape(source.shape, shape) && source.dtype === dtype) return source;
  return apply("Copy", [source], ([x]) => ops.expand(ops.cast(x, dtype), shape));
}

/** Makes the whole the result of writing `value` into `target`, a view of it or itself. */
function rewrite(whole: Tensor, target: Tensor, value: Tensor): void {
  const steps = target === whole ? [] : stepsFrom(whole, target.steps);
  const result = steps.length === 0 ? value : apply(
    "CopySlices",
    [whole, value],
    ([all, part]) => writeThrough(all, steps, part),
  );
  whole.array = result.array;
  whole.history = result.history;
}
