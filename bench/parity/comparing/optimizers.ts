/**
 * The same RMSprop in both idioms.
 * @module
 */
import { constant, fromHost, type LazyArray, ops } from "../../../onnx/mod.ts";
import { optimizers as kerasOptimizers } from "../../../keras_style/mod.ts";
import { optim } from "../../../torch_style/mod.ts";

/** Keras' defaults. */
const [rho, epsilon] = [0.9, 1e-7];

/**
 * RMSprop as Keras has it, for the PyTorch idiom: v = rho v + (1 - rho) g², p -= lr g / sqrt(v + epsilon).
 * PyTorch's own adds epsilon to the root, which no constant makes equal.
 * Source: keras/src/optimizers/rmsprop.py of Keras 3.
 */
export class KerasRuleRMSprop extends optim.Optimizer<{ lr: number }> {
  protected override checkOptions(): void {}

  protected override update(
    parameter: LazyArray,
    { gradient, state, options, feed }: optim.UpdateContext<{ lr: number }>,
  ): optim.Update {
    const before = state.velocity ??
      fromHost(new Float32Array(parameter.size), parameter.shape);
    const velocity = ops.add(
      ops.mul(before, constant(rho)),
      ops.mul(ops.mul(gradient, gradient), constant(1 - rho)),
    );
    const divisor = ops.sqrt(ops.add(velocity, constant(epsilon)));
    const step = ops.div(ops.mul(feed(options.lr), gradient), divisor);
    return { parameter: ops.sub(parameter, step), state: { velocity } };
  }
}

/** The Keras idiom's side. */
export function kerasRmsprop(learningRate: number): kerasOptimizers.Optimizer {
  return new kerasOptimizers.RMSprop({ learningRate, rho, epsilon });
}

/** What both sides compute, for the report. */
export const ruleText =
  `RMSprop by Keras' rule in both: rho ${rho}, epsilon ${epsilon} under the root`;
