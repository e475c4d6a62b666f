/**
 * Initializers whose scale follows from a weight's shape.
 * Source: keras/src/initializers/random_initializers.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, readOptions, takeOptions } from "../options.ts";
import type { WeightShape } from "./initializer.ts";
import { RandomInitializer, type SeedOptions, truncatedNormal } from "./random.ts";

/** What the variance is divided by: how many inputs an output has, how many outputs an input has, or their mean. */
export type FanMode = "fanIn" | "fanOut" | "fanAvg";

/** Which distribution is drawn from. */
export type ScalingDistribution = "truncatedNormal" | "untruncatedNormal" | "uniform";

const MODES: readonly FanMode[] = ["fanIn", "fanOut", "fanAvg"];
const DISTRIBUTIONS: readonly ScalingDistribution[] = [
  "truncatedNormal",
  "untruncatedNormal",
  "uniform",
];

/** Options of the initializers with a fixed scale, such as {@linkcode GlorotUniform}. */
export interface FanOptions extends SeedOptions {
  /** Axes whose sizes make up the number of inputs; with `outputAxes`, for weights of another layout. */
  readonly inputAxes?: readonly number[] | null;
  /** Axes whose sizes make up the number of outputs. */
  readonly outputAxes?: readonly number[] | null;
}

/** Options of {@linkcode VarianceScaling}. */
export interface VarianceScalingOptions extends FanOptions {
  /** Variance times the number of inputs (outputs); above 0; 1 unless given. */
  readonly scale?: number;
  /** "fanIn" unless given. */
  readonly mode?: FanMode;
  /** "truncatedNormal" unless given. */
  readonly distribution?: ScalingDistribution;
}

/** Standard deviation of a standard normal distribution that is cut at -2 and 2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/**
 * Values of variance `scale / n`, n the number of inputs, of outputs, or the mean of both.
 *
 * @throws {RangeError} for a setting out of range
 */
export class VarianceScaling extends RandomInitializer {
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: ScalingDistribution;
  readonly inputAxes: readonly number[] | null;
  readonly outputAxes: readonly number[] | null;

  constructor(options: VarianceScalingOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      scale: 1,
      mode: "fanIn",
      distribution: "truncatedNormal",
      inputAxes: null,
      outputAxes: null,
    });
    super(rest);
    this.scale = checkNumber(owner, "scale", own.scale, { above: 0 });
    this.mode = checkChoice(owner, "mode", own.mode, MODES);
    this.distribution = checkChoice(owner, "distribution", own.distribution, DISTRIBUTIONS);
    this.inputAxes = own.inputAxes;
    this.outputAxes = own.outputAxes;
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    return tf.cast(this.#draw(shape), dtype);
  }

  #draw(shape: WeightShape): tf.Tensor {
    const [inputs, outputs] = this.#fans(shape);
    const fan = { fanIn: inputs, fanOut: outputs, fanAvg: (inputs + outputs) / 2 }[this.mode];
    const variance = this.scale / Math.max(1, fan);
    const seed = this.nextSeed();
    if (this.distribution === "uniform") {
      const limit = Math.sqrt(3 * variance);
      return tf.randomUniform([...shape], -limit, limit, "float32", seed);
    }
    if (this.distribution === "untruncatedNormal") {
      return tf.randomNormal([...shape], 0, Math.sqrt(variance), "float32", seed);
    }
    return truncatedNormal(shape, 0, Math.sqrt(variance) / TRUNCATED_DEVIATION, seed);
  }

  #fans(shape: WeightShape): [inputs: number, outputs: number] {
    const { inputAxes, outputAxes } = this;
    if (inputAxes !== null && outputAxes !== null) {
      return [productOf(inputAxes, shape), productOf(outputAxes, shape)];
    }
    return computeFans(shape);
  }

  override getConfig(): Record<string, unknown> {
    const { scale, mode, distribution } = this;
    return { scale, mode, distribution, ...this.fanConfig() };
  }

  /** The settings of the initializers with a fixed scale. */
  protected fanConfig(): Record<string, unknown> {
    const { inputAxes, outputAxes } = this;
    return { inputAxes, outputAxes, ...super.getConfig() };
  }
}

function productOf(axes: readonly number[], shape: WeightShape): number {
  return axes.reduce((product, axis) => product * shape.at(axis)!, 1);
}

/** How many inputs an output of a weight has, and the other way round. */
function computeFans(shape: WeightShape): [inputs: number, outputs: number] {
  if (shape.length === 0) return [1, 1];
  if (shape.length === 1) return [shape[0], shape[0]];
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return [shape.at(-2)! * field, shape.at(-1)! * field];
}

/** A class with its scale, mode and distribution fixed. */
abstract class FixedScaling extends VarianceScaling {
  constructor(
    options: FanOptions,
    scale: number,
    mode: FanMode,
    distribution: ScalingDistribution,
  ) {
    const own = readOptions(new.target.name, options, {
      seed: null,
      inputAxes: null,
      outputAxes: null,
    });
    super({ ...own, scale, mode, distribution });
  }

  override getConfig(): Record<string, unknown> {
    return this.fanConfig();
  }
}

/** Uniform within ±sqrt(6 / (inputs + outputs)): the default of most layers (Glorot and Bengio, 2010). */
export class GlorotUniform extends FixedScaling {
  constructor(options: FanOptions = {}) {
    super(options, 1, "fanAvg", "uniform");
  }
}

/** Truncated normal of variance 2 / (inputs + outputs). */
export class GlorotNormal extends FixedScaling {
  constructor(options: FanOptions = {}) {
    super(options, 1, "fanAvg", "truncatedNormal");
  }
}

/** Uniform within ±sqrt(6 / inputs), for relu (He et al., 2015). */
export class HeUniform extends FixedScaling {
  constructor(options: FanOptions = {}) {
    super(options, 2, "fanIn", "uniform");
  }
}

/** Truncated normal of variance 2 / inputs, for relu (He et al., 2015). */
export class HeNormal extends FixedScaling {
  constructor(options: FanOptions = {}) {
    super(options, 2, "fanIn", "truncatedNormal");
  }
}

/** Uniform within ±sqrt(3 / inputs), for selu (Klambauer et al., 2017). */
export class LecunUniform extends FixedScaling {
  constructor(options: FanOptions = {}) {
    super(options, 1, "fanIn", "uniform");
  }
}

/** Truncated normal of variance 1 / inputs, for selu (Klambauer et al., 2017). */
export class LecunNormal extends FixedScaling {
  constructor(options: FanOptions = {}) {
    super(options, 1, "fanIn", "truncatedNormal");
  }
}
