/**
 * The base class of all modules.
 * @module
 */
import { signature } from "../../arguments.ts";
import { type DeviceLike, dtypeIn, dtypeOrDevice } from "../../device.ts";
import { type DType, isFloating } from "../../../onnx/mod.ts";
import "../../ops/mod.ts";
import type { Tensor } from "../../tensor.ts";
import type { BackwardHook } from "../backward_hooks.ts";
import { BufferRegistry } from "../buffers.ts";
import { convertFields } from "../convert_dtype.ts";
import { callModule } from "../calls.ts";
import {
  addHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookHandle,
  hooksOf,
} from "../hooks.ts";
import { Parameter } from "../parameter.ts";
import { moduleText } from "../python_text.ts";
import {
  type IncompatibleKeys,
  join,
  loadTensors,
  savedTensors,
  type StateDict,
} from "../state_dict.ts";

const MODULE_TO = signature("Module.to", ["dtype", dtypeOrDevice]);

// deno-lint-ignore no-explicit-any -- Whatever it takes and returns.
export type AnyModule = Module<any, unknown>;
/** A module that makes one tensor of one: what `Sequential` is made of. */
export type TensorModule = Module<[Tensor], Tensor>;

export interface Module<Inputs extends readonly unknown[] = Tensor[], Output = Tensor> {
  /** Runs {@linkcode Module.forward}. */
  (...inputs: Inputs): Output;
}

/**
 * Base class of all networks and layers. Fields that hold a {@linkcode Parameter} or another module are
 * found by themselves; buffers are registered. An instance is called like a function.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
 *
 * A module that takes or returns something else than tensors says so: `extends Module<[Tensor, boolean], Tensor[]>`.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * class Net extends torch.nn.Module {
 *   hidden = new torch.nn.Linear(4, 8);
 *   output = new torch.nn.Linear(8, 2);
 *   override forward(x: torch.Tensor) {
 *     return this.output(this.hidden(x).relu());
 *   }
 * }
 * const logits = new Net()(torch.ones([1, 4]));
 * ```
 */
export abstract class Module<Inputs extends readonly unknown[] = Tensor[], Output = Tensor> {
  /** PyTorch's names of fields, where they are others: in paths, state dicts and when printed. */
  static readonly fieldNames: Readonly<Record<string, string>> = {};

  /** Whether dropout drops; switched by {@linkcode Module.train} and {@linkcode Module.eval}. */
  declare training: boolean;

  constructor() {
    const self = makeCallable<Module<Inputs, Output>>(new.target.prototype);
    // Here, because a field's initializer would set it on the object that the function replaces.
    self.training = true;
    return self as this;
  }

  /** What the module computes. */
  abstract forward(...inputs: Inputs): Output;

  // ---- what is inside

  /** Direct submodules by name. */
  namedChildren(): [string, AnyModule][] {
    return fieldsOf(this, Module) as [string, AnyModule][];
  }

  /** Direct submodules. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all below it by path, each once. */
  namedModules(prefix = ""): [string, AnyModule][] {
    const found = new Map<AnyModule, string>();
    const visit = (module: AnyModule, path: string) => {
      if (found.has(module)) return;
      found.set(module, path);
      module.namedChildren().forEach(([name, child]) => visit(child, join(path, name)));
    };
    visit(this, prefix);
    return [...found].map(([module, path]) => [path, module]);
  }

  /** This module and all below it, each once. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Parameters of this module alone, by name. */
  ownParameters(): [string, Parameter][] {
    return fieldsOf(this, Parameter) as [string, Parameter][];
  }

  /** All parameters by path, each once. */
  namedParameters(prefix = ""): [string, Parameter][] {
    return eachOnce(this.namedModules(prefix), (module) => module.ownParameters());
  }

  /** All parameters. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Buffers of this module alone, by name. */
  ownBuffers(options: { readonly persistentOnly?: boolean } = {}): [string, Tensor][] {
    return BufferRegistry.of(this).tensors(options).map(([field, tensor]) => [
      nameOfField(this, field),
      tensor,
    ]);
  }

  /** All buffers by path, each once. */
  namedBuffers(prefix = ""): [string, Tensor][] {
    return eachOnce(this.namedModules(prefix), (module) => module.ownBuffers());
  }

