/**
 * Muon as Keras has it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import { approach, powersOf } from "./moments.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./optimizer_options.ts";

/** Options of {@linkcode Muon}. */
export interface MuonOptions extends OptimizerOptions {
  /** How much of the old mean is kept, of weights that AdamW changes; 0.9 unless given. */
  readonly adamBeta1?: number;
  /** How much of the old mean of squares is kept; 0.999 unless given. */
  readonly adamBeta2?: number;
  /** Weight decay of the weights that AdamW changes; 0.004 unless given. */
  readonly adamWeightDecay?: number | null;
  /** Their learning rate, in shares of the other one; 1 unless given. */
  readonly adamLrRatio?: number;
  readonly epsilon?: number;
  /** Parts of names of weights that AdamW changes, as regular expressions. */
  readonly excludeLayers?: readonly string[];
  /** Whether AdamW changes embeddings; true unless given. */
  readonly excludeEmbeddings?: boolean;
  /** Coefficients of the iteration; 3.4445, -4.775 and 2.0315 unless given. */
  readonly muonA?: number;
  readonly muonB?: number;
  readonly muonC?: number;
  /** 0.95 unless given. */
  readonly momentum?: number;
  /** How many steps the iteration has; 5 unless given. */
  readonly nsSteps?: number;
  readonly nesterov?: boolean;
  /** The root mean square of a step, in learning rates; 0.2 unless given; null leaves steps as they are. */
  readonly rmsRate?: number | null;
}

const DEFAULTS = {
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamWeightDecay: 0.004,
  adamLrRatio: 1,
  epsilon: 1e-7,
  excludeLayers: [] as readonly string[],
  excludeEmbeddings: true,
  muonA: 3.4445,
  muonB: -4.775,
  muonC: 2.0315,
  momentum: 0.95,
  nsSteps: 5,
  nesterov: true,
  rmsRate: 0.2,
};

/**
 * Steps of matrices with all singular values near 1 (Jordan, 2024), found by Newton and Schulz' iteration; AdamW for all weights
 * that are no matrices. Source: keras/src/optimizers/muon.py of Keras 3.
 *
 * @throws {RangeError} for a setting out of range
 */
export class Muon extends Optimizer {
  readonly #settings: Readonly<Required<Omit<MuonOptions, keyof OptimizerOptions>>>;
  #momentums: tf.Variable[] = [];
  #velocities: (tf.Variable | undefined)[] = [];

  constructor(options: MuonOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, DEFAULTS);
    super(rest, { weightDecay: 0.004 });
    for (const name of ["adamBeta1", "adamBeta2", "momentum"] as const) {
      this.checkNumber(name, own[name], { from: 0, below: 1 });
    }
    this.checkNumber("epsilon", own.epsilon, { from: 0 });
    this.checkNumber("nsSteps", own.nsSteps, { from: 1, integer: true });
    this.#settings = own;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#settings };
  }

  #isForAdam({ shape, name }: tf.Variable): boolean {
    const { excludeEmbeddings, excludeLayers } = this.#settings;
    return shape.length !== 2 || (excludeEmbeddings && name.toLowerCase().includes("embedding")) ||
      excludeLayers.some((pattern) => new RegExp(pattern).test(name));
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    super.build(variables);
    this.#momentums = this.addOptimizerVariables(variables, "momentum");
    this.#velocities = variables.map((variable) =>
      this.#isForAdam(variable)
        ? this.addVariableFromReference(variable, { name: "velocity" })
        : undefined
    );
  }

  protected override weightDecayOf(variable: tf.Variable): number | null {
    return this.#isForAdam(variable) ? this.#settings.adamWeightDecay : this.weightDecay;
  }

  protected override updateStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
  ): void {
    const index = this.getVariableIndex(variable);
    const [momentum, velocity] = [this.#momentums[index], this.#velocities[index]];
    if (velocity) this.#adamStep(gradient, variable, learningRate, momentum, velocity);
    else this.#muonStep(gradient, variable, learningRate, momentum);
  }

  #muonStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
    momentum: tf.Variable,
  ): void {
    const { momentum: kept, nesterov, rmsRate } = this.#settings;
    const mean = tf.add(momentum, tf.add(gradient, tf.mul(momentum, kept - 1)));
    this.assign(momentum, mean);
    const direction = nesterov ? tf.add(gradient, tf.mul(mean, kept)) : mean;
    const step = tf.mul(learningRate, this.#orthogonal(direction as tf.Tensor2D));
    const scale = rmsRate === null ? 1 : Math.sqrt(Math.max(...variable.shape)) * rmsRate;
    this.assignSub(variable, tf.mul(step, scale));
  }

  /** The matrix with its singular values brought near 1. */
  #orthogonal(matrix: tf.Tensor2D): tf.Tensor {
    const { muonA, muonB, muonC, nsSteps } = this.#settings;
    const isTall = matrix.shape[0] > matrix.shape[1];
    const wide = isTall ? tf.transpose(matrix) : matrix;
    const norm = tf.sqrt(tf.sum(tf.square(wide)));
    let x = tf.div(wide, tf.add(norm, 1e-7)) as tf.Tensor2D;
    for (let i = 0; i < nsSteps; i++) {
      const square = tf.matMul(x, x, false, true);
      const mixed = tf.add(tf.mul(square, muonB), tf.matMul(tf.mul(square, muonC), square));
      x = tf.add(tf.mul(x, muonA), tf.matMul(mixed as tf.Tensor2D, x));
    }
    return isTall ? tf.transpose(x) : x;
  }

  #adamStep(
    gradient: tf.Tensor,
    variable: tf.Variable,
    learningRate: tf.Tensor,
    momentum: tf.Variable,
    velocity: tf.Variable,
  ): void {
    const { adamBeta1, adamBeta2, adamLrRatio, epsilon } = this.#settings;
    const [power1, power2] = powersOf(this.iterations, adamBeta1, adamBeta2);
    const rate = tf.mul(learningRate, adamLrRatio);
    const alpha = tf.div(tf.mul(rate, tf.sqrt(tf.sub(1, power2))), tf.sub(1, power1));
    this.assign(momentum, approach(momentum, gradient, 1 - adamBeta1));
    this.assign(velocity, approach(velocity, tf.square(gradient), 1 - adamBeta2));
    const divisor = tf.add(tf.sqrt(velocity), epsilon);
    this.assignSub(variable, tf.div(tf.mul(momentum, alpha), divisor));
  }
}
