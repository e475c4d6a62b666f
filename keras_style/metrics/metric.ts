/**
 * The base class of metrics.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { get as getInitializer, type InitializerIdentifier } from "../initializers/mod.ts";
import { autoName, freeVariableName } from "../naming.ts";
import { checkChoice, readOptions } from "../options.ts";

/** Whether large numbers are better ("up") or small ones ("down"). */
export type Direction = "up" | "down";

/** Options all metrics take. */
export interface MetricOptions {
  readonly name?: string;
  /** For callbacks that watch the metric; the metrics of Keras know it. */
  readonly direction?: Direction;
}

/** What a metric takes in: tensors, or nested arrays of values. */
export type MetricInput = tf.Tensor | tf.TensorLike;

/** How {@linkcode Metric.addVariable} makes a variable. */
export interface MetricVariableOptions {
  /** A scalar unless given. */
  readonly shape?: readonly number[];
  readonly dtype?: tf.DataType;
  /** "zeros" unless given. */
  readonly initializer?: InitializerIdentifier;
  /** Becomes a part of the variable's name, behind the metric's. */
  readonly name?: string;
}

export interface Metric {
  /** Takes values in and gives the result so far. */
  (...inputs: (MetricInput | undefined)[]): tf.Tensor;
}

/**
 * A number that is gathered over batches. Its state lies in variables, so that a traced training step counts along.
 * A class of one's own makes its variables with {@linkcode Metric.addVariable} and overrides `updateState` and `result`.
 * Follows https://keras.io/api/metrics/base_metric/
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { keras } from "@tandem/tandem";
 * class Largest extends keras.metrics.Metric {
 *   readonly largest = this.addVariable();
 *   override updateState(values: tf.Tensor) {
 *     this.largest.assign(tf.maximum(this.largest, tf.max(values)));
 *   }
 *   override result() {
 *     return tf.clone(this.largest);
 *   }
 * }
 * console.log(await new Largest()(keras.constant([1, 5, 2])).data()); // 5
 * ```
 */
export abstract class Metric extends Callable {
  readonly name: string;
  /** Whether large numbers are better or small ones, for callbacks that watch it; undefined where nobody knows. */
  readonly direction: Direction | undefined;
  readonly #variables: tf.Variable[] = [];

  /** @param kind what the class has where the options say nothing */
  constructor(options: MetricOptions = {}, kind: MetricOptions = {}) {
    super();
    const owner = new.target.name;
    const { name, direction } = readOptions(owner, options, {
      name: kind.name,
      direction: kind.direction,
    });
    this.name = name ?? autoName(owner);
    this.direction = direction === undefined
      ? undefined
      : checkChoice(owner, "direction", direction, ["up", "down"]);
  }

  /** The state. */
  get variables(): readonly tf.Variable[] {
    return this.#variables;
  }

  /** A variable that is part of the state. */
  protected addVariable(options: MetricVariableOptions = {}): tf.Variable {
    const { shape, dtype, initializer, name } = readOptions(`${this.name}.addVariable`, options, {
      shape: [] as readonly number[],
      dtype: "float32" as tf.DataType,
      initializer: "zeros" as InitializerIdentifier,
      name: "variable",
    }) as Required<MetricVariableOptions>;
    const values = getInitializer(initializer);
    const variable = tf.tidy(() =>
      tf.variable(values(shape, dtype), false, freeVariableName(`${this.name}/${name}`))
    );
    this.#variables.push(variable);
    return variable;
  }

  /** Takes a batch in. */
  abstract updateState(...inputs: unknown[]): void;

  /** The number, over everything taken in so far; a scalar for most metrics. */
  abstract result(): tf.Tensor;

  /** Forgets everything taken in. */
  resetState(): void {
    for (const variable of this.variables) {
      tf.tidy(() => variable.assign(tf.zeros(variable.shape, variable.dtype)));
    }
  }

  /** The settings to make another such metric from. */
  getConfig(): Record<string, unknown> {
    return { name: this.name };
  }

  /** Frees the state's memory. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  protected override invoke(...inputs: (MetricInput | undefined)[]): tf.Tensor {
    this.updateState(...inputs);
    return this.result();
  }
}
