/**
 * Classes as Python's Keras has them: `new` may be left out, and the first arguments may stand by position.
 * @module
 */
import { isPlainObject } from "./layers/nested.ts";
import { show } from "./options.ts";

/** A class whose constructor takes options. */
// deno-lint-ignore no-explicit-any
type OptionsClass = new (options: any, ...more: any[]) => any;

/** What a class' constructor takes by name. */
export type OptionsOf<C extends OptionsClass> = NonNullable<ConstructorParameters<C>[0]>;

/** Options without those that were given by position; nothing where none of the others has to be given. */
type OtherOptions<Options, Given> = Record<never, never> extends
  Omit<Options, Given & keyof Options> ? [options?: Omit<Options, Given & keyof Options>]
  : [options: Omit<Options, Given & keyof Options>];

/** Arguments by position, as many as one likes, and the other options. */
export type PositionalArguments<Options, Names extends readonly unknown[], Given = never> =
  | OtherOptions<Options, Given>
  | (Names extends readonly [infer Name extends keyof Options, ...infer Others]
    ? [Options[Name], ...PositionalArguments<Options, Others, Given | Name>]
    : never);

/** A class whose `new` may be left out and whose first options may stand by position. It can be extended. */
export type KerasClass<C extends OptionsClass, Names extends readonly unknown[]> =
  & { [Name in keyof C]: C[Name] }
  & {
    new (...args: PositionalArguments<OptionsOf<C>, Names>): InstanceType<C>;
    (...args: PositionalArguments<OptionsOf<C>, Names>): InstanceType<C>;
  };

/** A class that may be called without `new`. It can be extended. */
// deno-lint-ignore no-explicit-any
export type WithoutNew<C extends new (...args: any[]) => any> =
  & C
  & ((...args: ConstructorParameters<C>) => InstanceType<C>);

/** Makes `new` unnecessary. */
// deno-lint-ignore no-explicit-any
export function withoutNew<C extends new (...args: any[]) => any>(Class: C): WithoutNew<C> {
  return calledBy(Class, (args) => args) as WithoutNew<C>;
}

/** The class, called with and without `new`, its arguments made another list before. */
// deno-lint-ignore no-explicit-any
function calledBy<C extends new (...args: any[]) => any>(
  Class: C,
  read: (args: readonly unknown[]) => readonly unknown[],
): C {
  const made: C = new Proxy(Class, {
    apply: (_, __, args) => new Class(...read(args)),
    // `new.target` is the class itself, unless it is extended.
    construct: (_, args, target) =>
      Reflect.construct(Class, read(args), target === made ? Class : target),
  });
  return made;
}

/**
 * The class with Keras' way of being called: `Dense(8, "relu", { name: "first" })`, with or without `new`.
 *
 * @param names the options that may stand by position, in Keras' order
 * @throws {TypeError} when called with more arguments than that, or with an option given twice
 */
export function kerasClass<
  C extends OptionsClass,
  const Names extends readonly (keyof OptionsOf<C> & string)[] = readonly [],
>(Class: C, names: Names = [] as unknown as Names): KerasClass<C, Names> {
  const read = (args: readonly unknown[]) => readArguments(Class.name, names, args);
  return calledBy(Class, read) as unknown as KerasClass<C, Names>;
}

/**
 * The arguments as the constructor takes them: one object of options.
 *
 * @throws {TypeError} for more arguments than there are names, or an option given twice
 */
export function readArguments(
  owner: string,
  names: readonly string[],
  args: readonly unknown[],
): [options?: unknown, ...rest: unknown[]] {
  const last = args.at(-1);
  const named = isPlainObject(last) ? last : {};
  const given = isPlainObject(last) ? args.slice(0, -1) : args;
  if (given.length === 0) return [...args];
  if (given.length > names.length) {
    throw new TypeError(
      `${owner}: ${show(given[names.length])} is argument ${
        names.length + 1
      }, expected an object of ` +
        `options${names.length === 0 ? "" : ` behind ${names.join(", ")}`}`,
    );
  }
  const twice = names.slice(0, given.length).find((name) => Object.hasOwn(named, name));
  if (twice !== undefined) {
    throw new TypeError(
      `${owner}: ${twice} is given by position and as an option, expected it once`,
    );
  }
  return [{ ...Object.fromEntries(given.map((value, i) => [names[i], value])), ...named }];
}
