/**
 * Parameters and the options they are trained with.
 * @module
 */
import { fromHost, type LazyArray } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";

/** Options by name; numbers, pairs (betas) and switches. */
// deno-lint-ignore no-explicit-any
export type Hyperparameters = { lr: number } & Record<string, any>;

/** Parameters trained with the same options. Changing an option takes effect at the next step. */
export type ParameterGroup<O extends Hyperparameters = Hyperparameters> = O & {
  /** The tensors. */
  params: Tensor[];
};

/** What an optimizer is made for: tensors, or groups with options of their own. */
export type Parameters<O extends Hyperparameters> =
  | readonly Tensor[]
  | readonly (Partial<O> & { readonly params: readonly Tensor[] })[];

/** Groups out of what the user gave; options that a group leaves out are the defaults. */
export function groupsFrom<O extends Hyperparameters>(
  parameters: Parameters<O>,
  defaults: O,
): ParameterGroup<O>[] {
  const list = [...parameters];
  if (list.length === 0) throw new Error("optimizer got an empty parameter list");
  if (list[0] instanceof Tensor) return [{ ...defaults, params: list as Tensor[] }];
  return (list as (Partial<O> & { params: readonly Tensor[] })[]).map((group) => ({
    ...defaults,
    ...group,
    params: [...group.params],
  }));
}

/** @throws {Error} PyTorch's, if a tensor cannot be trained or is there twice */
export function checkGroups(groups: readonly ParameterGroup[]): void {
  const seen = new Set<Tensor>();
  for (const { params } of groups) {
    for (const parameter of params) {
      if (!(parameter instanceof Tensor)) {
        throw new Error(
          `optimizer can only optimize Tensors, but one of the params is ${typeof parameter}`,
        );
      }
      if (!parameter.isLeaf) throw new Error("can't optimize a non-leaf Tensor");
      if (seen.has(parameter)) {
        throw new Error("some parameters appear in more than one parameter group");
      }
      seen.add(parameter);
    }
  }
}

/** The numbers of one step that change from step to step: fed to the graph, so that they make no new one. */
export class StepNumbers {
  readonly #arrays = new Map<number, LazyArray>();

  /** A number as an array of its own; equal numbers share one. */
  feed(value: number): LazyArray {
    let array = this.#arrays.get(value);
    if (!array) this.#arrays.set(value, array = fromHost(Float32Array.of(value), []));
    return array;
  }
}
