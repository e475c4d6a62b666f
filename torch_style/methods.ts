/**
 * Functions that are methods too: `torch.exp(x)` and `x.exp()` are one function, written once.
 * @module
 */
import { Tensor } from "./tensor.ts";

// deno-lint-ignore no-explicit-any
type TensorFunction = (...given: any) => unknown;

type WithoutFirst<Given> = Given extends readonly [unknown?, ...infer Rest] ? Rest : never;

/** The type of a function as a method: without its first parameter. */
export type Method<F extends TensorFunction> = F extends (...given: infer Given) => infer Result
  ? (...rest: WithoutFirst<Given>) => Result
  : never;

/** The types of several functions as methods: `interface Tensor extends Methods<typeof methods> {}`. */
export type Methods<T> = {
  [Name in keyof T]: T[Name] extends TensorFunction ? Method<T[Name]> : never;
};

/** Makes functions of a tensor its methods; their types are declared beside by {@linkcode Methods}. */
export function defineMethods(functions: Record<string, TensorFunction>): void {
  for (const [name, call] of Object.entries(functions)) {
    Object.defineProperty(Tensor.prototype, name, {
      value(this: Tensor, ...rest: unknown[]) {
        return call(this, ...rest);
      },
      configurable: true,
    });
  }
}
