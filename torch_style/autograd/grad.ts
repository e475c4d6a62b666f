/**
 * Gradients handed to the caller instead of the leaves.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { GradientCapture, runBackward } from "./backward.ts";

/** Options of {@linkcode grad}. */
export interface GradOptions {
  /** Gradients of the outputs; may be left out for single values. */
  readonly gradOutputs?: readonly (Tensor | null)[];
  /** Allow another pass over the same operations; `createGraph` unless given. */
  readonly retainGraph?: boolean;
  /** Remember the pass, so that the gradients have gradients. */
  readonly createGraph?: boolean;
  /** An input that the outputs do not depend on has gradient null instead of being an error. */
  readonly allowUnused?: boolean;
}

const GRAD = signature(
  "grad",
  ["outputs", kinds.either(tensorKind, kinds.listOf(tensorKind))],
  ["inputs", kinds.either(tensorKind, kinds.listOf(tensorKind))],
  ["gradOutputs", kinds.any as Kind<NonNullable<GradOptions["gradOutputs"]>>, undefined],
  ["retainGraph", kinds.boolean, undefined],
  ["createGraph", kinds.boolean, undefined],
  ["allowUnused", kinds.boolean, undefined],
);

/**
 * The gradients of outputs for inputs. Nothing is added to anybody's `grad`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
 *
 * @throws {Error} if an input takes no gradients, or the outputs do not depend on it and `allowUnused` is not set
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const x = torch.tensor([1, 2], { dtype: "float32", requiresGrad: true });
 * const y = x.pow(3).sum();
 * const [first] = torch.autograd.grad([y], [x], { createGraph: true });
 * const [second] = torch.autograd.grad([first!.sum()], [x]);
 * console.log(await second!.tolist()); // 6 x: [6, 12]
 * ```
 */
export function grad(
  ...given: Call<
    typeof GRAD,
    GradOptions,
    [outputs: Tensor | readonly Tensor[], inputs: Tensor | readonly Tensor[]]
  >
): (Tensor | null)[] {
  const read = GRAD.read(given);
  const { outputs: _outputs, inputs: _inputs, ...options } = read;
  const [outputs, inputs] = [read.outputs, read.inputs].map((one) => [one].flat() as Tensor[]);
  const { createGraph = false, retainGraph = createGraph, allowUnused = false } = options;
  if (inputs.some((input) => !input.requiresGrad)) {
    throw new Error("One of the differentiated Tensors does not require grad");
  }
  const capture = new GradientCapture(inputs);
  const gradients = outputs.map((_, i) => options.gradOutputs?.[i] ?? null);
  runBackward(outputs, gradients, { createGraph, retainGraph, capture });
  if (!allowUnused && capture.results.includes(null)) {
    throw new Error(
      "One of the differentiated Tensors appears to not have been used in the graph. " +
        "Set allowUnused: true if this is the desired behavior.",
    );
  }
  return capture.results;
}
