/**
 * How a TensorFlow.js kernel is declared for the `onnxruntime` engine: lazy arrays in, lazy arrays out.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { LazyArray } from "../../onnx/mod.ts";
import { isNumeric } from "./data_entry.ts";
import { inOneFloatType } from "./float_type.ts";
import { computeOnHost, type HostInputs } from "./host_kernel.ts";
import { BACKEND_NAME, type OnnxRuntimeBackend } from "./onnxruntime_backend.ts";

/** A kernel's inputs by TensorFlow.js' names; optional ones that were left out are undefined. */
export type KernelInputs = Readonly<Record<string, LazyArray>>;

/** A kernel's rule. `list` holds the inputs of kernels that take any number of them. */
export type KernelRule<A> = (
  inputs: KernelInputs,
  attributes: A,
  list: readonly LazyArray[],
) => LazyArray | LazyArray[];

/**
 * Registers a kernel. Strings and complex numbers among its inputs are left to the host.
 *
 * @param onHost which attributes ask for strings or complex numbers as the result
 */
// deno-lint-ignore ban-types
export function defineKernel<A = {}>(
  kernelName: string,
  rule: KernelRule<A>,
  onHost: (attrs: A) => boolean = () => false,
): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const engine = backend as OnnxRuntimeBackend;
      const leave = () => computeOnHost(kernelName, inputs as HostInputs, attrs ?? {}, engine);
      if (onHost(attrs as A)) return leave();
      const given = Object.entries(inputs).filter(([, tensor]) => tensor) as [
        string,
        tf.TensorInfo,
      ][];
      if (given.some(([, { dtype }]) => !isNumeric(dtype))) return leave();
      const list = inOneFloatType(
        given.map(([, tensor]) => engine.array(tensor)),
        given.map(([, tensor]) => tensor instanceof tf.Variable),
      );
      const arrays = Object.fromEntries(given.map(([name], i) => [name, list[i]]));
      const result = rule(arrays, attrs as A, list);
      return Array.isArray(result)
        ? result.map((array) => engine.adopt(array))
        : engine.adopt(result);
    },
  });
}
