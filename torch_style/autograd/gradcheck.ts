/**
 * Compares gradients with finite differences.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { fromHost, isFloating, showShape, storageFrom } from "../../onnx/mod.ts";
import { noGrad } from "../grad_mode.ts";
import { grad } from "./grad.ts";

/** Options of {@linkcode gradcheck}, with PyTorch's defaults. */
export interface GradcheckOptions {
  /** How far inputs are moved; 1e-6 unless given, right for float64. */
  readonly eps?: number;
  /** Absolute tolerance, 1e-5 unless given. */
  readonly atol?: number;
  /** Relative tolerance, 1e-3 unless given. */
  readonly rtol?: number;
}

const GRADCHECK = signature(
  "gradcheck",
  ["compute", kinds.any as Kind<(...inputs: Tensor[]) => Tensor>],
  ["inputs", kinds.listOf(tensorKind)],
  "*",
  ["eps", kinds.number, undefined],
  ["atol", kinds.number, undefined],
  ["rtol", kinds.number, undefined],
);

/**
 * Checks the gradients of a function of tensors (float64 for the default `eps`) against central differences.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 *
 * @returns true
 * @throws {Error} naming the input and both values where they differ
 */
export async function gradcheck(
  ...given: Call<
    typeof GRADCHECK,
    GradcheckOptions,
    [compute: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]]
  >
): Promise<true> {
  const { compute, inputs, eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = GRADCHECK.read(given);
  const output = compute(...inputs);
  const weights = Float64Array.from({ length: output.numel() }, (_, i) => Math.cos(i));
  const seed = fromHost(storageFrom(weights, output.dtype), output.shape, output.dtype);
  const checked = inputs.filter((input) => input.requiresGrad);
  const gradients = grad([output], checked, { gradOutputs: [new Tensor(seed)], allowUnused: true });
  for (const [k, input] of inputs.entries()) {
    if (!input.requiresGrad) continue;
    const gradient = gradients[checked.indexOf(input)];
    const analytic = gradient ? await gradient.data() : new Float64Array(input.numel());
    const numeric = await centralDifferences(compute, inputs, k, weights, eps);
    numeric.forEach((value, i) => {
      const own = Number(analytic[i]);
      if (Math.abs(own - value) <= atol + rtol * Math.abs(value)) return;
      throw new Error(
        `gradcheck: gradient of input ${k} ${showShape(input.shape)} differs at element ${i}: ` +
          `${own} by backward, ${value} by differences`,
      );
    });
  }
  return true;
}

async function centralDifferences(
  compute: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  k: number,
  weights: Float64Array,
  eps: number,
): Promise<number[]> {
  const { shape, dtype } = inputs[k];
  if (!isFloating(dtype)) return [];
  const data = Float64Array.from(await inputs[k].data(), Number);
  const weighted = async (i: number, by: number) => {
    const moved = data.slice();
    moved[i] += by;
    const input = new Tensor(fromHost(storageFrom(moved, dtype), shape, dtype));
    const result = noGrad(() => compute(...inputs.map((own, j) => j === k ? input : own)));
    return (await result.data() as Float64Array).reduce((sum, v, j) => sum + v * weights[j], 0);
  };
  const results: number[] = [];
  for (let i = 0; i < data.length; i++) {
    results.push((await weighted(i, eps) - await weighted(i, -eps)) / (2 * eps));
  }
  return results;
}
