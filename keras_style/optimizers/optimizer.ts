/**
 * The base class of optimizers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { autoName } from "../naming.ts";

/** Options all optimizers take. */
export interface OptimizerOptions {
  /** How far a step goes; 0 or more. */
  readonly learningRate?: number;
  readonly name?: string;
}

/**
 * Base class of optimizers. All state lies in variables, so that a traced training step updates it.
 * Follows https://keras.io/api/optimizers/
 */
export abstract class Optimizer {
  readonly name: string;
  /** Steps done so far. */
  readonly iterations: tf.Variable;
  readonly #learningRate: tf.Variable;
  #slots: tf.Variable[][] | undefined;
  #trained: readonly tf.Variable[] = [];

  constructor(learningRate: number, options: OptimizerOptions) {
    this.name = options.name ?? autoName(this.constructor.name);
    this.checkNumber("learningRate", learningRate, 0);
    this.iterations = tf.tidy(() => tf.variable(tf.scalar(0, "int32"), false));
    this.#learningRate = tf.tidy(() => tf.variable(tf.scalar(learningRate), false));
  }

  /** How far a step goes. Setting it needs no new trace. */
  get learningRate(): tf.Variable {
    return this.#learningRate;
  }

  set learningRate(value: number) {
    this.checkNumber("learningRate", value, 0);
    tf.tidy(() => this.#learningRate.assign(tf.scalar(value)));
  }

  /** Names of the numbers kept for every variable that is trained, such as "velocity". */
  protected abstract readonly slotNames: readonly string[];

  /** Changes one variable, and its slots, by its gradient. */
  protected abstract updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    slots: readonly tf.Variable[],
  ): void;

  /** Whether {@linkcode Optimizer.build} was called. */
  get built(): boolean {
    return this.#slots !== undefined;
  }

  /** What is kept for each variable that is trained, slot by slot; empty before {@linkcode Optimizer.build}. */
  get slots(): { variable: tf.Variable; name: string; slot: tf.Variable }[] {
    return (this.#slots ?? []).flatMap((slots, i) =>
      slots.map((slot, j) => ({ variable: this.#trained[i], name: this.slotNames[j], slot }))
    );
  }

  /** The settings to make another such optimizer from; the learning rate is a part of the state. */
  getConfig(): Record<string, unknown> {
    return { name: this.name };
  }

  /** Everything the optimizer keeps. */
  get variables(): tf.Variable[] {
    return [this.iterations, this.#learningRate, ...(this.#slots ?? []).flat()];
  }

  /** Makes the slots, all zeros, once. To be called before a step is traced. */
  build(variables: readonly tf.Variable[]): void {
    if (this.#slots) return;
    this.#trained = [...variables];
    this.#slots = variables.map(({ shape, dtype }) =>
      this.slotNames.map(() => tf.tidy(() => tf.variable(tf.zeros(shape, dtype), false)))
    );
  }

  /**
   * One step.
   *
   * @param gradients of the variables, in order; null where a variable has none: it stays as it is
   * @throws {Error} if the optimizer was built for other variables
   */
  apply(
    gradients: readonly (tf.Tensor | null)[],
    variables: readonly tf.Variable[] = this.#trained,
  ): void {
    if (gradients.length !== variables.length) {
      throw new Error(
        `${this.name}: ${gradients.length} gradients for ${variables.length} variables, ` +
          `expected one each (null where there is none)`,
      );
    }
    this.build(variables);
    tf.tidy(() => {
      variables.forEach((variable, i) => {
        const gradient = gradients[i];
        if (gradient) this.updateStep(gradient, variable, this.#slotsOf(variable));
      });
      this.iterations.assign(tf.add(this.iterations, tf.scalar(1, "int32")) as tf.Scalar);
    });
  }

  /** One step, from pairs: `[[gradient, variable], ...]`, as Keras' `apply_gradients(zip(...))`. */
  applyGradients(pairs: Iterable<readonly [tf.Tensor | null, tf.Variable]>): void {
    const list = [...pairs];
    this.apply(list.map(([gradient]) => gradient), list.map(([, variable]) => variable));
  }

  /** Frees the state's memory. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  #slotsOf(variable: tf.Variable): readonly tf.Variable[] {
    const place = this.#trained.indexOf(variable);
    if (place >= 0) return this.#slots![place];
    throw new Error(
      `${this.name}: variable "${variable.name}" ${
        JSON.stringify(variable.shape)
      } is not among those ` +
        `the optimizer was built for; make a new optimizer for another model`,
    );
  }

  /** Throws for a setting that is not a number in a range. */
  protected checkNumber(name: string, value: number, from: number, below = Infinity): void {
    if (value >= from && value < below) return;
    const expected = below === Infinity ? `of at least ${from}` : `from ${from} to below ${below}`;
    throw new RangeError(
      `${this.constructor.name}: ${name} is ${value}, expected a number ${expected}`,
    );
  }
}
