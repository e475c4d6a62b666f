/**
 * What all optimizers share: one call into ONNX Runtime computes the loss, the gradients and the updates.
 * @module
 */
import { anomalyWatch } from "../autograd/anomaly_mode.ts";
import { unsettledGradients } from "../autograd/unsettled_gradients.ts";
import {
  createStorage,
  defaultRuntime,
  type DType,
  fromHost,
  isFloating,
  isShortFloat,
  type LazyArray,
  ops,
  Readers,
  readingForStep,
  recordingArrays,
  sameShape,
  shortText,
  showShape,
} from "../../onnx/mod.ts";
import { type Declarations, kinds, type Signature, signature } from "../arguments.ts";
import { tensor } from "../creation.ts";
import { noGrad } from "../grad_mode.ts";
import {
  evaluateWithKept,
  isReadAfterStep,
  noteWrite,
  passReaders,
  startAccumulatedPass,
} from "../evaluation.ts";
import { Tensor } from "../tensor.ts";
import {
  type GivenGroup,
  GroupReader,
  type Hyperparameters,
  type ParameterGroup,
  type Parameters,
  StepValues,
} from "./parameter_group.ts";

/** Arrays an optimizer keeps for one parameter, by name. */
export type ParameterState = Record<string, LazyArray>;

/** What an update rule is given beside the parameter. */
export interface UpdateContext<O extends Hyperparameters> {
  readonly gradient: LazyArray;
  /** What the rule returned at the parameter's last step; empty at the first. */
  readonly state: ParameterState;
  readonly options: ParameterGroup<O>;
  /** How many steps the parameter has made with this one: 1 at the first. */
  readonly step: number;
  /** A number that may change from step to step, as an array. */
  feed(value: number): LazyArray;
}

/** A parameter's new value and state. */
export interface Update {
  readonly parameter: LazyArray;
  readonly state: ParameterState;
}

/** An optimizer's state as plain data: tensors by parameter number and name, and the groups' options. */
export interface OptimizerState {
  state: Record<number, Record<string, Tensor>>;
  paramGroups: (Record<string, unknown> & { params: number[] })[];
}

interface Kept {
  readonly steps: number;
  readonly state: ParameterState;
  /** How many readers of passes there were when the step was made. */
  readonly passReaders: number;
  /** The parameter's value before the step. */
  readonly before?: FormerValue;
}

/** A parameter's value, and how many readers of passes there were when it was new. */
interface FormerValue {
  readonly array: LazyArray;
  readonly passReaders: number;
}

/** Whether nobody but steps has read a value, nor may read what they computed from it: all of that lies a whole step back. */
function isUnread({ array: { readers }, passReaders: since }: FormerValue): boolean {
  return readers?.count === 0 && passReaders.count === since;
}

/** Before a parameter's first step. */
const FIRST: Kept = { steps: 0, state: {}, passReaders: 0 };

/** Base class of optimizers. Follows https://docs.pytorch.org/docs/stable/optim.html */
export abstract class Optimizer<O extends Hyperparameters = Hyperparameters> {
  /** Parameters with their options; change an option (`paramGroups[0].lr = 0.1`) between two steps. */
  readonly paramGroups: ParameterGroup<O>[];
  readonly #reader: GroupReader<O>;
  readonly #kept = new Map<Tensor, Kept>();
  /** States that went with a step that failed, and those before them. */
  readonly #lost = new WeakMap<Kept, Kept | undefined>();
  /** Arrays that a state dict was made from. */
  readonly #shown = new WeakSet<LazyArray>();

  /**
   * @param defaults options of groups that do not have their own
   * @param own what the optimizer's constructor takes: by it a group's options are checked
   * @throws {Error} for an unknown option or one out of range, and for tensors that cannot be trained
   */
  constructor(params: Parameters<O>, defaults: O, own?: Signature<Declarations>) {
    this.#reader = new GroupReader(own ?? signatureOf(this.constructor.name, defaults), defaults);
    this.paramGroups = this.#reader.read(params);
    this.paramGroups.forEach((group) => this.#check(group));
  }

  #check(group: ParameterGroup<O>): void {
    if (!(group.lr >= 0)) throw new Error(`Invalid learning rate: ${group.lr}`);
    this.checkOptions(group);
  }

  /** Throws PyTorch's error for an option out of range. */
  protected abstract checkOptions(options: O): void;

  /** The new value and state of one parameter. */
  protected abstract update(parameter: LazyArray, context: UpdateContext<O>): Update;

