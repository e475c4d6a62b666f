/**
 * A dense layer over any axes.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { contractPair } from "../../ops/contract.ts";
import { requireOption, show, takeOptions } from "../../options.ts";
import { knownSize } from "./dense.ts";
import type { Shape } from "../keras_tensor.ts";
import { KernelLayer, type KernelOptions } from "../kernel_layer.ts";

/** Options of {@linkcode EinsumDense}. */
export interface EinsumDenseOptions extends Omit<KernelOptions, "useBias"> {
  /** How input and kernel become the result: "abc,cd->abd", or with "..." for all axes in front. */
  readonly equation: string;
  /** Size(s) of the result without the batch axis; null where the input's own are kept. */
  readonly outputShape: number | readonly (number | null)[];
  /** Letters of the result that the bias has; no bias unless given. */
  readonly biasAxes?: string | null;
}

/** Letters of an equation's parts. */
interface Parts {
  readonly input: string[];
  readonly kernel: string[];
  readonly output: string[];
}

/**
 * activation(einsum(equation, x, kernel) + bias). Follows https://keras.io/api/layers/core_layers/einsum_dense/
 *
 * @throws {RangeError} for an equation that is none
 */
export class EinsumDense extends KernelLayer {
  readonly equation: string;
  readonly partialOutputShape: readonly (number | null)[];
  readonly biasAxes: string | null;

  constructor(options: EinsumDenseOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      equation: undefined,
      outputShape: undefined,
      biasAxes: null,
    });
    super({ ...rest, useBias: own.biasAxes !== null });
    this.equation = String(requireOption(owner, "equation", own.equation, "an equation"));
    this.equation = this.equation.replace(/\s/g, "");
    if (!/^(\.\.\.)?[a-z]*,[a-z]*->(\.\.\.)?[a-z]*$/i.test(this.equation)) {
      throw new RangeError(
        `${owner}: equation is ${show(this.equation)}, expected one such as "abc,cd->abd"`,
      );
    }
    const shape = requireOption(owner, "outputShape", own.outputShape, "a size or sizes");
    this.partialOutputShape = [shape].flat() as (number | null)[];
    this.biasAxes = own.biasAxes;
  }

  /** The equation's letters, "..." filled up for an input of a rank. */
  #parts(rank: number): Parts {
    const [left, output] = this.equation.split("->");
    const [input, kernel] = left.split(",");
    const named = input.replace("...", "").length;
    const free = [..."ABCDEFGH"].slice(0, rank - named).join("");
    const filled = (part: string) => [...part.replace("...", free)];
    return { input: filled(input), kernel: filled(kernel), output: filled(output) };
  }

  /** The result's size of each letter; of the batch axis null. */
  #outputSizes(inputShape: Shape, { input, output }: Parts): (number | null)[] {
    const given = this.partialOutputShape;
    const missing = output.length - given.length;
    return output.map((letter, axis) => {
      const own = axis >= missing ? given[axis - missing] : null;
      return own ?? inputShape[input.indexOf(letter)] ?? null;
    });
  }

  override build(inputShape: Shape): void {
    const parts = this.#parts(inputShape.length);
    const sizes = this.#outputSizes(inputShape, parts);
    const sizeOf = (letter: string) => {
      const at = parts.input.indexOf(letter);
      if (at >= 0) return knownSize(this.name, inputShape, at);
      return sizes[parts.output.indexOf(letter)]!;
    };
    const axes = [...this.biasAxes ?? ""];
    const first = Math.min(...axes.map((letter) => parts.output.indexOf(letter)));
    const biasShape = parts.output.slice(axes.length === 0 ? parts.output.length : first)
      .map((letter) => axes.includes(letter) ? sizeOf(letter) : 1);
    this.addKernelAndBias(parts.kernel.map(sizeOf), biasShape);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return this.#outputSizes(inputShape, this.#parts(inputShape.length));
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    const { input, kernel, output } = this.#parts(x.rank);
    const equation = `${input.join("")},${kernel.join("")}->${output.join("")}`;
    const product = contractPair(equation, x, this.kernel);
    return this.activated(this.bias ? tf.add(product, this.bias) : product);
  }

  override getConfig(): Record<string, unknown> {
    const { useBias: _, ...config } = super.getConfig();
    const { equation, partialOutputShape, biasAxes } = this;
    return { ...config, equation, outputShape: partialOutputShape, biasAxes };
  }
}
