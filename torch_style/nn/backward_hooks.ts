/**
 * Functions that see the gradients of a module's inputs and outputs.
 * @module
 */
import { edgeOf, GradFn } from "../autograd/grad_fn.ts";
import { isGradEnabled } from "../grad_mode.ts";
import { Tensor } from "../tensor.ts";

/**
 * Sees the gradients of a module's tensor inputs and outputs, null where there is none; what it returns (all of them) replaces
 * those of the inputs.
 */
export type BackwardHook<M> = (
  module: M,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | void;

/** Hands tensors on, and gradients back through a function that sees them all. */
class Passing extends GradFn<Tensor> {
  constructor(
    name: string,
    inputs: readonly Tensor[],
    readonly see: (gradients: readonly (Tensor | null)[]) => readonly (Tensor | null)[],
  ) {
    super(name, inputs.map((input) => edgeOf(input)));
  }

  override backward(upstream: readonly (Tensor | null)[]): (Tensor | null)[] {
    const seen = this.see(this.edges.map((_, i) => upstream[i] ?? null));
    if (seen.length === this.edges.length) return [...seen];
    throw new Error(
      `Backward hook returned an invalid number of grad_input, got ${seen.length}, but expected ${this.edges.length}`,
    );
  }

  override release(): void {}
}

/** The same tensors, behind one function of the graph. */
function pass(
  name: string,
  tensors: readonly Tensor[],
  see: (gradients: readonly (Tensor | null)[]) => readonly (Tensor | null)[],
): Tensor[] {
  const gradFn = new Passing(name, tensors, see);
  return tensors.map((tensor, outputIndex) =>
    tensor.requiresGrad
      ? new Tensor(tensor.array, { gradFn, outputIndex, requiresGrad: true })
      : tensor
  );
}

/** Other tensors in the indices of those of a value: of a tensor, or an array of tensors and more. */
function replaced(value: unknown, next: () => Tensor): unknown {
  if (value instanceof Tensor) return next();
  return Array.isArray(value) ? value.map((item) => item instanceof Tensor ? next() : item) : value;
}

function tensorsOf(value: unknown): Tensor[] {
  return [value].flat().filter((item) => item instanceof Tensor);
}

/** Runs a module's forward function so that its hooks see the gradients of this call. */
export function withBackwardHooks<M>(
  module: M,
  hooks: ReadonlySet<BackwardHook<M>>,
  given: readonly unknown[],
  forward: (inputs: readonly unknown[]) => unknown,
): unknown {
  if (hooks.size === 0 || !isGradEnabled()) return forward(given);
  let gradOutput: readonly (Tensor | null)[] = [];
  const call = (gradInput: readonly (Tensor | null)[]) => {
    let result = gradInput;
    for (const hook of hooks) result = hook(module, result, gradOutput) ?? result;
    return result;
  };
  const inputs = tensorsOf(given);
  const tracked = inputs.some((input) => input.requiresGrad);
  const entering = tracked ? pass("BackwardHookFunctionBackward", inputs, call) : [...inputs];
  const output = forward(replaced(given, () => entering.shift()!) as unknown[]);
  const outputs = tensorsOf(output);
  if (!outputs.some((tensor) => tensor.requiresGrad)) return output;
  const leaving = pass("BackwardHookFunctionBackward", outputs, (gradients) => {
    gradOutput = gradients;
    if (!tracked) call(inputs.map(() => null));
    return gradients;
  });
  return replaced(output, () => leaving.shift()!);
}