  /** Adds parameters with options of their own; those left out are the defaults. */
  addParamGroup(group: GivenGroup<O>): void {
    const added = this.#reader.read([group], this.paramGroups);
    added.forEach((one) => this.#check(one));
    this.paramGroups.push(...added);
  }

  /** All parameters, group by group. */
  get parameters(): Tensor[] {
    return this.paramGroups.flatMap((group) => group.params);
  }

  /**
   * Changes every parameter that has a gradient. Loss, gradients and updates are computed in one call.
   * Await it before timing or reading; without await, steps run in order all the same. If it fails, parameters and
   * state are as they were before.
   *
   * The memory of weights before the step is used again by the next but one, unless somebody else has read them, or gradients, hooks
   * or results of modules computed from them. What a `forward` puts away by itself, uncomputed, is to be read before then: later an
   * error says so.
   */
  step(): Promise<void> {
    const watch = anomalyWatch();
    const step = () => noGrad(() => recordingArrays(() => readingForStep(() => this.#step())));
    const first = watch ? watch.check().then(unsettledGradients) : unsettledGradients();
    return first ? first.then(step) : step();
  }

  #step(): Promise<void> {
    startAccumulatedPass();
    const values = new StepValues();
    const replaced: LazyArray[] = [];
    const wanted: LazyArray[] = [];
    const read: LazyArray[] = [];
    for (const options of this.paramGroups) {
      for (const parameter of options.params) {
        if (!parameter.grad) continue;
        const kept = this.#kept.get(parameter) ?? FIRST;
        const dtype = stateTypeOf(parameter);
        const update = this.update(ops.cast(parameter.array, dtype), {
          gradient: ops.cast(parameter.grad.array, dtype),
          state: kept.state,
          options,
          step: kept.steps + 1,
          feed: (value) => values.feed(value, dtype),
        });
        const value = ops.cast(update.parameter, parameter.dtype);
        const state = Object.values(update.state);
        replaced.push(...Object.values(kept.state));
        if (kept.before && isUnread(kept.before)) replaced.push(kept.before.array);
        const before = { array: parameter.array, passReaders: kept.passReaders };
        parameter.array = value;
        if (!state.includes(value)) value.readers = new Readers();
        this.#keep(parameter, {
          steps: kept.steps + 1,
          state: update.state,
          passReaders: passReaders.count,
          before,
        }, value);
        wanted.push(value, ...state);
        if (isReadAfterStep(parameter)) read.push(parameter.grad.array);
      }
    }
    return this.#evaluate([...wanted, ...read], replaced);
  }

  /** Takes over a parameter's next state; if the parameter's value cannot be computed, the one before comes back. */
  #keep(parameter: Tensor, next: Kept, array: LazyArray): void {
    const before = this.#kept.get(parameter);
    this.#kept.set(parameter, next);
    noteWrite({
      array,
      revert: () => {
        this.#lost.set(next, before);
        let known = before;
        while (known && this.#lost.has(known)) known = this.#lost.get(known);
        if (known) this.#kept.set(parameter, known);
        else this.#kept.delete(parameter);
      },
    });
  }

  /** Nobody else has seen the state before the step, nor the weights before the last one, so their memory is used again. */
  async #evaluate(wanted: LazyArray[], replaced: LazyArray[]): Promise<void> {
    await evaluateWithKept(wanted);
    const { pool } = defaultRuntime();
    const alive = new Set(wanted);
    for (const array of new Set(replaced)) {
      if (array.isSettled && !alive.has(array) && !this.#shown.has(array)) pool.giveArray(array);
    }
  }

  /** Forgets the gradients of all parameters, or sets them to zero. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters) {
      if (options.setToNone ?? true) parameter.grad = null;
      else parameter.grad?.zero_();
    }
  }

  /** State and options, as `torch.optim.Optimizer.state_dict` lays them out. Copies: later steps do not change it. */
  stateDict(): OptimizerState {
    const state: OptimizerState["state"] = {};
    this.parameters.forEach((parameter, i) => {
      const kept = this.#kept.get(parameter);
      if (!kept) return;
      const arrays = Object.entries(kept.state).map(([name, array]) => {
        this.#shown.add(array);
        return [name, new Tensor(ops.copy(array))] as const;
      });
      const step = tensor(kept.steps, { dtype: "float32" });
      state[i] = { step, ...Object.fromEntries(arrays) };
    });
    let next = 0;
    const paramGroups = this.paramGroups.map(({ params, ...options }) => ({
      ...options,
      params: params.map(() => next++),
    }));
    return { state, paramGroups };
  }

  /**
   * Takes over what {@linkcode Optimizer.stateDict} gave.
   *
   * @throws {Error} if groups, their options, names or shapes of states differ; nothing is changed then
   */
  async loadStateDict(state: OptimizerState): Promise<void> {
    (await this.prepareLoad(state))();
  }

  /**
   * Checks all of a state before anything changes.
   *
   * @returns what takes the state over; cannot fail
   * @throws {Error} as {@linkcode Optimizer.loadStateDict} does
   */
  async prepareLoad({ state, paramGroups }: OptimizerState): Promise<() => void> {
    const groups = this.#reader.readSaved(paramGroups, this.paramGroups);
    groups.forEach((group) => this.#check(group));
    const optionsOf = new Map(groups.flatMap((group) => group.params.map((one) => [one, group])));
    const { parameters } = this;
    const loaded = await Promise.all(
      Object.entries(state).map(async ([i, saved]) => {
        const parameter = parameters[Number(i)];
        if (!parameter) {
          throw new Error(
            `loaded state dict names parameter ${shortText(i)}, expected 0 to ${
              parameters.length - 1
            }`,
          );
        }
        const expected = this.#stateAfterOneStep(parameter, optionsOf.get(parameter)!);
        return [parameter, await readState(i, saved, expected)] as const;
      }),
    );
    return () => {
      this.#kept.clear();
      for (const [parameter, kept] of loaded) this.#kept.set(parameter, kept);
      groups.forEach(({ params: _, ...options }, i) => Object.assign(this.paramGroups[i], options));
    };
  }

  /** Names, shapes and dtypes of what the rule keeps for a parameter; recorded, not computed. */
  #stateAfterOneStep(parameter: Tensor, options: ParameterGroup<O>): ParameterState {
    const dtype = stateTypeOf(parameter);
    const { shape, array: { size } } = parameter;
    const zeros = () => fromHost(createStorage(dtype, size), shape, dtype);
    const values = new StepValues();
    const context = { gradient: zeros(), state: {}, options, step: 1 };
    return noGrad(() =>
      this.update(zeros(), { ...context, feed: (value) => values.feed(value, dtype) }).state
    );
  }
}

/** One parameter's saved state, held against what its rule keeps. */
async function readState(
  i: string,
  saved: Readonly<Record<string, Tensor>>,
  expected: ParameterState,
): Promise<Kept> {
  const fail = (why: string): never => {
    throw new Error(`loaded state dict: ${why} of parameter ${i}`);
  };
  const { step, ...rest } = saved;
  const steps = step instanceof Tensor && step.numel() === 1 ? Number(await step.item()) : NaN;
  if (!Number.isSafeInteger(steps) || steps < 0) {
    fail(`step is ${Number.isNaN(steps) ? "no number" : steps}, expected an integer from 0 on,`);
  }
  const names = Object.keys(rest);
  const lacking = Object.keys(expected).filter((name) => !Object.hasOwn(rest, name));
  // Without any the rule starts anew: momentum that was switched on after the last step.
  if (names.length > 0 && lacking.length > 0) fail(`${lacking.join(", ")} is missing in the state`);
  const state = names.map((name) => {
    const { array } = rest[name];
    const own = Object.hasOwn(expected, name) ? expected[name] : undefined;
    if (!own) return fail(`${shortText(name)} is unknown in the state`);
    if (!sameShape(array.shape, own.shape) || !isFloating(array.dtype)) {
      fail(
        `${name} is ${array.dtype}${showShape(array.shape)}, expected ${own.dtype}${
          showShape(own.shape)
        },`,
      );
    }
    return [name, ops.cast(ops.copy(array), own.dtype)] as const;
  });
  return { steps, state: Object.fromEntries(state), passReaders: passReaders.count };
}

/** What updates are computed in: float32 for float16, whose squares of gradients are mostly 0, and for bfloat16. */
function stateTypeOf(parameter: Tensor): DType {
  return isShortFloat(parameter.dtype) ? "float32" : parameter.dtype;
}

/** What an optimizer of a user's own takes, whose options are known by their defaults only. */
function signatureOf(name: string, defaults: object): Signature<Declarations> {
  return signature(name, ...Object.keys(defaults).map((option) => [option, kinds.any] as const));
}