  /** All buffers: tensors that belong to the module's state but are not learned. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  /** The module at a path such as `"body.0"`. @throws {Error} if there is none. */
  getSubmodule(path: string): AnyModule {
    if (path === "") return this;
    return path.split(".").reduce<AnyModule>(
      (module, name) => pick(module, module.namedChildren(), name, "module"),
      this,
    );
  }

  /** The parameter at a path such as `"body.0.weight"`. @throws {Error} if there is none. */
  getParameter(path: string): Parameter {
    const { owner, name } = ownerOf(this, path);
    return pick(owner, owner.ownParameters(), name, "parameter");
  }

  /** The buffer at a path. @throws {Error} if there is none. */
  getBuffer(path: string): Tensor {
    const { owner, name } = ownerOf(this, path);
    return pick(owner, owner.ownBuffers(), name, "buffer");
  }

  // ---- adding to it

  /**
   * Makes a field a buffer and gives it its first value.
   *
   * @param options.persistent whether it is saved; true unless given
   * @returns the tensor, so that a field can be declared by it
   * @throws {Error} if the name cannot be a field's or is taken
   *
   * @example
   * ```ts
   * import { torch } from "@tandem/tandem";
   * class Counter extends torch.nn.Module {
   *   count = this.registerBuffer("count", torch.zeros([]));
   *   override forward(x: torch.Tensor) {
   *     this.count.add_(1);
   *     return x;
   *   }
   * }
   * console.log(Object.keys(new Counter().stateDict())); // ["count"]
   * ```
   */
  registerBuffer<T extends Tensor | null>(
    name: string,
    tensor: T,
    options: { readonly persistent?: boolean } = {},
  ): T {
    const registry = BufferRegistry.of(this);
    if (!registry.has(name)) checkNewField(this, name, "buffer");
    registry.add(name, options.persistent ?? true);
    Object.assign(this, { [name]: tensor });
    return tensor;
  }

  /** Adds a parameter under a name known only when the program runs. @throws {Error} if it is taken. */
  registerParameter(name: string, parameter: Parameter | null): void {
    checkNewField(this, name, "parameter");
    Object.assign(this, { [name]: parameter });
  }

  /** Adds a submodule under a name known only when the program runs. @throws {Error} if it is taken. */
  addModule(name: string, module: AnyModule): void {
    checkNewField(this, name, "module");
    Object.assign(this, { [name]: module });
  }

  /** Calls `hook` with the inputs before each call; what it returns replaces them. */
  registerForwardPreHook(hook: ForwardPreHook<AnyModule>): HookHandle {
    return addHook(hooksOf<AnyModule>(this).before, hook);
  }

  /** Calls `hook` with inputs and output after each call; what it returns replaces the output. */
  registerForwardHook(hook: ForwardHook<AnyModule>): HookHandle {
    return addHook(hooksOf<AnyModule>(this).after, hook);
  }

  /**
   * Calls `hook` when the gradients of a call's outputs and inputs are known; what it returns (all of them) replaces those of
   * the inputs. Follows
   * https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook
   */
  registerFullBackwardHook(hook: BackwardHook<AnyModule>): HookHandle {
    return addHook(hooksOf<AnyModule>(this).backward, hook);
  }

  // ---- state

  /** Parameters and persistent buffers by path, over the same memory, for saving. Shared ones under all their paths. */
  stateDict(prefix = ""): StateDict {
    return Object.fromEntries(
      [...savedTensors(this, prefix)].map(([name, tensor]) => [name, tensor.detach()]),
    );
  }

  /**
   * Takes over saved tensors.
   *
   * @param options `strict`: whether names that do not meet are an error; true unless given
   * @throws {Error} naming what is missing, unexpected, of another shape or kind of dtype; nothing is changed then
   */
  loadStateDict(state: StateDict, { strict = true }: { strict?: boolean } = {}): IncompatibleKeys {
    return loadTensors(this, state, strict);
  }

  /** Switches to training (dropout drops, batch norm learns its statistics) or back. */
  train(mode = true): this {
    this.training = mode;
    this.children().forEach((child) => child.train(mode));
    return this;
  }

  /** Switches to evaluation. */
  eval(): this {
    return this.train(false);
  }

  /** Calls a function with every module below this one and then with this one: to initialise weights. */
  apply(visit: (module: AnyModule) => void): this {
    this.children().forEach((child) => child.apply(visit));
    visit(this);
    return this;
  }

