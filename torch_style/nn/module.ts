/**
 * The base class of all modules.
 * @module
 */
import { showShape, sizeOf } from "../../onnx/mod.ts";
import { noGrad } from "../grad_mode.ts";
import { keepResult } from "../kept_results.ts";
import { Tensor } from "../tensor.ts";

/** A tensor that a module learns: found by {@linkcode Module.parameters}, requires gradients. */
export class Parameter extends Tensor {
  constructor(data: Tensor) {
    super(data.array, { requiresGrad: true });
  }
}

/** Named tensors of a module: what is saved and loaded. */
export type StateDict = Record<string, Tensor>;

let depth = 0;

export interface Module {
  /** Runs {@linkcode Module.forward}. */
  (...inputs: Tensor[]): Tensor;
}

/**
 * Base class of all networks and layers. Fields that hold a {@linkcode Parameter} or another module are
 * found by themselves; an instance is called like a function.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
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
 * const scores = new Net()(torch.ones([1, 4]));
 * ```
 */
export abstract class Module {
  /** Whether dropout drops; switched by {@linkcode Module.train} and {@linkcode Module.eval}. */
  declare training: boolean;

  constructor() {
    const self = ((...inputs: Tensor[]) => callModule(self, inputs)) as Module;
    Object.setPrototypeOf(self, new.target.prototype);
    // Here, because a field's initializer would set it on the object that the function replaces.
    self.training = true;
    return self as this;
  }

  /** What the module computes. */
  abstract forward(...inputs: Tensor[]): Tensor;

  /** Direct submodules by field name. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((entry): entry is [string, Module] =>
      entry[1] instanceof Module
    );
  }

  /** This module and all below it, by path. */
  namedModules(prefix = ""): [string, Module][] {
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules(join(prefix, name))
    );
    return [[prefix, this], ...below];
  }

  /** All parameters by path, each once. */
  namedParameters(prefix = ""): [string, Parameter][] {
    const found = new Map<Parameter, string>();
    for (const [path, module] of this.namedModules(prefix)) {
      for (const [name, value] of Object.entries(module)) {
        if (value instanceof Parameter && !found.has(value)) found.set(value, join(path, name));
      }
    }
    return [...found].map(([parameter, name]) => [name, parameter]);
  }

  /** All parameters. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** The parameters by path, over the same memory, for saving. */
  stateDict(): StateDict {
    return Object.fromEntries(this.namedParameters().map(([name, p]) => [name, p.detach()]));
  }

  /**
   * Takes over saved tensors.
   *
   * @throws {Error} naming what is missing, unexpected or of another shape; nothing is changed then.
   */
  loadStateDict(state: StateDict): void {
    const own = new Map(this.namedParameters());
    const faults = [
      ...[...own.keys()].filter((name) => !(name in state)).map((name) => `missing key "${name}"`),
      ...Object.keys(state).filter((name) => !own.has(name)).map((name) =>
        `unexpected key "${name}"`
      ),
      ...[...own].filter(([name, p]) =>
        name in state && showShape(p.shape) !== showShape(state[name].shape)
      )
        .map(([name, p]) =>
          `size mismatch for ${name}: got ${showShape(state[name].shape)}, expected ${
            showShape(p.shape)
          }`
        ),
    ];
    if (faults.length > 0) {
      throw new Error(
        `Error(s) in loading stateDict for ${this.constructor.name}: ${faults.join("; ")}`,
      );
    }
    using _ = noGrad();
    for (const [name, parameter] of own) parameter.copy_(state[name].clone());
  }

  /** Switches to training (dropout drops) or back. */
  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode;
    return this;
  }

  /** Switches to evaluation. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** How many numbers the module learns. */
  countParameters(): number {
    return this.parameters().reduce((n, p) => n + sizeOf(p.shape), 0);
  }

  /** What stands in the parentheses when the module is printed. */
  extraRepr(): string {
    return "";
  }

  toString(): string {
    const children = this.namedChildren().map(([name, child]) =>
      `  (${name}): ${child.toString().replaceAll("\n", "\n  ")}\n`
    );
    const inside = children.length ? `\n${children.join("")}` : this.extraRepr();
    return `${this.constructor.name}(${inside})`;
  }
}

function callModule(module: Module, inputs: Tensor[]): Tensor {
  depth++;
  try {
    const output = module.forward(...inputs);
    // What the whole network returned is likely to be read after the step.
    if (depth === 1) keepResult(output.array);
    return output;
  } finally {
    depth--;
  }
}

function join(prefix: string, name: string): string {
  return prefix ? `${prefix}.${name}` : name;
}
