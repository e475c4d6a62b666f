/**
 * Modules in a list.
 * @module
 */
import { kinds, signature } from "../../arguments.ts";
import { defineIndices, positionOf } from "../indexed.ts";
import { type AnyModule, Module, type TensorModule } from "./module.ts";

const MODULE_LIST = signature("ModuleList", [
  "modules",
  kinds.iterable<AnyModule>("modules, as a list"),
  [],
]);

/**
 * Holds modules so that they are found; what they compute is up to the module that has the list.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * class Net extends torch.nn.Module {
 *   layers = new torch.nn.ModuleList([1, 2, 3].map(() => new torch.nn.Linear(4, 4)));
 *   override forward(x: torch.Tensor) {
 *     for (const layer of this.layers) x = layer(x).relu();
 *     return x;
 *   }
 * }
 * console.log(new Net().countParameters()); // 60
 * ```
 */
export class ModuleList<M extends AnyModule = TensorModule> extends Module<never[], never>
  implements Iterable<M> {
  [index: number]: M;
  #modules: M[] = [];

  constructor(...given: [modules?: Iterable<M>]) {
    super();
    const { modules } = MODULE_LIST.read(given) as { modules: Iterable<M> };
    this.#set([...modules]);
  }

  #set(modules: M[]): void {
    for (let i = modules.length; i < this.#modules.length; i++) delete this[i];
    this.#modules = modules;
    defineIndices<M>(this);
  }

  override forward(): never {
    throw new Error(`Module [ModuleList] is missing the required "forward" function`);
  }

  override namedChildren(): [string, AnyModule][] {
    return this.#modules.map((module, i) => [String(i), module]);
  }

  /** How many modules there are. */
  override get length(): number {
    return this.#modules.length;
  }

  /** The module at an index, counted from the end if negative. */
  at(index: number): M | undefined {
    return this.#modules.at(index);
  }

  /** Puts another module at an index. @throws {RangeError} if there is none. */
  set(index: number, module: M): void {
    this.#modules[positionOf(index, this.length)] = module;
  }

  /** A new list of the modules from `start` up to, not including, `end`. */
  slice(start?: number, end?: number): ModuleList<M> {
    return new ModuleList(this.#modules.slice(start, end));
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.#set([...this.#modules, module]);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    this.#set([...this.#modules, ...modules]);
    return this;
  }

  /** Adds a module before the one at an index. */
  insert(index: number, module: M): this {
    const position = index === this.length ? index : positionOf(index, this.length);
    this.#set(this.#modules.toSpliced(position, 0, module));
    return this;
  }

  /** Takes a module out and returns it. */
  pop(index = -1): M {
    const position = positionOf(index, this.length);
    const module = this.#modules[position];
    this.#set(this.#modules.toSpliced(position, 1));
    return module;
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#modules.values();
  }

  /** As PyTorch prints it: equal neighbours once, with their number. */
  override toString(): string {
    const runs: { first: number; last: number; text: string }[] = [];
    this.#modules.map(String).forEach((text, i) => {
      const run = runs.at(-1);
      if (run?.text === text) run.last = i;
      else runs.push({ first: i, last: i, text });
    });
    const { name } = this.constructor;
    if (runs.length === 0) return `${name}()`;
    const lines = runs.map(({ first, last, text }) => {
      const inside = text.replaceAll("\n", "\n  ");
      if (first === last) return `(${first}): ${inside}`;
      return `(${first}-${last}): ${last - first + 1} x ${inside}`;
    });
    return `${name}(\n  ${lines.join("\n  ")}\n)`;
  }
}
