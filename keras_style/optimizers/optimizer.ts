/**
 * The base class of optimizers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constrain } from "../constraints/weight_constraints.ts";
import { get as getInitializer, type InitializerIdentifier } from "../initializers/mod.ts";
import { autoName } from "../naming.ts";
import { checkNumber, type NumberRange, readOptions, show } from "../options.ts";
import { clipGradients } from "./clip_gradients.ts";
import {
  type AddVariableOptions,
  type OptimizerOptions,
  type OptimizerSlot,
  readOptimizerOptions,
  type WeightDecayExclusion,
} from "./optimizer_options.ts";
import { isEvery, WeightAverages } from "./weight_averages.ts";
import { deserialize, LearningRateSchedule, serialize } from "./schedules/mod.ts";

/**
 * Base class of optimizers. All state lies in variables and all decisions in the graph, so that a traced training step updates
 * it at every call without being traced anew. A class of one's own overrides {@linkcode Optimizer.build} and
 * {@linkcode Optimizer.updateStep}. Follows https://keras.io/api/optimizers/ (keras/src/optimizers/base_optimizer.py of Keras 3)
 *
 * @throws {RangeError} for a setting out of range
 * @throws {TypeError} for an unknown option
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { keras } from "@tandem/tandem";
 * class SignDescent extends keras.optimizers.Optimizer {
 *   override updateStep(gradient: tf.Tensor, variable: tf.Variable, learningRate: tf.Tensor) {
 *     this.assignSub(variable, tf.mul(learningRate, tf.sign(gradient)));
 *   }
 * }
 * const weight = keras.variable([1, 1]);
 * new SignDescent({ learningRate: 0.5 }).apply([keras.constant([3, -3])], [weight]);
 * console.log(await weight.data()); // 0.5, 1.5
 * ```
 */
export abstract class Optimizer {
  readonly name: string;
  readonly weightDecay: number | null;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  lossScaleFactor: number | null;
  readonly gradientAccumulationSteps: number | null;
  readonly #steps: tf.Variable;
  #learningRate: tf.Variable | LearningRateSchedule;
  /** What the learning rate was last set to, for {@linkcode Optimizer.getConfig}. */
  #rateSet = 0;
  #trained: readonly tf.Variable[] | undefined;
  readonly #own: { name: string; variable: tf.Variable }[] = [];
  readonly #slots: OptimizerSlot[] = [];
  #averages: WeightAverages | undefined;
  #accumulated: tf.Variable[] = [];
  #isExcluded: (variable: tf.Variable) => boolean = () => false;
  /** While gradients are accumulated: whether this step updates. */
  #isUpdate: tf.Tensor | undefined;

  /** @param defaults what the class has instead of the defaults of all optimizers */
  constructor(options: OptimizerOptions = {}, defaults: OptimizerOptions = {}) {
    const own = readOptimizerOptions(new.target.name, options, defaults);
    this.name = own.name ?? autoName(new.target.name);
    this.weightDecay = own.weightDecay;
    this.clipnorm = own.clipnorm;
    this.clipvalue = own.clipvalue;
    this.globalClipnorm = own.globalClipnorm;
    this.useEma = own.useEma;
    this.emaMomentum = own.emaMomentum;
    this.emaOverwriteFrequency = own.emaOverwriteFrequency;
    this.lossScaleFactor = own.lossScaleFactor;
    this.gradientAccumulationSteps = own.gradientAccumulationSteps;
    this.#steps = tf.tidy(() => tf.variable(tf.scalar(0, "int32"), false));
    this.#learningRate = this.#makeRate(own.learningRate);
  }

