/**
 * What all optimizers share: one call into ONNX Runtime computes the loss, the gradients and the updates.
 * @module
 */
import { defaultRuntime, type LazyArray } from "../../onnx/mod.ts";
import { noGrad } from "../grad_mode.ts";
import { evaluateWithKept } from "../kept_results.ts";
import type { Tensor } from "../tensor.ts";

/** Arrays an optimizer keeps for one parameter, by name. */
export type ParameterState = Record<string, LazyArray>;

/** Base class of optimizers. Follows https://docs.pytorch.org/docs/stable/optim.html */
export abstract class Optimizer {
  readonly #state = new Map<Tensor, ParameterState>();
  /** Values that the last step replaced: readable until the next step is done. */
  #retired: LazyArray[] = [];

  constructor(readonly parameters: readonly Tensor[], public lr: number) {
    if (parameters.length === 0) throw new Error("optimizer got an empty parameter list");
    if (!(lr >= 0)) {
      throw new Error(`Invalid learning rate: ${lr}, expected a number of at least 0`);
    }
  }

  /** The new value and state of one parameter. */
  protected abstract update(
    parameter: LazyArray,
    gradient: LazyArray,
    state: ParameterState,
  ): { parameter: LazyArray; state: ParameterState };

  /** Called once a step, before the updates. */
  protected beginStep(): void {}

  /**
   * Changes every parameter that has a gradient. Loss, gradients and updates are computed in one call.
   * Await it before timing or reading; without await, steps run in order all the same.
   */
  step(): Promise<void> {
    using _ = noGrad();
    this.beginStep();
    const replaced: LazyArray[] = [];
    const wanted: LazyArray[] = [];
    for (const parameter of this.parameters) {
      if (!parameter.grad) continue;
      const before = this.#state.get(parameter) ?? {};
      const { parameter: value, state } = this.update(
        parameter.array,
        parameter.grad.array,
        before,
      );
      replaced.push(parameter.array, ...Object.values(before));
      parameter.array = value;
      this.#state.set(parameter, state);
      wanted.push(value, ...Object.values(state));
    }
    return this.#evaluate(wanted, replaced);
  }

  async #evaluate(wanted: LazyArray[], replaced: LazyArray[]): Promise<void> {
    const retired = this.#retired;
    this.#retired = replaced;
    await evaluateWithKept(wanted);
    const { pool } = defaultRuntime();
    for (const array of retired) if (array.isOnHost) pool.give(array.dtype, array.buffer);
  }

  /** Forgets the gradients of all parameters, or sets them to zero. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters) {
      if (options.setToNone ?? true) parameter.grad = null;
      else parameter.grad?.zero_();
    }
  }
}
