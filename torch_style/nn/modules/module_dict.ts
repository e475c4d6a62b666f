/**
 * Modules under names.
 * @module
 */
import { describe } from "../../arguments.ts";
import { type AnyModule, Module, type TensorModule } from "./module.ts";

/** Modules by name: an object, or pairs. */
export type NamedModules<M> = Readonly<Record<string, M>> | Iterable<readonly [string, M]>;

/**
 * Holds modules under names known when the program runs, in the order in which they came.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const choices = new torch.nn.ModuleDict({ relu: new torch.nn.ReLU(), tanh: new torch.nn.Tanh() });
 * const y = choices.get("tanh")(torch.ones([2]));
 * ```
 */
export class ModuleDict<M extends AnyModule = TensorModule> extends Module<never[], never>
  implements Iterable<[string, M]> {
  readonly #modules = new Map<string, M>();

  constructor(modules: NamedModules<M> = {}) {
    super();
    this.update(modules);
  }

  override forward(): never {
    throw new Error(`Module [ModuleDict] is missing the required "forward" function`);
  }

  override namedChildren(): [string, AnyModule][] {
    return [...this.#modules];
  }

  /** How many modules there are. */
  override get length(): number {
    return this.#modules.size;
  }

  /** The module of a name. @throws {Error} if there is none. */
  get(name: string): M {
    const module = this.#modules.get(name);
    if (module) return module;
    throw new Error(`ModuleDict has no "${name}", it has ${[...this.keys()].join(", ") || "none"}`);
  }

  /** Adds a module, or replaces the one of its name. @throws {Error} if the name is empty or contains a dot. */
  set(name: string, module: M): this {
    if (name === "" || name.includes(".")) {
      throw new Error(`module name can't be empty or contain ".", got "${name}"`);
    }
    if (!((module as unknown) instanceof Module)) {
      throw new TypeError(`ModuleDict: ${name} is ${describe(module)}, expected a module`);
    }
    this.#modules.set(name, module);
    return this;
  }

  /** Whether there is a module of a name. */
  has(name: string): boolean {
    return this.#modules.has(name);
  }

  /** Adds or replaces several modules. */
  update(modules: NamedModules<M>): this {
    const entries = Symbol.iterator in modules
      ? modules as Iterable<readonly [string, M]>
      : Object.entries(modules);
    for (const [name, module] of entries) this.set(name, module);
    return this;
  }

  /** Takes a module out and returns it. @throws {Error} if there is none. */
  pop(name: string): M {
    const module = this.get(name);
    this.#modules.delete(name);
    return module;
  }

  /** Takes all modules out. */
  clear(): void {
    this.#modules.clear();
  }

  /** All names. */
  keys(): Iterator<string> & Iterable<string> {
    return this.#modules.keys();
  }

  /** All modules. */
  values(): Iterator<M> & Iterable<M> {
    return this.#modules.values();
  }

  /** All names with their modules. */
  entries(): Iterator<[string, M]> & Iterable<[string, M]> {
    return this.#modules.entries();
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.#modules.entries();
  }
}
