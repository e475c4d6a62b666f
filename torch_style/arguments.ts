/**
 * The one checked way of reading what a function or constructor was called with. A signature is declared once, in
 * PyTorch's order; a call gives arguments by position, by name in an object that comes last, or both:
 * `Conv2d(3, 8, 4, 2, { padding: 1 })`. What does not fit is refused by name, before anything is computed.
 *
 * @example
 * ```ts
 * import { type Call, kinds, signature } from "./arguments.ts";
 * interface PoolOptions {
 *   readonly stride?: number;
 *   readonly ceilMode?: boolean;
 * }
 * const POOL = signature("pool", ["size", kinds.integer], ["stride", kinds.integer, 1], "*", [
 *   "ceilMode",
 *   kinds.boolean,
 *   false,
 * ]);
 * function pool(...given: Call<typeof POOL, PoolOptions, [size: number]>) {
 *   const { size, stride, ceilMode } = POOL.read(given);
 *   return [size, stride, ceilMode];
 * }
 * pool(3, 2); // by position
 * pool(3, { stride: 2, ceilMode: true }); // by name
 * ```
 * @module
 */
import { closest, distance } from "fastest-levenshtein";
import { type DType, DTYPES, shortList, shortText } from "../onnx/mod.ts";

/** What values an argument can have. */
export interface Kind<T> {
  /** Completes "expected ...". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** Only there for its type. */
  readonly type?: T;
}

/** A kind of one's own. */
export function kind<T>(expected: string, accepts: (value: unknown) => boolean): Kind<T> {
  return { expected, accepts };
}

const number = kind<number>("a number", (value) => typeof value === "number");
const integer = kind<number>("an integer", Number.isInteger);

