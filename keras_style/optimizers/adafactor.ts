/**
 * Adafactor as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { stepNumber } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";
import { LearningRateSchedule } from "./schedules/mod.ts";

/** Options of {@linkcode Adafactor}. */
export interface AdafactorOptions extends OptimizerOptions {
  /** The power of the step's number that is forgotten at a step; -0.8 unless given. */
  readonly beta2Decay?: number;
  /** Added to squared gradients; 1e-30 unless given. */
  readonly epsilon1?: number;
  /** Least root mean square of a weight that steps are measured by; 1e-3 unless given. */
  readonly epsilon2?: number;
  /** Greatest root mean square of a step; 1 unless given. */
  readonly clipThreshold?: number;
  /** Whether the learning rate is at most 1 / sqrt(step); true unless given. */
  readonly relativeStep?: boolean;
}

/** What is kept for a variable: means of squares by rows and columns (none for vectors), and of all elements. */
interface Means {
  readonly rows: tf.Variable | undefined;
  readonly columns: tf.Variable | undefined;
  readonly all: tf.Variable;
}

/**
 * Adam with little memory: squares are kept by rows and columns (Shazeer and Stern, 2018).
 * Source: keras/src/optimizers/adafactor.py of Keras 3.
 */
export class Adafactor extends Optimizer {
  readonly beta2Decay: number;
  readonly epsilon1: number;
  readonly epsilon2: number;
  readonly clipThreshold: number;
  readonly relativeStep: boolean;
  readonly #hasSchedule: boolean;
  #means: Means[] = [];

  constructor(options: AdafactorOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      beta2Decay: -0.8,
      epsilon1: 1e-30,
      epsilon2: 1e-3,
      clipThreshold: 1,
      relativeStep: true,
    });
    super(rest);
    this.beta2Decay = this.checkNumber("beta2Decay", own.beta2Decay, {});
    this.epsilon1 = this.checkNumber("epsilon1", own.epsilon1, { from: 0 });
    this.epsilon2 = this.checkNumber("epsilon2", own.epsilon2, { from: 0 });
    this.clipThreshold = this.checkNumber("clipThreshold", own.clipThreshold, {
      above: 0,
    });
    this.relativeStep = own.relativeStep;
    this.#hasSchedule = rest.learningRate instanceof LearningRateSchedule;
  }

  override getConfig(): Record<string, unknown> {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep } = this;
    return {
      ...super.getConfig(),
      beta2Decay,
      epsilon1,
      epsilon2,
      clipThreshold,
      relativeStep,
    };
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#means = variables.map((variable) => {
      const { shape } = variable;
      const make = (name: string, of: number[]) =>
        this.addVariableFromReference(variable, { name, shape: of });
      const isFactored = shape.length >= 2;
      return {
        rows: isFactored ? make("row_means", shape.slice(0, -1)) : undefined,
        columns: isFactored
          ? make("column_means", [...shape.slice(0, -2), shape.at(-1)!])
          : undefined,
        all: make("velocity", shape),
      };
    });
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const step = stepNumber(this.iterations);
    const bound = tf.div(1, tf.sqrt(step));
    const isRelative = this.relativeStep && !this.#hasSchedule;
    const rate = tf.minimum(isRelative ? tf.minimum(learningRate, bound) : learningRate, bound);
    const alpha = tf.mul(tf.maximum(this.epsilon2, rootMeanSquare(variable)), rate);
    const kept = tf.sub(1, tf.pow(step, this.beta2Decay));
    const squares = tf.add(tf.square(gradient), this.epsilon1);
    const means = this.#means[this.getVariableIndex(variable)];
    const velocity = this.#updateMeans(means, squares, kept);
    const change = tf.div(gradient, tf.sqrt(velocity));
    const excess = tf.maximum(1, tf.div(rootMeanSquare(change), this.clipThreshold));
    this.assignSub(variable, tf.mul(alpha, tf.div(change, excess)));
  }

  #updateMeans({ rows, columns, all }: Means, squares: tf.Tensor, kept: tf.Tensor): tf.Tensor {
    const mixed = (old: tf.Tensor, fresh: tf.Tensor) =>
      tf.add(tf.mul(kept, old), tf.mul(tf.sub(1, kept), fresh));
    if (!rows || !columns) {
      this.assign(all, mixed(all, squares));
      return all;
    }
    this.assign(rows, mixed(rows, tf.mean(squares, -1)));
    this.assign(columns, mixed(columns, tf.mean(squares, squares.rank - 2)));
    const shares = tf.expandDims(tf.div(rows, tf.mean(rows, -1, true)), -1);
    this.assign(all, tf.mul(shares, tf.expandDims(columns, columns.rank - 1)));
    return all;
  }
}

function rootMeanSquare(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.mean(tf.square(x)));
}
