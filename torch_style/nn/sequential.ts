/**
 * Modules one after the other.
 * @module
 */
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * Feeds each module's output to the next; numbered from 0.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Module {
  readonly [index: number]: Module;
  readonly #modules: Module[];

  constructor(...modules: Module[]) {
    super();
    this.#modules = modules;
    modules.forEach((module, i) =>
      Object.defineProperty(this, i, { value: module, enumerable: true })
    );
  }

  override forward(input: Tensor): Tensor {
    return this.#modules.reduce((x, module) => module(x), input);
  }
}
