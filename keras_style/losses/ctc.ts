/**
 * Connectionist temporal classification (Graves et al., 2006): sequences of labels of unknown position.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { FunctionLoss, type LossOptions } from "./loss.ts";
import { floats, type Values } from "./same_rank.ts";
import { oneHotVectors } from "../ops/one_hot.ts";

/** Stands for the logarithm of 0: a true -Infinity would make gradients NaN. */
const IMPOSSIBLE = -1e30;

/**
 * The negative logarithm of the probability of a sequence of labels, whichever steps its labels take.
 *
 * @param yTrue labels [n, most labels]: classes from 1, then zeros
 * @param yPred logits [n, steps, classes]; class 0 is the blank
 * @throws {RangeError} for other ranks
 */
export function ctc(yTrue: Values, yPred: Values): tf.Tensor {
  return tf.tidy(() => {
    const [labels, logits] = [floats(yTrue), floats(yPred)];
    if (labels.rank !== 2 || logits.rank !== 3) {
      throw new RangeError(
        `ctc: labels have shape [${labels.shape}] and logits [${logits.shape}], expected ` +
          `[samples, labels] and [samples, steps, classes]`,
      );
    }
    const [count, steps, classes] = logits.shape;
    const states = withBlanks(labels);
    const length = states.shape[1]!;
    const chosen = oneHotVectors(states, classes);
    // Finite, so that the products with 0 are 0.
    const logs = tf.maximum(tf.logSoftmax(logits), IMPOSSIBLE);
    // [steps, n, states]: how likely each state's class is at each step.
    const likely = tf.transpose(
      tf.matMul(logs as tf.Tensor3D, chosen as tf.Tensor3D, false, true),
      [1, 0, 2],
    );
    const at = tf.unstack(likely);
    const skips = mayFollowSecondNext(states);
    const indices = tf.range(0, length, 1, "int32");
    const isStart = tf.cast(tf.less(indices, 2), "float32");
    let reached = tf.add(at[0], tf.mul(tf.sub(1, isStart), IMPOSSIBLE));
    for (let step = 1; step < steps; step++) {
      const ways = [reached, shifted(reached, 1, count), tf.add(shifted(reached, 2, count), skips)];
      reached = tf.add(tf.logSumExp(tf.stack(ways), 0), at[step]);
    }
    const labelCount = tf.sum(tf.cast(tf.notEqual(labels, 0), "float32"), 1, true);
    const last = tf.mul(labelCount, 2);
    const position = tf.cast(indices, "float32");
    const isEnd = tf.logicalOr(
      tf.equal(position, last),
      tf.equal(position, tf.sub(last, 1)),
    );
    const ends = tf.where(isEnd, reached, tf.fill(reached.shape, IMPOSSIBLE));
    return tf.neg(tf.logSumExp(ends, 1));
  });
}

/** Labels with blanks before, between and behind: [n, 2 labels + 1]. */
function withBlanks(labels: tf.Tensor): tf.Tensor {
  const [count, most] = labels.shape as [number, number];
  const pairs = tf.stack([tf.zerosLike(labels), labels], 2);
  return tf.concat([tf.reshape(pairs, [count, 2 * most]), tf.zeros([count, 1])], 1);
}

/** 0 where a state may be reached from the second one before it (another label, no blank), else impossible. */
function mayFollowSecondNext(states: tf.Tensor): tf.Tensor {
  const [count] = states.shape;
  const before = tf.concat([tf.zeros([count, 2]), tf.slice(states, [0, 0], [count, -1])], 1);
  const cut = tf.slice(before, [0, 0], states.shape);
  const isOther = tf.logicalAnd(tf.notEqual(states, 0), tf.notEqual(states, cut));
  return tf.mul(tf.sub(1, tf.cast(isOther, "float32")), IMPOSSIBLE);
}

/** What was reached `by` states before. */
function shifted(reached: tf.Tensor, by: number, count: number): tf.Tensor {
  const length = reached.shape[1]!;
  const before = tf.fill([count, Math.min(by, length)], IMPOSSIBLE);
  return tf.concat([before, tf.slice(reached, [0, 0], [count, Math.max(length - by, 0)])], 1);
}

/** The loss class of {@linkcode ctc}. */
export class CTC extends FunctionLoss {
  constructor(options: LossOptions = {}) {
    super(ctc, options, {});
  }

  override labelShape(): null {
    return null;
  }
}
