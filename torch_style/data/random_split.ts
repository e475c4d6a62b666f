/**
 * Splits a dataset at random.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { RandomStream } from "../../onnx/mod.ts";
import { defaultGenerator } from "../random.ts";
import { type Dataset, Subset } from "./dataset.ts";
import { generatorParameter } from "../random_source.ts";
import type { RandomOptions } from "./sampler.ts";

const RANDOM_SPLIT = signature(
  "randomSplit",
  ["dataset", kinds.any as Kind<Dataset>],
  ["lengths", kinds.numbers],
  "*",
  ["seed", kinds.integer, undefined],
  generatorParameter,
);

/**
 * Parts without common samples: of given lengths, or of given shares that sum to 1 (what rounding leaves over
 * goes to the first parts, one each).
 * Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 *
 * @param options.seed of the order, or a generator; taken from `manualSeed` unless given
 */
export function randomSplit(
  ...given: Call<typeof RANDOM_SPLIT, RandomOptions, [dataset: Dataset, lengths: readonly number[]]>
): Subset[] {
  const { dataset, lengths, ...options } = RANDOM_SPLIT.read(given);
  const counts = countsOf(dataset.length, lengths);
  const stream = options.generator?.stream ??
    (options.seed === undefined ? defaultGenerator() : new RandomStream(options.seed));
  const order = [...stream.permutation(dataset.length)];
  let from = 0;
  return counts.map((count) => new Subset(dataset, order.slice(from, from += count)));
}

function countsOf(total: number, lengths: readonly number[]): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) < 1e-9 && lengths.some((length) => !Number.isInteger(length))) {
    const counts = lengths.map((share) => Math.floor(share * total + 1e-9));
    const left = total - counts.reduce((a, b) => a + b, 0);
    return counts.map((count, i) => i < left ? count + 1 : count);
  }
  if (sum === total && lengths.every((length) => Number.isInteger(length) && length >= 0)) {
    return [...lengths];
  }
  throw new Error(
    `Sum of input lengths does not equal the length of the input dataset: [${lengths}] for ${total} samples`,
  );
}