  /**
   * Gives floating point parameters and buffers another dtype. A tensor's dtype never changes, so these are new
   * tensors: make the optimizer afterwards. @throws {Error} if the dtype is not floating point
   */
  to(...given: [dtype: DType | DeviceLike]): this {
    const dtype = dtypeIn(MODULE_TO.read(given).dtype);
    if (!dtype) return this;
    if (!isFloating(dtype)) {
      throw new Error(`Module.to only accepts floating point dtypes, but got ${dtype}`);
    }
    const done = new Map<Tensor, Tensor>();
    for (const module of this.modules()) module.convertOwn(dtype, done);
    return this;
  }

  /** Gives the tensors of this module alone another dtype; for modules that hold some elsewhere than in fields. */
  convertOwn(dtype: DType, converted: Map<Tensor, Tensor>): void {
    convertFields(this, dtype, converted);
  }

  /** {@linkcode Module.to} float32. */
  float(): this {
    return this.to("float32");
  }

  /** {@linkcode Module.to} float64. */
  double(): this {
    return this.to("float64");
  }

  /** {@linkcode Module.to} float16. */
  half(): this {
    return this.to("float16");
  }

  /** {@linkcode Module.to} bfloat16. */
  bfloat16(): this {
    return this.to("bfloat16");
  }

  /** Learns all parameters from now on, or (false) freezes them. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }

  /** Forgets all gradients, or sets them to zero. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters()) {
      if (options.setToNone ?? true) parameter.grad = null;
      else parameter.grad?.zero_();
    }
  }

  /** How many values the module learns: those of parameters that require no gradient do not count. */
  countParameters(): number {
    return this.parameters().reduce((n, p) => n + (p.requiresGrad ? p.numel() : 0), 0);
  }

  /** What stands in the parentheses when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** As PyTorch prints it. */
  toString(): string {
    const inside = this.namedChildren().map(([name, child]) => [name, String(child)] as const);
    return moduleText(this.constructor.name, this.extraRepr(), inside);
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A function that calls its own forward method. */
export function makeCallable<M extends AnyModule>(prototype: object): M {
  const self = ((...inputs: unknown[]) => callModule(self, inputs)) as unknown as M;
  Object.setPrototypeOf(self, prototype);
  // A function's own, which would hide ours.
  for (const name of ["name", "length"]) delete (self as unknown as Record<string, unknown>)[name];
  return self;
}

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

/** The fields of a module that hold something of a kind, under PyTorch's names. */
function fieldsOf<T>(module: AnyModule, kind: Class<T>): [string, T][] {
  const values = module as unknown as Record<string, unknown>;
  // No entries: `train` and `eval` look through all modules, at every step of some loops.
  return Object.keys(module).filter((field) => values[field] instanceof kind)
    .map((field) => [nameOfField(module, field), values[field] as T]);
}

function nameOfField(module: AnyModule, field: string): string {
  return (module.constructor as typeof Module).fieldNames[field] ?? field;
}

function eachOnce<T>(
  modules: readonly [string, AnyModule][],
  own: (module: AnyModule) => [string, T][],
): [string, T][] {
  const found = new Map<T, string>();
  for (const [path, module] of modules) {
    for (const [name, value] of own(module)) {
      if (!found.has(value)) found.set(value, join(path, name));
    }
  }
  return [...found].map(([value, name]) => [name, value]);
}

function checkNewField(module: AnyModule, name: string, what: string): void {
  if (name === "" || name.includes(".")) {
    throw new Error(`${what} name can't be empty or contain ".", got "${name}"`);
  }
  // A field that is declared only holds undefined.
  if ((module as unknown as Record<string, unknown>)[name] !== undefined) {
    throw new Error(`attribute '${name}' already exists in ${module.constructor.name}`);
  }
}

function ownerOf(module: AnyModule, path: string): { owner: AnyModule; name: string } {
  const at = path.lastIndexOf(".");
  return { owner: module.getSubmodule(path.slice(0, Math.max(at, 0))), name: path.slice(at + 1) };
}

function pick<T>(owner: AnyModule, own: [string, T][], name: string, what: string): T {
  const found = own.find(([key]) => key === name);
  if (found) return found[1];
  const names = own.map(([key]) => `"${key}"`).join(", ") || "none";
  throw new Error(`${owner.constructor.name} has no ${what} "${name}", it has ${names}`);
}
