/**
 * Functions with a gradient rule of one's own.
 * @module
 */
import { isGradEnabled, noGrad } from "../grad_mode.ts";
import { Tensor } from "../tensor.ts";
import { edgeOf, GradFn } from "./grad_fn.ts";

/** What forward hands on to backward. */
export class FunctionContext {
  #saved: readonly Tensor[] = [];
  /** Which inputs want a gradient. */
  readonly needsInputGrad: readonly boolean[];

  constructor(inputs: readonly Tensor[]) {
    this.needsInputGrad = inputs.map((input) => input.requiresGrad);
  }

  /** Keeps tensors for the backward pass. */
  saveForBackward(...tensors: Tensor[]): void {
    this.#saved = tensors;
  }

  /** What {@linkcode FunctionContext.saveForBackward} kept. */
  get savedTensors(): readonly Tensor[] {
    return this.#saved;
  }

  /** Lets go of what was kept. */
  release(): void {
    this.#saved = [];
  }
}

/** A function and the rule of its gradient. */
export interface FunctionRules {
  /** Shown as the results' `gradFn`. */
  readonly name: string;
  /** Computes the result; nothing in it is remembered. */
  forward(context: FunctionContext, ...inputs: Tensor[]): Tensor;
  /** The gradient of each input, null where there is none, from the gradient of the result. */
  backward(context: FunctionContext, gradient: Tensor): Tensor | readonly (Tensor | null)[];
}

class CustomFn extends GradFn<Tensor> {
  #released = false;

  constructor(
    readonly rules: FunctionRules,
    readonly context: FunctionContext,
    inputs: readonly Tensor[],
  ) {
    super(`${rules.name}Backward`, inputs.map((input) => edgeOf(input)));
  }

  override backward(upstream: readonly (Tensor | null)[]): (Tensor | null)[] {
    if (this.#released) {
      throw new Error(
        `Trying to backward through the graph a second time (${this.name}): specify retainGraph: true on the first pass`,
      );
    }
    const result = this.rules.backward(this.context, upstream[0]!);
    const gradients = result instanceof Tensor ? [result] : [...result];
    if (gradients.length !== this.edges.length) {
      throw new Error(
        `function ${this.name} returned an incorrect number of gradients ` +
          `(expected ${this.edges.length}, got ${gradients.length})`,
      );
    }
    return gradients;
  }

  override release(): void {
    this.#released = true;
    this.context.release();
  }
}

/**
 * A function of tensors whose gradient is given by a rule. If the rule is made of differentiable functions,
 * gradients of gradients work too.
 * Follows https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const straightThrough = torch.autograd.defineFunction({
 *   name: "StraightThrough",
 *   forward: (_, x) => x.round(),
 *   backward: (_, gradient) => gradient,
 * });
 * const x = torch.tensor([0.4, 1.6], { requiresGrad: true });
 * straightThrough(x).sum().backward();
 * console.log(await x.grad!.tolist()); // [1, 1]
 * ```
 */
export function defineFunction(rules: FunctionRules): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const context = new FunctionContext(inputs);
    const result = noGrad(() => rules.forward(context, ...inputs));
    if (!isGradEnabled() || !inputs.some((input) => input.requiresGrad)) return result;
    return new Tensor(result.array, {
      gradFn: new CustomFn(rules, context, inputs),
      requiresGrad: true,
    });
  };
}
