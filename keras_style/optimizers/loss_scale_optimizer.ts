/**
 * Scales the loss, so that gradients of float16 neither vanish nor overflow.
 * Source: keras/src/optimizers/loss_scale_optimizer.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, readOptions, show } from "../options.ts";
import { deserialize, serialize } from "./get.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerSlot } from "./optimizer_options.ts";

/** Options of {@linkcode LossScaleOptimizer}. */
export interface LossScaleOptimizerOptions {
  /** What makes the steps. */
  readonly innerOptimizer: Optimizer | Parameters<typeof deserialize>[0];
  /** The first factor; 32768 unless given. */
  readonly initialScale?: number;
  /** After how many steps without overflow the factor is doubled; 2000 unless given. */
  readonly dynamicGrowthSteps?: number;
  readonly name?: string;
}

/**
 * Multiplies the loss by a factor and divides the gradients by it before another optimizer's step, which is left out where a
 * gradient is infinite or no number: the factor is halved then. It is doubled after many steps without that. `compile` puts it
 * around the optimizer of a model with the policy "mixed_float16".
 * Follows https://keras.io/api/optimizers/loss_scale_optimizer/
 *
 * @throws {TypeError} for an inner optimizer that is none, {@link RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const adam = new keras.optimizers.Adam({ learningRate: 0.01 });
 * const optimizer = new keras.optimizers.LossScaleOptimizer(adam, { initialScale: 1024 });
 * console.log(optimizer.getConfig().initialScale); // 1024
 * ```
 */
export class LossScaleOptimizer extends Optimizer {
  readonly innerOptimizer: Optimizer;
  readonly initialScale: number;
  readonly dynamicGrowthSteps: number;
  #stepCounter: tf.Variable | undefined;
  #dynamicScale: tf.Variable | undefined;

  constructor(options: LossScaleOptimizerOptions) {
    const owner = "LossScaleOptimizer";
    const { innerOptimizer, name, ...own } = readOptions(owner, options, {
      innerOptimizer: undefined,
      initialScale: 2 ** 15,
      dynamicGrowthSteps: 2000,
      name: undefined,
    }) as LossScaleOptimizerOptions;
    super({ name, learningRate: 0 });
    const inner = innerOptimizer instanceof Optimizer || innerOptimizer === undefined
      ? innerOptimizer
      : deserialize(innerOptimizer);
    if (!(inner instanceof Optimizer) || inner instanceof LossScaleOptimizer) {
      throw new TypeError(
        `${owner}: innerOptimizer is ${show(innerOptimizer)}, expected another optimizer`,
      );
    }
    this.innerOptimizer = inner;
    // Gradients are not to be divided twice.
    inner.lossScaleFactor = null;
    this.initialScale = checkNumber(owner, "initialScale", own.initialScale, { above: 0 });
    this.dynamicGrowthSteps = checkNumber(owner, "dynamicGrowthSteps", own.dynamicGrowthSteps, {
      from: 1,
      integer: true,
    });
  }

  /** What the loss is multiplied with: a scalar. */
  get dynamicScale(): tf.Tensor {
    return this.#dynamicScale ?? tf.scalar(this.initialScale);
  }

  override get learningRate(): tf.Tensor {
    return this.innerOptimizer.learningRate;
  }

  override set learningRate(value: number) {
    this.innerOptimizer.learningRate = value;
  }

  override get iterations(): tf.Tensor {
    return this.innerOptimizer.iterations;
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    this.#stepCounter = this.addVariable({ dtype: "int32", name: "step_counter" });
    this.#dynamicScale = this.addVariable({ name: "dynamic_scale" });
    tf.tidy(() => this.#dynamicScale!.assign(tf.scalar(this.initialScale)));
    this.innerOptimizer.build(variables);
    super.build(variables);
  }

  override scaleLoss(loss: tf.Tensor): tf.Tensor {
    return tf.mul(loss, this.dynamicScale);
  }

  // All of a step is computed and, where a gradient overflowed, taken back: what decides is known in the graph alone.
  override apply(
    gradients: readonly (tf.Tensor | null)[],
    variables: readonly tf.Variable[] = this.trained,
  ): void {
    if (variables.length > 0) this.build(variables);
    tf.tidy(() => {
      const found = gradients.filter((gradient) => gradient !== null);
      const finite = found.map((gradient) => tf.all(tf.isFinite(gradient)))
        .reduce((a, b) => tf.logicalAnd(a, b), tf.scalar(true, "bool") as tf.Tensor);
      const scale = tf.clone(this.dynamicScale);
      const touched = [...variables, ...this.innerOptimizer.variables];
      const before = touched.map((variable) => tf.clone(variable) as tf.Tensor);
      const unscaled = gradients.map((gradient) => gradient && tf.div(gradient, scale));
      this.innerOptimizer.apply(unscaled, variables);
      touched.forEach((variable, i) => variable.assign(tf.where(finite, variable, before[i])));
      this.#adapt(finite, scale);
    });
  }

  #adapt(finite: tf.Tensor, scale: tf.Tensor): void {
    const steps = this.#stepCounter!;
    const whole = (value: number) => tf.scalar(value, "int32");
    const grows = tf.equal(steps, whole(this.dynamicGrowthSteps - 1));
    const goesOn = tf.logicalAnd(finite, tf.logicalNot(grows));
    const next = tf.where(finite, tf.where(grows, tf.mul(scale, 2), scale), tf.mul(scale, 0.5));
    steps.assign(tf.where(goesOn, tf.add(steps, whole(1)), whole(0)));
    this.#dynamicScale!.assign(next);
  }

  protected override updateStep(): void {}

  /** Those of its own, and those of the inner optimizer behind them. */
  override get ownVariables(): { name: string; variable: tf.Variable }[] {
    const inner = this.innerOptimizer.ownVariables.map(({ name, variable }) => ({
      name: `inner_optimizer/${name}`,
      variable,
    }));
    return [...super.ownVariables, ...inner];
  }

  override get slots(): readonly OptimizerSlot[] {
    return this.innerOptimizer.slots;
  }

  override get weightAverages():
    | (readonly [weight: tf.Variable, average: tf.Variable])[]
    | undefined {
    return this.innerOptimizer.weightAverages;
  }

  override finalizeVariableValues(): void {
    this.innerOptimizer.finalizeVariableValues();
  }

  /** @throws {TypeError} it is to be called on the inner optimizer */
  override excludeFromWeightDecay(): void {
    throw new TypeError(`${this.name}: excludeFromWeightDecay is to be called on innerOptimizer`);
  }

  override getConfig(): Record<string, unknown> {
    const { name, initialScale, dynamicGrowthSteps } = this;
    const innerOptimizer = serialize(this.innerOptimizer);
    return { name, innerOptimizer, initialScale, dynamicGrowthSteps };
  }
}
