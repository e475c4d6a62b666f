/**
 * How everything of this idiom reads its options: what is unknown is refused by name, with the nearest known one.
 *
 * A class takes the options that it knows and hands the rest to its base class; the first class of the chain refuses what
 * nobody took.
 *
 * ```ts ignore
 * class Adam extends Optimizer {
 *   constructor(options: AdamOptions = {}) {
 *     const [own, rest] = takeOptions("Adam", options, { beta1: 0.9, beta2: 0.999 });
 *     super(rest); // ends in readOptions(new.target.name, rest, { learningRate: 0.001, name: null })
 *   }
 * }
 * ```
 * @module
 */
import { closest, distance } from "fastest-levenshtein";
import { shortList, shortText } from "../onnx/mod.ts";
import { toCamelCase } from "./naming.ts";

/** What options are when the user leaves them out. An option without a default has `undefined`. */
export type OptionDefaults = Readonly<Record<string, unknown>>;

/** The value of every option that has a default: the one given, or the default. */
export type OptionsRead<Options, Defaults> = {
  [Name in keyof Defaults]: Name extends keyof Options
    ? Exclude<Options[Name], undefined> | Extract<Defaults[Name], null | undefined>
    : Defaults[Name];
};

/** Names that classes took of an object of options, for the sake of suggestions. */
const taken = new WeakMap<object, readonly string[]>();

/**
 * The options that a class knows, with its defaults, and those that are left for its base class.
 *
 * @param owner whose options they are, for errors: "Adam"
 * @throws {TypeError} if the options are no object
 */
export function takeOptions<Options extends object, Defaults extends OptionDefaults>(
  owner: string,
  options: Options | undefined,
  defaults: Defaults,
): [own: OptionsRead<Options, Defaults>, rest: Omit<Options, keyof Defaults>] {
  checkIsObject(owner, options);
  const own: Record<string, unknown> = { ...defaults };
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options ?? {})) {
    if (!Object.hasOwn(defaults, name)) rest[name] = value;
    else if (value !== undefined) own[name] = value;
  }
  const known = [...(options && taken.get(options) || []), ...Object.keys(defaults)];
  taken.set(rest, known);
  return [own as OptionsRead<Options, Defaults>, rest as Omit<Options, keyof Defaults>];
}

/**
 * The options with their defaults, where nobody else takes any.
 *
 * @param owner whose options they are, for errors: "Adam", "compile"
 * @throws {TypeError} if the options are no object, or for one that is unknown, naming the nearest known one
 */
export function readOptions<Options extends object, Defaults extends OptionDefaults>(
  owner: string,
  options: Options | undefined,
  defaults: Defaults,
): OptionsRead<Options, Defaults> {
  const [own, rest] = takeOptions(owner, options, defaults);
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) refuse(owner, unknown, taken.get(rest)!);
  const { name } = own as { readonly name?: unknown };
  if (typeof name === "object" && name !== null) {
    throw new TypeError(`${owner}: name is ${show(name)}, expected a text`);
  }
  return own;
}

function checkIsObject(owner: string, options: unknown): void {
  if (options === undefined || (typeof options === "object" && options !== null)) {
    if (!Array.isArray(options)) return;
  }
  throw new TypeError(
    `${owner}: options is ${show(options)}, expected an object of options by name`,
  );
}

function refuse(owner: string, unknown: string, known: readonly string[]): never {
  const all = [...new Set(known)].sort();
  const nearest = nearestName(unknown, all);
  const expected = all.length === 0
    ? "no options"
    : nearest === undefined
    ? `one of ${all.join(", ")}`
    : `"${nearest}"`;
  const guess = nearest === undefined ? "" : ` (known: ${all.join(", ")})`;
  throw new TypeError(
    `${owner}: unknown option ${shortText(unknown)}, expected ${expected}${guess}`,
  );
}

/** The known name that is meant, if one is near: Python's spelling, or a few letters away. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const camel = toCamelCase(name);
  if (known.includes(camel)) return camel;
  if (known.length === 0) return undefined;
  const same = known.find((candidate) => candidate.toLowerCase() === camel.toLowerCase());
  if (same !== undefined) return same;
  const found = closest(camel, [...known]);
  return distance(camel, found) <= Math.max(2, camel.length / 3) ? found : undefined;
}

/**
 * One of some strings; Python's spelling of it is taken as well.
 *
 * @throws {RangeError} naming the option, its value and what was expected
 */
export function checkChoice<const Choice extends string>(
  owner: string,
  option: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  if (choices.includes(value as Choice)) return value as Choice;
  // Keras' own spelling.
  const camel = typeof value === "string" ? toCamelCase(value) : value;
  if (choices.includes(camel as Choice)) return camel as Choice;
  const quoted = choices.map((choice) => `"${choice}"`).join(", ");
  throw new RangeError(`${owner}: ${option} is ${show(value)}, expected one of ${quoted}`);
}

/** What a number has to be. */
export interface NumberRange {
  /** The least value. */
  readonly from?: number;
  /** What the value stays above. */
  readonly above?: number;
  /** What the value stays below. */
  readonly below?: number;
  /** The greatest value. */
  readonly to?: number;
  readonly integer?: boolean;
}

/**
 * A finite number in a range.
 *
 * @throws {RangeError} naming the option, its value and what was expected
 */
export function checkNumber(
  owner: string,
  option: string,
  value: unknown,
  range: NumberRange = {},
): number {
  const { from = -Infinity, above = -Infinity, below = Infinity, to = Infinity } = range;
  const { integer = false } = range;
  const fits = typeof value === "number" && Number.isFinite(value) && value >= from &&
    value > above && value < below && value <= to && (!integer || Number.isInteger(value));
  if (fits) return value;
  const kind = integer ? "an integer" : "a number";
  throw new RangeError(
    `${owner}: ${option} is ${show(value)}, expected ${kind}${showRange(range)}`,
  );
}

function showRange({ from, above, below, to }: NumberRange): string {
  const end = to !== undefined ? `to ${to}` : below !== undefined ? `to below ${below}` : "";
  if (from === undefined && above === undefined) return end && ` up ${end}`;
  if (from === undefined) return ` above ${above}${end && ` up ${end}`}`;
  return end ? ` from ${from} ${end}` : ` of at least ${from}`;
}

/**
 * An option that has no default.
 *
 * @throws {TypeError} naming the option and what was expected
 */
export function requireOption<Value>(
  owner: string,
  option: string,
  value: Value | undefined,
  expected: string,
): Value {
  if (value !== undefined) return value;
  throw new TypeError(`${owner}: ${option} is missing, expected ${expected}`);
}

/** A value as an error shows it. */
export function show(value: unknown): string {
  if (typeof value === "function") return `a function ${value.name}`.trim();
  if (typeof value === "number" || value === undefined) return String(value);
  if (typeof value === "object" && value !== null) {
    const { constructor } = value;
    const isPlain = Array.isArray(value) || constructor === Object || constructor === undefined;
    if (!isPlain) return `a ${constructor.name}`;
  }
  return shortText(value);
}

/** Names that are listed whole; of more of them the first. */
const MOST_NAMES = 8;

/** Completes "expected one of": the known names, of many the first and the one that is probably meant. */
export function listNames(known: readonly string[], given: unknown): string {
  const meant = typeof given === "string" && given.length < 100
    ? nearestName(given, known)
    : undefined;
  const guess = known.length > MOST_NAMES && meant ? ` (did you mean "${meant}"?)` : "";
  return shortList(known, ", ", MOST_NAMES) + guess;
}
