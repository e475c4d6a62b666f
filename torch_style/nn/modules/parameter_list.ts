/**
 * Parameters in a list.
 * @module
 */
import { kinds, signature } from "../../arguments.ts";
import type { DType } from "../../../onnx/mod.ts";
import type { Tensor } from "../../tensor.ts";
import { defineIndices, positionOf } from "../indexed.ts";
import { convertedTensor } from "../convert_dtype.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";

const PARAMETER_LIST = signature("ParameterList", [
  "values",
  kinds.iterable<Tensor>("a list of tensors"),
  [],
]);

/**
 * Holds parameters so that they are found. Tensors that are none become parameters.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList extends Module<never[], never> implements Iterable<Parameter> {
  [index: number]: Parameter;
  #parameters: Parameter[] = [];

  constructor(...given: [values?: Iterable<Tensor>]) {
    super();
    this.extend(PARAMETER_LIST.read(given).values);
  }

  override forward(): never {
    throw new Error("ParameterList should not be called.");
  }

  override ownParameters(): [string, Parameter][] {
    return this.#parameters.map((parameter, i) => [String(i), parameter]);
  }

  /** How many parameters there are. */
  override get length(): number {
    return this.#parameters.length;
  }

  /** The parameter at an index, counted from the end if negative. */
  at(index: number): Parameter | undefined {
    return this.#parameters.at(index);
  }

  /** Puts another parameter at an index. @throws {RangeError} if there is none. */
  set(index: number, tensor: Tensor): void {
    this.#parameters[positionOf(index, this.length)] = asParameter(tensor);
  }

  /** Adds a parameter at the end. */
  append(tensor: Tensor): this {
    return this.extend([tensor]);
  }

  /** Adds parameters at the end. */
  extend(tensors: Iterable<Tensor>): this {
    this.#parameters.push(...Array.from(tensors, asParameter));
    defineIndices<Parameter>(this);
    return this;
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.#parameters.values();
  }

  override convertOwn(dtype: DType, converted: Map<Tensor, Tensor>): void {
    this.#parameters = this.#parameters.map((parameter) =>
      convertedTensor(parameter, dtype, converted) as Parameter
    );
  }

  override extraRepr(): string {
    return this.#parameters.map(({ dtype, shape }, i) =>
      `  (${i}): Parameter containing: [torch.${dtype} of size ${shape.join("x")}]`
    ).join("\n");
  }
}

function asParameter(tensor: Tensor): Parameter {
  return tensor instanceof Parameter ? tensor : new Parameter(tensor);
}
