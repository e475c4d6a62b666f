/**
 * Means of precision and recall. Source: keras/src/metrics/f_score_metrics.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { floats } from "../losses/same_rank.ts";
import { checkChoice, checkNumber, readOptions, takeOptions } from "../options.ts";
import { Metric, type MetricInput, type MetricOptions } from "./metric.ts";

/** How the scores of several classes become one. */
export type FScoreAverage = "micro" | "macro" | "weighted";

/** Options of {@linkcode F1Score}. */
export interface F1ScoreOptions extends MetricOptions {
  /** One score a class unless given. */
  readonly average?: FScoreAverage | null;
  /** Above which a prediction is a yes, above 0 and up to 1; the largest of each row unless given. */
  readonly threshold?: number | null;
}

/** Options of {@linkcode FBetaScore}. */
export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How many times as much as precision recall counts; above 0; 1 unless given. */
  readonly beta?: number;
}

const EPSILON = 1e-7;

/** (1 + beta²) precision recall / (beta² precision + recall), of labels and predictions [n, classes]. */
export class FBetaScore extends Metric {
  readonly average: FScoreAverage | null;
  readonly beta: number;
  readonly threshold: number | null;
  #counts: Record<"hits" | "excess" | "missed" | "labels", tf.Variable> | undefined;

  constructor(options: FBetaScoreOptions = {}, kind: MetricOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      average: null,
      beta: 1,
      threshold: null,
    });
    super(rest, { name: "fbeta_score", direction: "up", ...kind });
    this.average = own.average === null
      ? null
      : checkChoice(owner, "average", own.average, ["micro", "macro", "weighted"]);
    this.beta = checkNumber(owner, "beta", own.beta, { above: 0 });
    this.threshold = own.threshold === null
      ? null
      : checkNumber(owner, "threshold", own.threshold, { above: 0, to: 1 });
  }

  override getConfig(): Record<string, unknown> {
    const { average, beta, threshold } = this;
    return { ...super.getConfig(), average, beta, threshold };
  }

  override updateState(yTrue: MetricInput, yPred: MetricInput, sampleWeight?: MetricInput): void {
    tf.tidy(() => {
      const [truth, prediction] = [floats(yTrue), floats(yPred)];
      if (truth.rank !== 2 || prediction.rank !== 2) {
        throw new RangeError(
          `${this.name}: labels have shape [${truth.shape}] and predictions ` +
            `[${prediction.shape}], expected [samples, classes]`,
        );
      }
      const counts = this.#build(prediction.shape[1]!);
      const answers = this.#answers(prediction);
      const weights = sampleWeight === undefined
        ? undefined
        : tf.reshape(floats(sampleWeight), [-1, 1]);
      const add = (variable: tf.Variable, x: tf.Tensor) => {
        const weighted = weights ? tf.mul(x, weights) : x;
        const sum = tf.sum(weighted, this.average === "micro" ? undefined : 0);
        variable.assign(tf.add(variable, sum));
      };
      add(counts.hits, tf.mul(answers, truth));
      add(counts.excess, tf.mul(answers, tf.sub(1, truth)));
      add(counts.missed, tf.mul(tf.sub(1, answers), truth));
      add(counts.labels, truth);
    });
  }

  #build(classes: number) {
    const shape = this.average === "micro" ? [] : [classes];
    const make = () => this.addVariable({ shape });
    return this.#counts ??= { hits: make(), excess: make(), missed: make(), labels: make() };
  }

  #answers(prediction: tf.Tensor): tf.Tensor {
    if (this.threshold !== null) {
      return tf.cast(tf.greater(prediction, this.threshold), "float32");
    }
    const isLargest = tf.greaterEqual(prediction, tf.max(prediction, -1, true));
    const isSome = tf.greater(tf.abs(prediction), 1e-9);
    return tf.cast(tf.logicalAnd(isLargest, isSome), "float32");
  }

  override result(): tf.Tensor {
    const counts = this.#counts;
    if (!counts) throw new Error(`${this.name}: result was called before updateState`);
    return tf.tidy(() => {
      const { hits, excess, missed, labels } = counts;
      const share = (others: tf.Tensor) => tf.div(hits, tf.add(tf.add(hits, others), EPSILON));
      const [precision, recall] = [share(excess), share(missed)];
      const divisor = tf.add(tf.add(tf.mul(precision, this.beta ** 2), recall), EPSILON);
      const scores = tf.mul(tf.div(tf.mul(precision, recall), divisor), 1 + this.beta ** 2);
      if (this.average === null) return scores;
      if (this.average !== "weighted") return tf.mean(scores);
      const weights = tf.div(labels, tf.add(tf.sum(labels), EPSILON));
      return tf.sum(tf.mul(scores, weights));
    });
  }
}

/** 2 precision recall / (precision + recall), of labels and predictions [n, classes]. */
export class F1Score extends FBetaScore {
  constructor(options: F1ScoreOptions = {}) {
    const [own, rest] = takeOptions("F1Score", options, { average: null, threshold: null });
    // Here `beta` is no option.
    readOptions("F1Score", rest, { name: undefined, direction: undefined });
    super({ ...rest, ...own }, { name: "f1_score" });
  }

  override getConfig(): Record<string, unknown> {
    const { beta: _, ...config } = super.getConfig();
    return config;
  }
}
