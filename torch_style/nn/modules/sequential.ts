/**
 * Modules one after the other.
 * @module
 */
import { describe } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import { defineIndices, positionOf } from "../indexed.ts";
import { type AnyModule, Module, type TensorModule } from "./module.ts";

/**
 * Feeds each module's output to the next; numbered from 0, or named.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const { nn } = torch;
 * const body = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU());
 * const net = new nn.Sequential({ body, head: new nn.Linear(8, 2) });
 * console.log(net(torch.ones([1, 4])).shape); // [1, 2]
 * console.log(String(body[0])); // Linear(in_features=4, out_features=8, bias=True)
 * ```
 */
export class Sequential extends Module<[Tensor]> implements Iterable<TensorModule> {
  [index: number]: TensorModule;
  readonly #modules = new Map<string, TensorModule>();

  constructor(...modules: TensorModule[]);
  constructor(modules: Readonly<Record<string, TensorModule>>);
  constructor(...modules: TensorModule[] | [Readonly<Record<string, TensorModule>>]) {
    super();
    const [first] = modules;
    // A module is a function.
    if (typeof first === "object") this.#set(Object.entries(first));
    else this.#number(modules as TensorModule[]);
  }

  #set(entries: Iterable<readonly [string, TensorModule]>): void {
    const before = this.#modules.size;
    this.#modules.clear();
    for (const [name, module] of entries) {
      if (!((module as unknown) instanceof Module)) {
        throw new TypeError(`Sequential: ${name} is ${describe(module)}, expected a module`);
      }
      this.#modules.set(name, module);
    }
    for (let i = this.#modules.size; i < before; i++) delete this[i];
    defineIndices(this);
  }

  /** Values modules anew. */
  #number(modules: readonly TensorModule[]): void {
    this.#set(modules.map((module, i) => [String(i), module] as const));
  }

  override forward(input: Tensor): Tensor {
    return [...this].reduce((x, module) => module(x), input);
  }

  override namedChildren(): [string, AnyModule][] {
    return [...this.#modules, ...super.namedChildren()];
  }

  /** How many modules there are. */
  override get length(): number {
    return this.#modules.size;
  }

  /** The module at an index, counted from the end if negative. */
  at(index: number): TensorModule | undefined {
    return [...this].at(index);
  }

  /** Puts another module at an index. @throws {RangeError} if there is none. */
  set(index: number, module: TensorModule): void {
    const name = [...this.#modules.keys()][positionOf(index, this.length)];
    this.#modules.set(name, module);
  }

  /** A new `Sequential` of the modules from `start` up to, not including, `end`: the same modules, under their names. */
  slice(start?: number, end?: number): Sequential {
    const part = new Sequential();
    part.#set([...this.#modules].slice(start, end));
    return part;
  }

  /** Adds a module at the end. */
  append(module: TensorModule): this {
    this.#set([...this.#modules, [String(this.length), module]]);
    return this;
  }

  /** Adds a module before the one at an index; those after it get other names. */
  insert(index: number, module: TensorModule): this {
    const position = index === this.length ? index : positionOf(index, this.length);
    this.#number([...this].toSpliced(position, 0, module));
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<TensorModule>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** Takes a module out and returns it. */
  pop(index = -1): TensorModule {
    const position = positionOf(index, this.length);
    const entries = [...this.#modules];
    const [[, module]] = entries.splice(position, 1);
    this.#set(entries);
    return module;
  }

  [Symbol.iterator](): Iterator<TensorModule> {
    return this.#modules.values();
  }
}
