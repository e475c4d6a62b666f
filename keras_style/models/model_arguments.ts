/**
 * What a model is made from.
 * @module
 */
import { KerasTensor } from "../layers/keras_tensor.ts";

/** One symbolic tensor, or lists and objects of them. */
export type SymbolicNest =
  | KerasTensor
  | readonly SymbolicNest[]
  | { readonly [name: string]: SymbolicNest };

/** What a model is made from. */
export interface ModelOptions {
  /** Where it begins: what {@linkcode Input} gives, a list or an object of it. Left out for classes with `call`. */
  readonly inputs?: SymbolicNest;
  /** Where it ends. */
  readonly outputs?: SymbolicNest;
  readonly name?: string | null;
  readonly trainable?: boolean;
}

/** Inputs and outputs by position, or everything by name. */
export type ModelArguments =
  | [options?: ModelOptions]
  | [
    inputs: SymbolicNest,
    outputs: SymbolicNest,
    options?: Omit<ModelOptions, "inputs" | "outputs">,
  ];

/** The options; inputs and outputs may be plain objects, too, so that the number of arguments decides. */
export function modelOptions(args: ModelArguments): ModelOptions {
  const [first, outputs, more] = args;
  const isOptions = args.length < 2 && !(first instanceof KerasTensor) && !Array.isArray(first);
  return isOptions
    ? (first ?? {}) as ModelOptions
    : { ...more, inputs: first as SymbolicNest, outputs };
}
