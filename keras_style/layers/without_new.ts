/**
 * Classes that may be called without `new`, as Python's are.
 * @module
 */

/** A class whose `new` may be left out. It can be extended, and is what `instanceof` asks for. */
// deno-lint-ignore no-explicit-any
export type WithoutNew<C extends abstract new (...args: any[]) => unknown> =
  & C
  & ((...args: ConstructorParameters<C>) => InstanceType<C>);

/** Makes `new` unnecessary. */
// deno-lint-ignore no-explicit-any
export function withoutNew<C extends new (...args: any[]) => any>(Class: C): WithoutNew<C> {
  return new Proxy(Class, {
    apply: (Made, _, args) => new Made(...args),
  }) as WithoutNew<C>;
}
