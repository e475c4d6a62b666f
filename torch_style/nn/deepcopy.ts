/**
 * Copies of whole modules. Stands for Python's `copy.deepcopy`.
 * @module
 */
import { Tensor } from "../tensor.ts";
import { BufferRegistry } from "./buffers.ts";
import { type AnyModule, makeCallable, Module } from "./modules/module.ts";
import { ModuleDict } from "./modules/module_dict.ts";
import { ModuleList } from "./modules/module_list.ts";
import { Parameter } from "./parameter.ts";
import { ParameterDict } from "./modules/parameter_dict.ts";
import { ParameterList } from "./modules/parameter_list.ts";
import { Sequential } from "./modules/sequential.ts";

/**
 * A copy with parameters and buffers of its own; what was shared inside is shared in the copy. Hooks are not copied, and
 * classes with private members of their own (`#name`) cannot be copied, as JavaScript lets nobody else see those.
 *
 * @throws {Error} for a tensor that was computed, since only leaves are copied, or a class with private members
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const net = new torch.nn.Sequential(new torch.nn.Linear(4, 2), new torch.nn.ReLU());
 * const best = torch.deepcopy(net);
 * console.log(best.parameters()[0] === net.parameters()[0]); // false
 * ```
 */
export function deepcopy<T extends AnyModule | Tensor>(value: T): T {
  return new Copier().copy(value) as T;
}

class Copier {
  readonly #done = new Map<unknown, unknown>();

  copy(value: unknown): unknown {
    const known = this.#done.get(value);
    if (known !== undefined) return known;
    if (value instanceof Tensor) return this.#keep(value, copyTensor(value));
    if (value instanceof Module) return this.#module(value as AnyModule);
    if (Array.isArray(value)) return value.map((item) => this.copy(item));
    if (value && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, this.copy(own)]));
    }
    return value;
  }

  #keep<T>(value: unknown, copy: T): T {
    this.#done.set(value, copy);
    return copy;
  }

  #module(module: AnyModule): AnyModule {
    refuseComputedFields(module);
    refusePrivateMembers(module);
    const copy = this.#keep(
      module,
      this.#container(module) ?? makeCallable(Object.getPrototypeOf(module)),
    );
    for (const [field, value] of Object.entries(module)) {
      Object.assign(copy, { [field]: this.copy(value) });
    }
    BufferRegistry.of(module).copyTo(BufferRegistry.of(copy));
    return copy;
  }

  /** Containers keep what they hold elsewhere than in fields. */
  #container(module: AnyModule): AnyModule | undefined {
    const children = () =>
      module.namedChildren().slice(0, module.length).map(([name, child]) =>
        [name, this.copy(child)] as const
      );
    const made = module instanceof ParameterList
      ? new ParameterList([...module].map((parameter) => this.copy(parameter) as Tensor))
      : module instanceof ParameterDict
      ? new ParameterDict(
        [...module].map(([name, own]) => [name, this.copy(own) as Tensor] as const),
      )
      : module instanceof ModuleList
      ? new ModuleList(children().map(([, child]) => child) as never)
      : module instanceof ModuleDict
      ? new ModuleDict(Object.fromEntries(children()) as never)
      : module instanceof Sequential
      ? new Sequential(Object.fromEntries(children()) as never)
      : undefined;
    // A class of one's own that extends a container.
    return made && Object.setPrototypeOf(made, Object.getPrototypeOf(module));
  }
}

/** Classes that keep what they hold in private members, which {@linkcode Copier} knows how to fill. */
const CONTAINERS: readonly unknown[] = [
  ...[ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential, Module],
];

/** Only a class's constructor makes its private members; nothing but the class's text tells of them. */
function refusePrivateMembers(module: AnyModule): void {
  let Class: unknown = module.constructor;
  for (; typeof Class === "function" && !CONTAINERS.includes(Class);) {
    const used = privateMember(String(Class));
    if (used !== undefined) {
      throw new Error(
        `deepcopy: ${Class.name} has the private member ${used}, which no copy can have; expected a name without #`,
      );
    }
    Class = Object.getPrototypeOf(Class);
  }
}

/** The first private member that a class's text uses; static ones are the class's own, which copies have. */
function privateMember(text: string): string | undefined {
  const statics = text.matchAll(/\bstatic\s+(?:(?:async|get|set)\s+)?\*?\s*(#[\w$]+)/g);
  const shared = new Set(Array.from(statics, ([, name]) => name));
  return text.match(/(?<=[\w$)\]]\??\.)#[\w$]+/g)?.find((name) => !shared.has(name));
}

/** Weights that are computed (by weightNorm) belong to the module they were made for. */
function refuseComputedFields(module: AnyModule): void {
  for (const [field, own] of Object.entries(Object.getOwnPropertyDescriptors(module))) {
    if (!own.get || /^\d+$/.test(field)) continue;
    throw new Error(
      `deepcopy: ${field} of ${module.constructor.name} is computed (weightNorm, spectralNorm); copy the module before`,
    );
  }
}

function copyTensor(tensor: Tensor): Tensor {
  if (!tensor.isLeaf) {
    throw new Error(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment",
    );
  }
  const values = tensor.detach().clone();
  const copy = tensor instanceof Parameter
    ? new Parameter(values, tensor.requiresGrad)
    : values.requiresGrad_(tensor.requiresGrad);
  if (tensor.grad) copy.grad = tensor.grad.detach().clone();
  return copy;
}
