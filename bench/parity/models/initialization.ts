/**
 * How weights start in both models: compared as distributions over several seeds, since copied weights hide it.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { ImageDataset } from "../../../fixtures/mod.ts";
import { layersAsWritten } from "../recording/keras_calls.ts";
import { buildModels, type PreparedPair } from "./prepared_pair.ts";
import type { InitializationRow } from "../report/report.ts";
import { tensorOf, variableOf } from "../pairing/layer_parameters.ts";
import type { WeightPair } from "../pairing/weight_pairs.ts";
import { partOf } from "../pairing/weight_pairs.ts";

/** Models made: more of small ones, whose weights have few values. */
const SEEDS = { small: 12, large: 3 };
/** Values of all weights, above which a model is large. */
const LARGE = 50_000;
/** Most values of a weight looked at. */
const VALUES = 4000;
/** Below this the distributions are called different; many weights are tested. */
const LEVEL = 1e-5;

/** Values that a weight starts with, several seeds together. */
interface Starts {
  readonly keras: number[];
  readonly torch: number[];
}

/** Builds both models from several seeds and compares where their weights start. */
export async function initializationRows(
  prepared: PreparedPair,
  dataset: ImageDataset | undefined,
): Promise<InitializationRow[]> {
  const { weights, keras, pair } = prepared;
  const layers = layersAsWritten(keras);
  const starts = new Map<WeightPair, Starts>(
    weights.both.map((one) => [one, { keras: [], torch: [] }]),
  );
  const made = new Set<tf.Variable>();
  const seeds = keras.countParams() > LARGE ? SEEDS.large : SEEDS.small;
  for (let seed = 1; seed <= seeds; seed++) {
    const built = buildModels(pair, prepared.seed + 1000 * seed, dataset);
    const others = layersAsWritten(built.keras);
    const modules = new Map(built.torch.namedModules());
    for (const [weight, { keras: first, torch: second }] of starts) {
      const layer = others[layers.indexOf(weight.pair.layer)];
      const variable = layer && variableAt(layer, weight);
      if (variable) take(first, await variable.data(), seeds);
      const tensor = tensorAt(modules, weight);
      if (tensor) take(second, await partOf(weight, tensor).detach().data(), seeds);
    }
    for (const variable of built.keras.variables) made.add(variable);
  }
  // A file may give the same layers again.
  const kept = new Set(keras.variables);
  for (const variable of made) if (!kept.has(variable)) variable.dispose();
  return [...starts].map(([weight, values]) => rowOf(weight, values));
}

function variableAt(layer: Layer, { part, pair }: WeightPair) {
  const [name] = part.split("[");
  return pair.rule.weights.some(({ keras }) => keras === name)
    ? variableOf(layer, name)
    : undefined;
}

function tensorAt(
  modules: ReadonlyMap<string, Parameters<typeof tensorOf>[0]>,
  { path }: WeightPair,
) {
  const dot = path.lastIndexOf(".");
  const owner = modules.get(path.slice(0, Math.max(dot, 0)));
  return owner && tensorOf(owner, path.slice(dot + 1));
}

function take(into: number[], values: ArrayLike<number | bigint>, seeds: number): void {
  const stride = Math.max(1, Math.ceil(values.length * seeds / VALUES));
  for (let i = 0; i < values.length; i += stride) into.push(Number(values[i]));
}

function rowOf({ pair, part, path }: WeightPair, { keras, torch }: Starts): InitializationRow {
  const [first, second] = [keras, torch].map((values) => values.toSorted((a, b) => a - b));
  const texts = [first, second].map(describe);
  const isConstant = [first, second].some((values) => values[0] === values.at(-1));
  const pValue = isConstant ? null : sameDistribution(first, second);
  const agrees = isConstant ? texts[0] === texts[1] : pValue! > LEVEL;
  return {
    keras: `${pair.layer.name} ${part}`,
    torch: path,
    kerasText: texts[0],
    torchText: texts[1],
    pValue,
    agrees,
  };
}

/** The kind of a distribution and its scale. @param sorted ascending */
function describe(sorted: readonly number[]): string {
  const [least, most] = [sorted[0], sorted.at(-1)!];
  const show = (value: number) => String(+value.toPrecision(3));
  if (least === most) return `always ${show(least)}`;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const deviation = Math.sqrt(
    sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length,
  );
  const half = (most - least) / 2;
  // A uniform distribution's deviation is its half width over the root of 3; a normal one reaches further.
  const ratio = half / deviation;
  const around = Math.abs(mean) > 0.2 * deviation ? ` around ${show(mean)}` : "";
  if (ratio < 1.9) return `uniform, within ${show(half)}${around}`;
  const kind = ratio < 2.5 ? "truncated normal" : "normal";
  return `${kind}, deviation ${show(deviation)}${around}`;
}

/**
 * The two-sample Kolmogorov-Smirnov test: how likely two samples of one distribution are this far apart.
 * Source: https://en.wikipedia.org/wiki/Kolmogorov-Smirnov_test (asymptotic distribution of the statistic)
 */
export function sameDistribution(first: readonly number[], second: readonly number[]): number {
  let [i, j, apart] = [0, 0, 0];
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i], second[j]);
    while (first[i] <= value) i++;
    while (second[j] <= value) j++;
    apart = Math.max(apart, Math.abs(i / first.length - j / second.length));
  }
  const size = Math.sqrt(first.length * second.length / (first.length + second.length));
  const scaled = (size + 0.12 + 0.11 / size) * apart;
  if (scaled < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    sum += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * scaled * scaled);
  }
  return Math.min(Math.max(sum, 0), 1);
}