/** Kinds that many signatures need; {@linkcode Kind}s of tensors and modules stand with these. */
export const kinds = {
  number,
  integer,
  boolean: kind<boolean>("true or false", (value) => typeof value === "boolean"),
  string: kind<string>("a string", (value) => typeof value === "string"),
  /** Any value; checked by whoever reads it. */
  any: kind<unknown>("a value", () => true),
  // deno-lint-ignore no-explicit-any
  callable: kind<(...given: any[]) => unknown>(
    "a function",
    (value) => typeof value === "function",
  ),
  /** An object of options of its own; checked by whoever reads it. */
  object: kind<object>("an object", (value) => typeof value === "object" && value !== null),
  dtype: kind<DType>(
    `a dtype (${DTYPES.join(", ")})`,
    (value) => (DTYPES as readonly unknown[]).includes(value),
  ),
  integers: kind<readonly number[]>("a list of integers", (value) => isListOf(integer, value)),
  /** A shape. */
  sizes: kind<readonly number[]>(
    "a list of integers of at least 0",
    (value) => isListOf(integer, value) && (value as number[]).every((size) => size >= 0),
  ),
  numbers: kind<readonly number[]>("a list of numbers", (value) => isListOf(number, value)),
  pair: kind<readonly [number, number]>(
    "two numbers",
    (value) => isListOf(number, value) && (value as number[]).length === 2,
  ),
  /** Anything that can be gone through, but a string. */
  iterable: <T>(expected: string): Kind<Iterable<T>> =>
    kind(
      expected,
      (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
    ),
  /** One of several strings. */
  oneOf: <const S extends string>(...names: readonly S[]): Kind<S> =>
    kind(
      `one of ${names.map((name) => `"${name}"`).join(", ")}`,
      (value) => (names as readonly unknown[]).includes(value),
    ),
  /** A value of a kind, or null. */
  nullable: <T>(of: Kind<T>): Kind<T | null> =>
    kind(`${of.expected} or null`, (value) => value === null || of.accepts(value)),
  /** A value of one of several kinds. */
  either: <T extends readonly Kind<unknown>[]>(...all: T): Kind<NonNullable<T[number]["type"]>> =>
    kind(
      all.map(({ expected }) => expected).join(" or "),
      (value) => all.some(({ accepts }) => accepts(value)),
    ),
  /** An array of values of a kind. */
  listOf: <T>(of: Kind<T>): Kind<readonly T[]> =>
    kind(`a list, each ${of.expected}`, (value) => isListOf(of, value)),
  /** An object of a class. */
  instance: <T>(expected: string, type: abstract new (...given: never[]) => T): Kind<T> =>
    kind(expected, (value) => value instanceof type),
} as const;

function isListOf(of: Kind<unknown>, value: unknown): boolean {
  return Array.isArray(value) && value.every(of.accepts);
}

/** A parameter: its name, its kind, and its default if it has one (undefined: may be left out). */
export type Declaration =
  | readonly [name: string, kind: Kind<unknown>]
  | readonly [name: string, kind: Kind<unknown>, fallback: unknown];

/** Declarations in order; those behind `"*"` are given by name only. */
export type Declarations = readonly (Declaration | "*")[];

type ValueOf<P> = P extends readonly [string, Kind<infer T>] ? T
  : P extends readonly [string, Kind<infer T>, infer Fallback] ? T | Fallback
  : never;

type Widened<T> = T extends number ? number : T extends boolean ? boolean : T;

type Optional = readonly [name: string, kind: Kind<unknown>, fallback: undefined];

/** What {@linkcode Signature.read} gives: every parameter by name; what has no default and was left out is not there. */
export type Values<P extends Declarations> =
  & {
    readonly [One in Exclude<P[number], "*" | Optional> as One[0]]: Widened<ValueOf<One>>;
  }
  & { readonly [One in Extract<P[number], Optional> as One[0]]?: Widened<ValueOf<One>> };

/** What a signature's {@linkcode Signature.read} gives. */
export type ValuesOf<S extends Signature<Declarations>> = Values<S["parameters"]>;

type Without<P extends Declarations, Count extends readonly unknown[]> = Count extends
  readonly [unknown, ...infer Left]
  ? P extends readonly [unknown, ...infer Rest extends Declarations] ? Without<Rest, Left> : []
  : P;

type Tail<P extends Declarations, O> =
  | (Partial<O> extends O ? [] : never)
  | (keyof O extends never ? never : Partial<O> extends O ? [options?: O] : [options: O])
  | (P extends readonly [Declaration, ...infer Rest extends Declarations]
    ? P[0][0] extends keyof O ? [O[P[0][0]], ...Tail<Rest, Omit<O, P[0][0]>>] : never
    : never);

type Named<P extends Declarations, First extends readonly unknown[]> = First extends
  readonly [infer T, ...infer Others]
  ? P extends readonly [infer One extends Declaration, ...infer Rest extends Declarations]
    ? { readonly [Name in One[0]]: T } & Named<Rest, Others>
  : unknown
  : unknown;

/** The first argument by position, others that must be given by name. */
type NamedFirst<P extends Declarations, First extends readonly unknown[], O> = First extends
  readonly [infer T, infer Second, ...infer Others]
  ? P extends readonly [unknown, ...infer Rest extends Declarations]
    ? [first: T, options: Named<Rest, [Second, ...Others]> & O]
  : never
  : never;

/**
 * The arguments of a call: first those that must be there, then those of `Options`; by position in the signature's
 * order or, but for the first, by name in an object that comes last.
 */
export type Call<
  S extends Signature<Declarations>,
  Options = Record<never, never>,
  First extends readonly unknown[] = [],
> = Exclude<keyof Options, Exclude<S["parameters"][number], "*">[0]> extends never ?
    | [...First, ...Tail<Without<S["parameters"], First>, Options>]
    | NamedFirst<S["parameters"], First, Options>
  : never;

/** Declares what a function or constructor takes. See the module's example. */
export function signature<const P extends Declarations>(
  name: string,
  ...parameters: P
): Signature<P> {
  return new Signature(name, parameters);
}

/** A declared list of parameters. Made by {@linkcode signature}. */
export class Signature<const P extends Declarations> {
  /** All parameters, in order. */
  readonly declarations: readonly Declaration[];
  /** How many can be given by position. */
  readonly #positional: number;

  constructor(readonly name: string, readonly parameters: P) {
    this.declarations = parameters.filter((one) => one !== "*");
    const star = parameters.indexOf("*");
    this.#positional = star < 0 ? this.declarations.length : star;
  }

  /** Names of all parameters, in order. */
  get names(): string[] {
    return this.declarations.map(([name]) => name);
  }

  /** The same parameters under another name: for classes that differ in the name only. */
  named(name: string): Signature<P> {
    return new Signature(name, this.parameters);
  }

  /** The same parameters behind others: those of a function whose module is made of what comes after the tensors. */
  after<const F extends Declarations>(...first: F): Signature<readonly [...F, ...P]> {
    return new Signature(this.name, [...first, ...this.parameters]);
  }

  /**
   * The value of every parameter.
   *
   * @throws {TypeError} naming an argument that is missing, unknown (with the nearest known one), of a wrong kind,
   * given twice, or surplus
   */
  read(given: readonly unknown[]): Values<P> {
    const last = given.at(-1);
    const options = given.length > 0 && this.#isOptions(last, given.length - 1) ? last : undefined;
    const positional = options ? given.slice(0, -1) : given;
    const values: Record<string, unknown> = {};
    this.#readPositions(positional, values);
    if (options) this.#readNames(options, positional.length, values);
    for (const parameter of this.declarations) this.#complete(parameter, values);
    return values as Values<P>;
  }

  /** An object in the last place gives arguments by name, unless the parameter of that place takes such objects. */
  #isOptions(value: unknown, place: number): value is Record<string, unknown> {
    if (!isPlainObject(value)) return false;
    if (place >= this.#positional) return true;
    const parameter = this.declarations[place];
    // What may be left out and takes anything takes no options for its value.
    if (parameter.length === 3 && parameter[1] === kinds.any) return true;
    if (parameter[1].accepts(value)) return false;
    // Where something must stand, an object that names no argument is meant to be it.
    return parameter.length === 3 ||
      Object.keys(value).some((name) => nearest(name, this.names) !== undefined);
  }

  #readPositions(given: readonly unknown[], values: Record<string, unknown>): void {
    given.slice(this.#positional).forEach((value, i) => {
      if (value === undefined) return;
      const names = this.declarations.slice(this.#positional).map(([name]) => name);
      throw new TypeError(
        `${this.name} takes at most ${this.#positional} arguments by position ` +
          `(${this.names.slice(0, this.#positional).join(", ") || "none"}), got ` +
          `${given.length}; argument ${this.#positional + i + 1} is ${describe(value)}` +
          (names.length > 0 ? `. By name: { ${names.join(", ")} }` : ""),
      );
    });
    given.slice(0, this.#positional).forEach((value, i) => values[this.declarations[i][0]] = value);
  }

  #readNames(
    options: Record<string, unknown>,
    count: number,
    values: Record<string, unknown>,
  ): void {
    for (const [name, value] of Object.entries(options)) {
      const place = this.declarations.findIndex(([own]) => own === name);
      if (place < 0) throw new TypeError(this.#unknown(name));
      if (value === undefined) continue;
      if (place < count && values[name] !== undefined) {
        throw new TypeError(`${this.name} got multiple values for argument "${name}"`);
      }
      values[name] = value;
    }
  }

  #unknown(name: string): string {
    const { names } = this;
    const list = names.length > 0 ? `, expected ${names.join(", ")}` : ", it takes none";
    const meant = nearest(name, names);
    return `${this.name} got an unknown option ${shortText(name)}` +
      (meant ? `, did you mean "${meant}"?` : list);
  }

  #complete(parameter: Declaration, values: Record<string, unknown>): void {
    const [name, own] = parameter;
    const value = values[name];
    if (value === undefined) {
      if (parameter.length === 2) {
        throw new TypeError(`${this.name} misses argument "${name}", expected ${own.expected}`);
      }
      // What has no default stays out, so that it hides nothing where options are spread.
      if (parameter[2] === undefined) delete values[name];
      else values[name] = parameter[2];
    } else if (!own.accepts(value)) {
      // The default is accepted too: null for what is left out.
      if (parameter.length === 3 && value === parameter[2]) return;
      throw new TypeError(
        `${this.name}: ${name} is ${describe(value)}, expected ${own.expected}`,
      );
    }
  }
}

