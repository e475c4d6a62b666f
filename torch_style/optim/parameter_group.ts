/**
 * Parameters and the options they are trained with.
 * @module
 */
import {
  type DType,
  fromHost,
  type LazyArray,
  shortList,
  shortText,
  storageFrom,
} from "../../onnx/mod.ts";
import {
  type Declarations,
  describe,
  kind,
  kinds,
  type Signature,
  signature,
} from "../arguments.ts";
import { Tensor } from "../tensor.ts";

/** Options by name; values, pairs (betas) and switches. */
// deno-lint-ignore no-explicit-any
export type Hyperparameters = { lr: number } & Record<string, any>;

/** Parameters trained with the same options. Changing an option takes effect at the next step. */
export type ParameterGroup<O extends Hyperparameters = Hyperparameters> = O & {
  /** The tensors. */
  params: Tensor[];
  /** Their names, if they were given with names. */
  paramNames?: string[];
  /** What the group is called; of no other use. */
  name?: string;
};

/** Tensors, or tensors with names as `Module.namedParameters` gives them. */
export type ParameterList = Iterable<Tensor> | Iterable<readonly [name: string, tensor: Tensor]>;

/** A group as it is given: options that it leaves out are the optimizer's. */
export type GivenGroup<O extends Hyperparameters> = Partial<O> & {
  readonly params: ParameterList;
  readonly name?: string;
};

/** What an optimizer is made for: tensors, tensors with names, or groups with options of their own. */
export type Parameters<O extends Hyperparameters> = ParameterList | Iterable<GivenGroup<O>>;

/** The first parameter of every optimizer's signature. */
export const parameters = kind<Iterable<never>>(
  "a list of tensors, of named tensors or of parameter groups, such as model.parameters()",
  (value) =>
    typeof value === "object" && value !== null && Symbol.iterator in value &&
    !(value instanceof Tensor),
);

/** Reads the groups of one optimizer: an option that a group leaves out is the optimizer's, an unknown one is refused. */
export class GroupReader<O extends Hyperparameters> {
  readonly #signature: Signature<Declarations>;

  /** @param own the optimizer's signature, @param defaults its options */
  constructor(own: Signature<Declarations>, defaults: O) {
    const options = own.declarations.filter(([name]) => name !== "params").map(([name, kind]) =>
      [name, kind, defaults[name]] as const
    );
    this.#signature = signature(
      `${own.name} parameter group`,
      "*",
      ["params", parameters],
      ...options,
      // A schedule leaves this in a group; a saved one brings it along.
      ["initialLr", kinds.number, undefined],
      ["name", kinds.string, undefined],
    );
  }

  /** @throws {Error} PyTorch's, if a tensor is no tensor, cannot be trained or is there twice */
  read(given: Parameters<O>, before: readonly ParameterGroup<O>[] = []): ParameterGroup<O>[] {
    const list: unknown[] = [...given];
    if (list.length === 0) throw new Error("optimizer got an empty parameter list");
    const groups = isGroup(list[0])
      ? list.map((group) => this.#group(group))
      : [this.#group({ params: list })];
    checkGroups([...before, ...groups]);
    return groups;
  }

  /**
   * Options out of a saved state, for the parameters that there are.
   *
   * @throws {Error} if the groups differ in number, sizes or the names of options, or a number is not finite
   */
  readSaved(saved: unknown, now: readonly ParameterGroup<O>[]): ParameterGroup<O>[] {
    const groups = Array.isArray(saved) ? saved as Record<string, unknown>[] : [];
    const sizes = (all: readonly unknown[]) =>
      shortList(all.map((one) => String(sizeOfGroup(one) ?? "no list")), ", ", 12) || "none";
    if (groups.length !== now.length || sizes(groups) !== sizes(now)) {
      throw new Error(
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: " +
          `got groups of ${sizes(groups)}, expected ${sizes(now)}`,
      );
    }
    return groups.map(({ params: _, paramNames: __, ...options }, i) => {
      const { params, ...own } = now[i];
      for (const [name, value] of Object.entries(own)) {
        if (value === undefined || typeof value === "function" || adornments.has(name)) continue;
        if (!Object.hasOwn(options, name)) {
          throw new Error(`loaded state dict: ${name} is missing in parameter group ${i}`);
        }
      }
      for (const [name, value] of Object.entries(options)) {
        if (isFinite(value) || !isFinite((own as Record<string, unknown>)[name])) continue;
        throw new Error(
          `loaded state dict: ${shortText(name)} of parameter group ${i} is ${
            describe(value)
          }, expected finite numbers`,
        );
      }
      return { ...this.#group({ ...options, params: [] }), params };
    });
  }

  #group(given: unknown): ParameterGroup<O> {
    const values = Object.entries(this.#signature.read([given]));
    const known = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    const list = [...known.params as Iterable<unknown>];
    const named = list.length > 0 && list.every(Array.isArray);
    const params = named ? list.map(([, tensor]) => tensor) : list;
    const names = named ? { paramNames: list.map(([name]) => name) } : {};
    return { ...known, ...names, params } as unknown as ParameterGroup<O>;
  }
}

/** Options that a group has or has not, whatever its optimizer. */
const adornments: ReadonlySet<string> = new Set(["initialLr", "name", "paramNames"]);

function sizeOfGroup(group: unknown): number | undefined {
  const { params } = (group ?? {}) as { params?: unknown };
  return Array.isArray(params) ? params.length : undefined;
}

/** Whether no number in a value is infinite or NaN. */
function isFinite(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isFinite);
  return typeof value !== "number" || Number.isFinite(value);
}

/** Anything but a tensor, or a tensor with its name: what is wrong with it the signature says. */
function isGroup(value: unknown): boolean {
  return typeof value === "object" && !(value instanceof Tensor) && !Array.isArray(value);
}

function checkGroups(groups: readonly ParameterGroup[]): void {
  const seen = new Set<Tensor>();
  for (const { params } of groups) {
    for (const parameter of params) {
      if (!(parameter instanceof Tensor)) {
        throw new Error(
          `optimizer can only optimize Tensors, but one of the params is ${describe(parameter)}`,
        );
      }
      if (!parameter.isLeaf) throw new Error("can't optimize a non-leaf Tensor");
      if (seen.has(parameter)) {
        throw new Error("some parameters appear in more than one parameter group");
      }
      seen.add(parameter);
    }
  }
}

/** The values of one step that change from step to step: fed to the graph, so that they make no new one. */
export class StepValues {
  readonly #arrays = new Map<string, LazyArray>();

  /** A number as an array of its own; equal values share one. */
  feed(value: number, dtype: DType): LazyArray {
    const key = `${dtype} ${value}`;
    let array = this.#arrays.get(key);
    if (!array) this.#arrays.set(key, array = fromHost(storageFrom([value], dtype), [], dtype));
    return array;
  }
}