  #makeRate(rate: OptimizerOptions["learningRate"]): tf.Variable | LearningRateSchedule {
    if (rate instanceof LearningRateSchedule) return rate;
    if (typeof rate === "object") return deserialize(rate);
    this.#rateSet = this.checkNumber("learningRate", rate, { from: 0 });
    return tf.tidy(() => tf.variable(tf.scalar(this.#rateSet), false));
  }

  /** Updates done so far. */
  get iterations(): tf.Tensor {
    const steps = this.gradientAccumulationSteps;
    return steps === null ? this.#steps : tf.floorDiv(this.#steps, tf.scalar(steps, "int32"));
  }

  /** How far a step goes. Setting it needs no new trace; a schedule cannot be set over. */
  get learningRate(): tf.Tensor {
    const rate = this.#learningRate;
    return rate instanceof LearningRateSchedule ? rate(this.#steps) : rate;
  }

  set learningRate(value: number) {
    const rate = this.#learningRate;
    if (rate instanceof LearningRateSchedule) {
      throw new TypeError(
        `${this.name}: learningRate is ${show(value)}, expected none: a schedule sets it ` +
          `(${rate.constructor.name}); make the optimizer with a number`,
      );
    }
    this.#rateSet = this.checkNumber("learningRate", value, { from: 0 });
    tf.tidy(() => rate.assign(tf.scalar(value)));
  }

  /** Changes one variable, and what is kept for it, by its gradient. */
  protected abstract updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void;

  /** Whether {@linkcode Optimizer.build} was called. */
  get built(): boolean {
    return this.#trained !== undefined;
  }

  /** The variables that it was built for; empty before {@linkcode Optimizer.build}. */
  protected get trained(): readonly tf.Variable[] {
    return this.#trained ?? [];
  }

  /** What is kept for each variable that is trained; empty before {@linkcode Optimizer.build}. */
  get slots(): readonly OptimizerSlot[] {
    return this.#slots;
  }

  /** What is kept beside {@linkcode Optimizer.slots}, by name. */
  get ownVariables(): { name: string; variable: tf.Variable }[] {
    const rate = this.#learningRate;
    return [
      { name: "iterations", variable: this.#steps },
      ...(rate instanceof LearningRateSchedule ? [] : [{ name: "learning_rate", variable: rate }]),
      ...this.#own,
    ];
  }

  /** Everything the optimizer keeps. */
  get variables(): tf.Variable[] {
    const own = this.ownVariables.map(({ variable }) => variable);
    return [...own, ...this.#slots.map(({ slot }) => slot)];
  }

  /** The settings to make another such optimizer from. */
  getConfig(): Record<string, unknown> {
    const rate = this.#learningRate;
    return {
      name: this.name,
      learningRate: rate instanceof LearningRateSchedule ? serialize(rate) : this.#rateSet,
      weightDecay: this.weightDecay,
      clipnorm: this.clipnorm,
      clipvalue: this.clipvalue,
      globalClipnorm: this.globalClipnorm,
      useEma: this.useEma,
      emaMomentum: this.emaMomentum,
      emaOverwriteFrequency: this.emaOverwriteFrequency,
      lossScaleFactor: this.lossScaleFactor,
      gradientAccumulationSteps: this.gradientAccumulationSteps,
    };
  }

  /** Makes what is kept for the variables, once. To be called before a step is traced. */
  build(variables: readonly tf.Variable[]): void {
    if (this.#trained) return;
    this.#trained = [...variables];
    if (this.useEma) {
      const averages = this.addOptimizerVariables(variables, "average");
      this.#averages = new WeightAverages(this.#trained, averages, this);
    }
    if (this.gradientAccumulationSteps !== null) {
      this.#accumulated = this.addOptimizerVariables(variables, "gradient_accumulator");
    }
  }

  /** A further variable of the optimizer's. */
  protected addVariable(options: AddVariableOptions = {}): tf.Variable {
    const { shape = [], dtype = "float32", name = "var", initializer = "zeros" } = options;
    const variable = this.#makeVariable(shape, dtype, initializer);
    this.#own.push({ name, variable });
    return variable;
  }

  /** A variable that is kept for one that is trained; of its shape unless another is given. */
  protected addVariableFromReference(
    variable: tf.Variable,
    options: AddVariableOptions = {},
  ): tf.Variable {
    const { shape = variable.shape, dtype = variable.dtype, name = "var" } = options;
    const slot = this.#makeVariable(shape, dtype, options.initializer ?? "zeros");
    this.#slots.push({ variable, name, slot });
    return slot;
  }

  /** A variable for each one that is trained. */
  protected addOptimizerVariables(
    variables: readonly tf.Variable[],
    name: string,
    initializer: InitializerIdentifier = "zeros",
  ): tf.Variable[] {
    return variables.map((variable) =>
      this.addVariableFromReference(variable, { name, initializer })
    );
  }

  #makeVariable(
    shape: readonly number[],
    dtype: tf.DataType,
    initializer: InitializerIdentifier,
  ): tf.Variable {
    const values = getInitializer(initializer, `${this.name}: initializer`);
    return tf.tidy(() => tf.variable(values(shape, dtype), false));
  }

  /** The index of a variable among those the optimizer was built for. */
  protected getVariableIndex(variable: tf.Variable): number {
    return this.#trained!.indexOf(variable);
  }

  /** Gives a variable its next value. */
  protected assign(variable: tf.Variable, value: tf.Tensor): void {
    variable.assign(this.#isUpdate ? tf.where(this.#isUpdate, value, variable) : value);
  }

  /** Adds to a variable. */
  protected assignAdd(variable: tf.Variable, value: tf.Tensor): void {
    this.assign(variable, tf.add(variable, value));
  }

  /** Subtracts from a variable. */
  protected assignSub(variable: tf.Variable, value: tf.Tensor): void {
    this.assign(variable, tf.sub(variable, value));
  }

  /** The loss to take gradients of: multiplied with `lossScaleFactor`. */
  scaleLoss(loss: tf.Tensor): tf.Tensor {
    return this.lossScaleFactor === null ? loss : tf.mul(loss, this.lossScaleFactor);
  }

  /**
   * One step.
   *
   * @param gradients of the variables, in order; null where a variable has none: it stays as it is
   * @throws {Error} if the optimizer was built for other variables, or no variable has a gradient
   */
  apply(
    gradients: readonly (tf.Tensor | null)[],
    variables: readonly tf.Variable[] = this.trained,
  ): void {
    if (gradients.length !== variables.length) {
      throw new Error(
        `${this.name}: ${gradients.length} gradients for ${variables.length} variables, ` +
          `expected one each (null where there is none)`,
      );
    }
    this.build(variables);
    variables.forEach((variable) => this.#checkIsTrained(variable));
    const trained = variables.filter((_, i) => gradients[i] !== null);
    if (trained.length === 0) {
      throw new Error(`${this.name}: no variable has a gradient, expected one at least`);
    }
    tf.tidy(() => {
      const scale = this.lossScaleFactor;
      const found = gradients.filter((gradient) => gradient !== null)
        .map((gradient) => scale === null ? gradient : tf.div(gradient, scale));
      this.applyFound(found, trained);
      trained.forEach(constrain);
      this.#steps.assign(tf.add(this.#steps, tf.scalar(1, "int32")) as tf.Scalar);
    });
  }

  /** One step, from pairs: `[[gradient, variable], ...]`, as Keras' `apply_gradients(zip(...))`. */
  applyGradients(pairs: Iterable<readonly [tf.Tensor | null, tf.Variable]>): void {
    const list = [...pairs];
    this.apply(list.map(([gradient]) => gradient), list.map(([, variable]) => variable));
  }

  /** Changes variables by their gradients, which are no longer scaled. */
  protected applyFound(
    gradients: readonly tf.Tensor[],
    variables: readonly tf.Variable[],
  ): void {
    const steps = this.gradientAccumulationSteps;
    if (steps === null) this.#update(gradients, variables);
    else this.#accumulate(gradients, variables, steps);
    this.#averages?.update(this.iterations);
  }

  /** Adds gradients up; every so many steps their mean makes an update, which all others compute in vain. */
  #accumulate(
    gradients: readonly tf.Tensor[],
    variables: readonly tf.Variable[],
    steps: number,
  ): void {
    const isUpdate = isEvery(this.#steps, steps);
    const sums = variables.map((variable, i) =>
      tf.add(this.#accumulated[this.getVariableIndex(variable)], gradients[i])
    );
    this.#isUpdate = isUpdate;
    try {
      this.#update(sums.map((sum) => tf.div(sum, steps)), variables);
    } finally {
      this.#isUpdate = undefined;
    }
    variables.forEach((variable, i) => {
      const rest = tf.where(isUpdate, tf.zerosLike(sums[i]), sums[i]);
      this.#accumulated[this.getVariableIndex(variable)].assign(rest);
    });
  }

  #update(gradients: readonly tf.Tensor[], variables: readonly tf.Variable[]): void {
    const clipped = clipGradients(gradients, this);
    const learningRate = this.learningRate;
    this.applyWeightDecay(variables, learningRate);
    this.updateAll(clipped, variables, learningRate);
  }

  /** Changes all variables by their gradients. */
  protected updateAll(
    gradients: readonly tf.Tensor[],
    variables: readonly tf.Variable[],
    learningRate: tf.Tensor,
  ): void {
    variables.forEach((variable, i) => this.updateStep(gradients[i], variable, learningRate));
  }

  /** Takes a share off every variable. */
  protected applyWeightDecay(variables: readonly tf.Variable[], learningRate: tf.Tensor): void {
    for (const variable of variables) {
      const decay = this.weightDecayOf(variable);
      if (decay === null || this.#isExcluded(variable)) continue;
      this.assignSub(variable, tf.mul(tf.mul(variable, decay), learningRate));
    }
  }

  /** The weight decay of a variable; null for none. */
  protected weightDecayOf(_variable: tf.Variable): number | null {
    return this.weightDecay;
  }

  /**
   * Leaves variables out of weight decay.
   *
   * @throws {Error} if the optimizer was built
   */
  excludeFromWeightDecay(exclusion: WeightDecayExclusion): void {
    if (this.built) {
      throw new Error(
        `${this.name}: excludeFromWeightDecay was called after build, expected a call before`,
      );
    }
    const { varList, varNames } = readOptions("excludeFromWeightDecay", exclusion, {
      varList: [],
      varNames: [],
    });
    const patterns = varNames.map((name) => new RegExp(name));
    this.#isExcluded = (variable) =>
      varList.includes(variable) || patterns.some((pattern) => pattern.test(variable.name));
  }

  /** Each variable with its moving average, where `useEma` keeps such. */
  get weightAverages(): (readonly [weight: tf.Variable, average: tf.Variable])[] | undefined {
    return this.#averages?.pairs;
  }

  /** What training ends with: the variables get their moving averages, where `useEma` keeps such. */
  finalizeVariableValues(): void {
    this.#averages?.overwrite();
  }

  /** Frees the state's memory. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  #checkIsTrained(variable: tf.Variable): void {
    if (this.getVariableIndex(variable) >= 0) return;
    throw new Error(
      `${this.name}: variable "${variable.name}" ${show(variable.shape)} is not among those ` +
        `the optimizer was built for; make a new optimizer for another model`,
    );
  }

  /** @throws {RangeError} for a setting that is not a number in a range */
  protected checkNumber(name: string, value: unknown, range: NumberRange): number {
    return checkNumber(this.constructor.name, name, value, range);
  }
}