/** Integers given one by one or as one list: `x.reshape(2, 3)`, `x.reshape([2, 3])`. */
export type Integers = number[] | [readonly number[]];

/**
 * The list that {@linkcode Integers} are.
 *
 * @throws {TypeError} naming the function and the parameter if they are anything else
 */
export function integersOf(name: string, parameter: string, given: Integers): readonly number[] {
  const list: unknown = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
  if (kinds.integers.accepts(list)) return list as readonly number[];
  throw new TypeError(
    `${name}: ${parameter} is ${describe(list)}, expected integers, one by one or as a list`,
  );
}

/** Whether a value is `{ ... }`, no instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The known name that was meant: the same in snake case, or nearly the same. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const flat = (text: string) => text.replaceAll("_", "").toLowerCase();
  const same = known.find((one) => flat(one) === flat(name));
  if (same || known.length === 0) return same;
  const candidate = closest(flat(name), known.map(flat));
  const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
  return distance(flat(name), candidate) <= limit
    ? known.find((one) => flat(one) === candidate)
    : undefined;
}

/** A name as it stands in an error message: as it is, unless it is no plain name. */
function nameText(name: string): string {
  return /^\w{1,40}$/.test(name) ? name : shortText(name);
}

/** A value as it stands in an error message. */
export function describe(value: unknown): string {
  if (typeof value === "string") return shortText(value);
  if (typeof value === "function") return `the function ${value.name || "(without a name)"}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    const items = value.slice(0, 6).map(describe).join(", ");
    return `[${items}${value.length > 6 ? ", ..." : ""}]`;
  }
  const { name } = value.constructor ?? { name: "object" };
  if ("shape" in value && "dtype" in value) return `a ${name} ${value.dtype}[${value.shape}]`;
  if (name !== "Object") return `a ${name}`;
  return `an object with { ${shortList(Object.keys(value).map(nameText))} }`;
}
