/**
 * Derivatives of functions as a whole. Follows https://docs.pytorch.org/docs/stable/autograd.html#functional-higher-level-api
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { stack } from "../ops/joining.ts";
import { zerosLike } from "../creation.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { grad } from "./grad.ts";

/** A function of one tensor. */
export type TensorFunction = (input: Tensor) => Tensor;

/** Options of derivatives. */
export interface DerivativeOptions {
  /** Remember how the derivative was computed, so that it has derivatives itself. */
  readonly createGraph?: boolean;
}

const PARAMETERS = [
  ["func", kind<TensorFunction>("a function", (value) => typeof value === "function")],
  ["input", tensorKind],
] as const;
const CREATE_GRAPH = ["createGraph", kinds.boolean, false] as const;
const DIRECTION = ["v", tensorKind] as const;

/** A tensor that gradients are asked for: the input itself where its own history is to be kept. */
function startOf(input: Tensor, createGraph: boolean): Tensor {
  return createGraph && input.requiresGrad ? input : input.detach().clone().requiresGrad_();
}

/** The gradient, zeros where the output does not depend on the input. */
function gradientOf(output: Tensor, x: Tensor, createGraph: boolean, along?: Tensor): Tensor {
  if (!output.requiresGrad) return zerosLike(x);
  const [found] = grad([output], [x], {
    createGraph,
    retainGraph: true,
    allowUnused: true,
    gradOutputs: along ? [along] : undefined,
  });
  return found ?? zerosLike(x);
}

const JACOBIAN = signature("jacobian", ...PARAMETERS, CREATE_GRAPH);

/**
 * All first derivatives of a function: shape of the output, then of the input. One backward pass an element of the
 * output.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const x = torch.tensor([1.5, 2.5]);
 * const J = torch.autograd.functional.jacobian((x) => x.pow(2), x);
 * console.log(await J.tolist()); // [[3, 0], [0, 5]]
 * ```
 */
export function jacobian(
  ...given: Call<typeof JACOBIAN, DerivativeOptions, [func: TensorFunction, input: Tensor]>
): Tensor {
  const { func, input, createGraph } = JACOBIAN.read(given);
  const x = startOf(input, createGraph);
  const output = func(x);
  const flat = output.reshape(-1);
  const rows = Array.from(
    { length: output.numel() },
    (_, i) => gradientOf(flat.narrow(0, i, 1).sum(), x, createGraph),
  );
  return stack(rows).reshape(...output.shape, ...x.shape);
}

const HESSIAN = signature("hessian", ...PARAMETERS, CREATE_GRAPH);

/** All second derivatives of a function with a single value: shape of the input twice. */
export function hessian(
  ...given: Call<typeof HESSIAN, DerivativeOptions, [func: TensorFunction, input: Tensor]>
): Tensor {
  const { func, input, createGraph } = HESSIAN.read(given);
  return jacobian((x) => gradientOf(single("hessian", func(x)), x, true), input, { createGraph });
}

function single(name: string, output: Tensor): Tensor {
  if (output.numel() === 1) return output.sum();
  throw new Error(
    `${name}: the function gives ${output.numel()} values, expected a single one`,
  );
}

const VJP = signature("vjp", ...PARAMETERS, DIRECTION, CREATE_GRAPH);

/** The output, and the product of a vector of its shape with the Jacobian. */
export function vjp(
  ...given: Call<typeof VJP, DerivativeOptions, [func: TensorFunction, input: Tensor, v: Tensor]>
): [output: Tensor, product: Tensor] {
  const { func, input, v, createGraph } = VJP.read(given);
  const x = startOf(input, createGraph);
  const output = func(x);
  return [createGraph ? output : output.detach(), gradientOf(output, x, createGraph, v)];
}

const JVP = signature("jvp", ...PARAMETERS, DIRECTION, CREATE_GRAPH);

/** The output, and the product of the Jacobian with a vector of the input's shape: the derivative along it. */
export function jvp(
  ...given: Call<typeof JVP, DerivativeOptions, [func: TensorFunction, input: Tensor, v: Tensor]>
): [output: Tensor, product: Tensor] {
  const { func, input, v, createGraph } = JVP.read(given);
  const x = startOf(input, createGraph);
  const output = func(x);
  // The gradient is linear in what comes from above: its own gradient is the Jacobian, from the other side.
  const above = zerosLike(output).requiresGrad_();
  const down = gradientOf(output, x, true, above);
  return [createGraph ? output : output.detach(), gradientOf(down, above, createGraph, v)];
}

const HVP = signature("hvp", ...PARAMETERS, DIRECTION, CREATE_GRAPH);

/** The output, and the product of the Hessian with a vector of the input's shape. */
export function hvp(
  ...given: Call<typeof HVP, DerivativeOptions, [func: TensorFunction, input: Tensor, v: Tensor]>
): [output: Tensor, product: Tensor] {
  const { func, input, v, createGraph } = HVP.read(given);
  const x = startOf(input, createGraph);
  const output = single("hvp", func(x));
  const product = gradientOf(gradientOf(output, x, true), x, createGraph, v);
  return [createGraph ? output : output.detach(), product];
}
