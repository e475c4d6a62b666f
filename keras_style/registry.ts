/**
 * Objects that are made by name or from their saved configuration, and a user's own classes among them.
 * Follows keras/src/saving/object_registration.py of Keras 3.
 * @module
 */
import { listNames, show } from "./options.ts";

/** What can be saved: its class' constructor takes what `getConfig` gives. */
export interface Configurable {
  getConfig(): Record<string, unknown>;
}

/** A class and what to make an object of it from. */
export interface SavedObject {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Of layers: what they were built for, nested as their inputs are. */
  readonly buildShape?: unknown;
  /** Of layers that stand in several places: the same number in each. */
  readonly sharedObjectId?: number;
}

/** Whether something is an object as {@linkcode Registry.serialize} gives it. */
export function isSavedObject(value: unknown): value is SavedObject {
  return typeof value === "object" && value !== null && "className" in value && "config" in value;
}

/** `glorotUniform` to `glorotUniform | glorot_uniform`: Keras' own spelling is taken as well. */
export type BothSpellings<Name extends string> = Name | SnakeCase<Name>;

type SnakeCase<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? Head extends Uppercase<Head> ? Head extends Lowercase<Head> ? `${Head}${SnakeCase<Tail>}`
    : `_${Lowercase<Head>}${SnakeCase<Tail>}`
  : `${Head}${SnakeCase<Tail>}`
  : Name;

// deno-lint-ignore no-explicit-any
type ClassOf<T> = new (...args: any[]) => T;

/** Classes and functions by the name that files have for them. */
// deno-lint-ignore no-explicit-any
export type ObjectsByName = Record<string, any>;

const customObjects: ObjectsByName = {};
const registeredNames = new WeakMap<object, string>();

/** Classes and functions of one's own that names and saved configurations may refer to; to be changed in place. */
export function getCustomObjects(): ObjectsByName {
  return customObjects;
}

/** Options of {@linkcode registerKerasSerializable}. */
export interface RegisterOptions {
  /** Told apart by it are objects of the same name; "Custom" unless given. */
  readonly package?: string;
  /** The object's own name unless given. */
  readonly name?: string;
}

/**
 * Makes a class or function known under `package>name`, so that saved models find it.
 *
 * @returns the object itself
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * class Halves extends keras.initializers.Constant {
 *   constructor() {
 *     super({ value: 0.5 });
 *   }
 * }
 * keras.utils.registerKerasSerializable(Halves, { package: "mine" });
 * console.log(keras.utils.getRegisteredName(Halves)); // mine>Halves
 * ```
 */
export function registerKerasSerializable<T extends { readonly name: string }>(
  object: T,
  options: RegisterOptions = {},
): T {
  const name = `${options.package ?? "Custom"}>${options.name ?? object.name}`;
  if (Object.hasOwn(customObjects, name) && customObjects[name] !== object) {
    throw new Error(`registerKerasSerializable: "${name}" is another object's name already`);
  }
  customObjects[name] = object;
  registeredNames.set(object, name);
  return object;
}

/** The name an object was registered under, or its own. */
export function getRegisteredName(object: { readonly name: string }): string {
  return registeredNames.get(object) ?? object.name;
}

/** The object that was registered under a name; undefined where there is none. */
export function getRegisteredObject(name: string): unknown {
  return Object.hasOwn(customObjects, name) ? customObjects[name] : undefined;
}

/** Runs a function while more objects are known by their names. */
export function customObjectScope<T>(objects: ObjectsByName, run: () => T): T {
  const before = { ...customObjects };
  Object.assign(customObjects, objects);
  try {
    return run();
  } finally {
    for (const name of Object.keys(customObjects)) delete customObjects[name];
    Object.assign(customObjects, before);
  }
}

/** Spellings that mean the same: GlorotUniform, glorotUniform, glorot_uniform. */
function plainName(name: string): string {
  return name.replace(/_/g, "").toLowerCase();
}

/** The classes of one kind, such as all losses. */
export class Registry<T extends Configurable> {
  readonly #base: abstract new (...args: never[]) => T;
  readonly #classes = new Map<string, ClassOf<T>>();
  readonly #known: readonly string[];

  /**
   * @param kind what the classes are, for errors: "initializer"
   * @param base their base class
   * @param classes by name
   * @param aliases further names for the classes: `mse`
   */
  constructor(
    readonly kind: string,
    base: abstract new (...args: never[]) => T,
    classes: Readonly<Record<string, ClassOf<T>>>,
    aliases: Readonly<Record<string, string>> = {},
  ) {
    this.#base = base;
    for (const [name, Class] of Object.entries(classes)) this.#classes.set(plainName(name), Class);
    for (const [alias, name] of Object.entries(aliases)) {
      this.#classes.set(plainName(alias), this.#classes.get(plainName(name))!);
    }
    this.#known = [...Object.keys(classes), ...Object.keys(aliases)].sort();
  }

  /** The class of a name, in any spelling; a user's own come first. */
  find(name: string): ClassOf<T> | undefined {
    const custom = getRegisteredObject(name) ?? getRegisteredObject(`Custom>${name}`);
    return custom as ClassOf<T> | undefined ?? this.#classes.get(plainName(name));
  }

  /** Whether something is a class of this kind. */
  isClass(value: unknown): value is ClassOf<T> {
    return typeof value === "function" && value.prototype instanceof this.#base;
  }

  /** Class and configuration of an object. */
  serialize(object: T): SavedObject {
    return {
      className: getRegisteredName(object.constructor as ClassOf<T>),
      config: object.getConfig(),
    };
  }

  /**
   * An object as it was saved.
   *
   * @throws {TypeError} for a class that is not known
   */
  deserialize(saved: SavedObject): T {
    const { className, config } = (saved ?? {}) as Partial<SavedObject>;
    const Class = typeof className === "string" ? this.find(className) : undefined;
    if (Class === undefined) throw this.unknown(this.kind, className);
    return new Class(config);
  }

  /**
   * The object that is meant: itself, a name, a class or what {@linkcode serialize} gave; undefined for what is none of them.
   *
   * @param option where it stands, for errors: "Dense: kernelInitializer"
   * @throws {TypeError} for an unknown name
   */
  resolve(value: unknown, option: string): T | undefined {
    if (value instanceof this.#base) return value;
    if (typeof value === "string") {
      const found = this.find(value);
      if (found === undefined) throw this.unknown(option, value);
      return this.isClass(found) ? new found() : undefined;
    }
    if (this.isClass(value)) return new value();
    if (typeof value === "object" && value !== null && "className" in value) {
      return this.deserialize({ config: {}, ...value } as SavedObject);
    }
    return undefined;
  }

  /** What to throw for something that is none of this kind. */
  unknown(option: string, value: unknown): TypeError {
    return new TypeError(
      `${option} is ${show(value)}, expected one of ${
        listNames(this.#known, value)
      }, or an object of one of these classes`,
    );
  }
}
