/**
 * RMSprop.
 * @module
 */
import { constant, fromHost, type LazyArray, ops } from "../../onnx/mod.ts";
import type { Tensor } from "../tensor.ts";
import { Optimizer, type ParameterState } from "./optimizer.ts";

/** Options of {@linkcode RMSprop}, with PyTorch's defaults. */
export interface RMSpropOptions {
  /** Learning rate, 0.01 unless given. */
  readonly lr?: number;
  /** How much of the mean square is kept each step, 0.99 unless given. */
  readonly alpha?: number;
  /** Added to the root, 1e-8 unless given. */
  readonly eps?: number;
}

/**
 * Divides each gradient by the root of its recent mean square:
 *   v = alpha v + (1 - alpha) g²
 *   p = p - lr g / (sqrt(v) + eps)
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 */
export class RMSprop extends Optimizer {
  readonly #alpha: number;
  readonly #eps: number;
  #rate: LazyArray | undefined;

  constructor(parameters: readonly Tensor[], options: RMSpropOptions = {}) {
    super(parameters, options.lr ?? 0.01);
    this.#alpha = options.alpha ?? 0.99;
    this.#eps = options.eps ?? 1e-8;
    if (!(this.#alpha >= 0)) throw new Error(`Invalid alpha value: ${this.#alpha}`);
    if (!(this.#eps >= 0)) throw new Error(`Invalid epsilon value: ${this.#eps}`);
  }

  /** The rate is fed, not built in, so that a schedule does not make a new graph each step. */
  protected override beginStep(): void {
    this.#rate = fromHost(Float32Array.of(this.lr), []);
  }

  protected override update(parameter: LazyArray, gradient: LazyArray, state: ParameterState) {
    const keep = constant(this.#alpha);
    const square = state.squareAvg ?? fromHost(new Float32Array(parameter.size), parameter.shape);
    const fresh = ops.mul(constant(1 - this.#alpha), ops.mul(gradient, gradient));
    const squareAvg = ops.add(ops.mul(keep, square), fresh);
    const root = ops.add(ops.sqrt(squareAvg), constant(this.#eps));
    const change = ops.mul(this.#rate!, ops.div(gradient, root));
    return { parameter: ops.sub(parameter, change), state: { squareAvg } };
  }
}
