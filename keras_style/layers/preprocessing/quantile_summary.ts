/**
 * Quantiles of a stream of values, from a summary of bounded size.
 * Source: keras/src/layers/preprocessing/discretization.py of Keras 3, whose float32 steps are repeated, so that boundaries agree.
 * @module
 */

/** Values in order, and how many of the stream each stands for. */
export interface QuantileSummary {
  readonly values: Float32Array;
  readonly weights: Float32Array;
}

export const EMPTY_SUMMARY: QuantileSummary = {
  values: new Float32Array(0),
  weights: new Float32Array(0),
};

/** A summary with more values of the stream in it, which are `epsilon` of all apart at most. */
export function addToSummary(
  summary: QuantileSummary,
  values: Float32Array,
  epsilon: number,
): QuantileSummary {
  const { values: first, weights } = summarize(values, epsilon);
  const all = [...first, ...summary.values];
  const allWeights = [...weights, ...summary.weights];
  const order = all.map((_, i) => i).sort((a, b) => all[a] - all[b]);
  const merged = {
    values: Float32Array.from(order, (i) => all[i]),
    weights: Float32Array.from(order, (i) => allWeights[i]),
  };
  return compressed(merged, epsilon);
}

/** The values between which so many bins lie that hold equally many. */
export function binBoundaries(summary: QuantileSummary, bins: number): number[] {
  return [...compressed(summary, 1 / bins).values.slice(0, -1)];
}

function summarize(given: Float32Array, epsilon: number): QuantileSummary {
  const values = given.toSorted();
  const step = Math.max(values.length / (1 / epsilon), 1);
  const first = Math.trunc(step - 1);
  const chosen = values.filter((_, i) => i >= first && (i - first) % Math.trunc(step) === 0);
  return { values: chosen, weights: new Float32Array(chosen.length).fill(step) };
}

/** A summary at every `epsilon` of the sum of its weights. */
function compressed(summary: QuantileSummary, epsilon: number): QuantileSummary {
  const { values, weights } = summary;
  if (values.length * epsilon < 1) return summary;
  const sums = new Float32Array(weights.length);
  weights.forEach((weight, i) => sums[i] = weight + (i === 0 ? 0 : sums[i - 1]));
  const shares = sums.map((sum) => sum / sums[sums.length - 1]);
  const targets = Array.from({ length: Math.ceil(1 / epsilon) }, (_, i) => epsilon + i * epsilon);
  const reached = targets.map((share) => interpolated(share, shares, sums));
  return {
    values: Float32Array.from(targets, (share) => interpolated(share, shares, values)),
    weights: Float32Array.from(reached, (sum, i) => sum - (i === 0 ? 0 : reached[i - 1])),
  };
}

/** The value at x of a curve through points in order of x; that of the nearest point outside of them. */
function interpolated(x: number, xs: Float32Array, ys: Float32Array): number {
  // The last point that is not behind x.
  let low = -1;
  for (let high = xs.length; high - low > 1;) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle;
  }
  if (low < 0) return ys[0];
  if (low === xs.length - 1 || xs[low] === x) return ys[low];
  return (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low]) * (x - xs[low]) + ys[low];
}
