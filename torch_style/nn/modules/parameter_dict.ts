/**
 * Parameters under names.
 * @module
 */
import type { DType } from "../../../onnx/mod.ts";
import { Tensor } from "../../tensor.ts";
import { convertedTensor } from "../convert_dtype.ts";
import { Module } from "./module.ts";
import { Parameter } from "../parameter.ts";

/** Tensors by name: an object, or pairs. */
export type NamedTensors = Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>;

/**
 * Holds parameters under names known when the program runs. Tensors that are none become parameters.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const scales = new torch.nn.ParameterDict({ left: torch.ones([2]), right: torch.zeros([2]) });
 * const y = scales.get("left").mul(3);
 * ```
 */
export class ParameterDict extends Module<never[], never> implements Iterable<[string, Parameter]> {
  readonly #parameters = new Map<string, Parameter>();

  constructor(tensors: NamedTensors = {}) {
    super();
    this.update(tensors);
  }

  override forward(): never {
    throw new Error("ParameterDict should not be called.");
  }

  override ownParameters(): [string, Parameter][] {
    return [...this.#parameters];
  }

  /** How many parameters there are. */
  override get length(): number {
    return this.#parameters.size;
  }

  /** The parameter of a name. @throws {Error} if there is none */
  get(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter) return parameter;
    throw new Error(
      `ParameterDict has no "${name}", it has ${[...this.keys()].join(", ") || "none"}`,
    );
  }

  /** Adds a parameter, or replaces the one of its name. @throws {Error} if the name is empty or contains a dot */
  set(name: string, tensor: Tensor): this {
    if (name === "" || name.includes(".")) {
      throw new Error(`parameter name can't be empty or contain ".", got "${name}"`);
    }
    if (!(tensor instanceof Tensor)) {
      throw new TypeError(`ParameterDict: "${name}" is ${typeof tensor}, expected a tensor`);
    }
    this.#parameters.set(name, tensor instanceof Parameter ? tensor : new Parameter(tensor));
    return this;
  }

  /** Adds several. */
  update(tensors: NamedTensors): this {
    const pairs = Symbol.iterator in tensors
      ? tensors as Iterable<readonly [string, Tensor]>
      : Object.entries(tensors);
    for (const [name, tensor] of pairs) this.set(name, tensor);
    return this;
  }

  /** Whether there is a parameter of a name. */
  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  /** Takes a parameter out and returns it. @throws {Error} if there is none */
  pop(name: string): Parameter {
    const parameter = this.get(name);
    this.#parameters.delete(name);
    return parameter;
  }

  /** Takes all out. */
  clear(): void {
    this.#parameters.clear();
  }

  /** The names, in the order in which they came. */
  keys(): Iterable<string> {
    return this.#parameters.keys();
  }

  /** The parameters. */
  values(): Iterable<Parameter> {
    return this.#parameters.values();
  }

  [Symbol.iterator](): Iterator<[string, Parameter]> {
    return this.#parameters.entries();
  }

  override convertOwn(dtype: DType, converted: Map<Tensor, Tensor>): void {
    for (const [name, parameter] of this.#parameters) {
      this.#parameters.set(name, convertedTensor(parameter, dtype, converted) as Parameter);
    }
  }

  override extraRepr(): string {
    return [...this.#parameters].map(([name, { dtype, shape }]) =>
      `  (${name}): Parameter containing: [torch.${
        dtype === "float32" ? "FloatTensor" : dtype
      } of size ${shape.join("x")}]`
    ).join("\n");
  }
}
