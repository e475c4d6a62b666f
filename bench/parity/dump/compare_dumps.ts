/**
 * Compares a real Keras model with its port to real PyTorch, both as files of tandem_dump.py.
 * @module
 */
import { align, type Alignment, type ShapedValues } from "../comparing/alignment.ts";
import { compareResults } from "../comparing/compare_results.ts";
import { differenceOf, rootMeanSquare } from "../comparing/difference.ts";
import { activationRearrangement, channelsLast, sameLayout } from "../comparing/feature_layout.ts";
import type { ParityOptions } from "../options.ts";
import { product, rearrange, reordered, unchanged } from "../comparing/rearrangement.ts";
import {
  type LayerRow,
  type ParityReport,
  parityVersion,
  type RowKind,
  type RowPass,
} from "../report/report.ts";
import type { Output, Result } from "../recording/results.ts";
import { comparedRow, loneRow, tolerances } from "../report/rows.ts";
import { type Dump, readDump } from "./read_dump.ts";

/**
 * Weights are paired by their values: a port holds the weights of what it is a port of.
 *
 * @throws {ParityError} for files that are no dumps
 */
export async function compareDumps(options: ParityOptions): Promise<ParityReport> {
  const keras = await readDump("--keras-dump", options.kerasDump!, "keras");
  const torch = await readDump("--torch-dump", options.torchDump!, "torch");
  const title =
    `the Keras model of ${options.kerasDump} and the PyTorch model of ${options.torchDump}`;
  return dumpReport(options, title, rowsOf(keras, torch), [
    "weights are paired by their values; activations are looked for by theirs",
  ]);
}

/** A report of what a dump was compared with: one batch, nothing trained. */
export function dumpReport(
  options: ParityOptions,
  title: string,
  rows: LayerRow[],
  notes: string[],
): ParityReport {
  const firstDifferent = rows.find(({ agrees }) => !agrees) ?? null;
  return {
    parityVersion,
    options,
    title,
    learningRate: 0,
    data: "one batch of one's own, evaluation mode",
    steps: [],
    tolerance: options.tolerance,
    firstExceeded: null,
    layers: rows,
    firstDifferent,
    initialization: [],
    graphs: null,
    control: null,
    agrees: firstDifferent === null,
    interrupted: false,
    notes,
  };
}

function rowsOf(keras: Dump, torch: Dump): LayerRow[] {
  const { pairs, rows } = pairWeights(keras, torch);
  const results = resultsOf(keras);
  const compared = compareResults(
    results,
    resultsOf(torch),
    [[outputOf(keras, results.length), torch.output]],
    "evaluation",
  );
  return [
    ...rows,
    ...compared.rows,
    lossRow(keras.loss, torch.loss),
    ...weightRows(pairs, keras.gradients, torch.gradients, "gradient", "evaluation", keras.weights),
    ...weightRows(pairs, keras.updates, torch.updates, "weight", "update", keras.weights),
  ];
}

/** A Keras dump's output in all its forms. @param count of results that it is computed from */
export function outputOf(keras: Dump, count: number): Output {
  const forms = [keras.output, logitsOf(keras)].filter((form) => form !== null);
  const logarithms = {
    name: "log-probabilities",
    shape: keras.output.shape,
    values: keras.output.values.map(Math.log),
  };
  return {
    name: "output",
    forms: [...forms.map((form) => ({ name: "output", ...form })), logarithms],
    from: [count - 1],
  };
}

/** Both losses in evaluation mode. */
export function lossRow(keras: number, torch: number): LayerRow {
  return comparedRow({
    keras: "loss",
    torch: "loss",
    part: "output",
    kind: "activation",
    pass: "evaluation",
    first: Float32Array.of(keras),
    second: Float32Array.of(torch),
    shape: [],
  });
}

/** Calls follow each other: a dump does not tell what was computed from what. */
export function resultsOf({ framework, calls }: Dump): Result[] {
  return calls.map(({ name, kind, shape, values }, i): Result => ({
    name,
    kind,
    shape,
    values,
    from: i === 0 ? [] : [i - 1],
    expected: framework === "keras"
      ? activationRearrangement(shape, shape.length >= 4 ? channelsLast : sameLayout)
      : unchanged(shape),
    isCall: true,
    ops: [],
  }));
}

/** What the last layer gave before a softmax. */
function logitsOf({ calls }: Dump): (ShapedValues & { readonly name: string }) | null {
  const [before, last] = calls.slice(-2);
  return /^softmax$/i.test(last?.kind ?? "") ? { ...before, name: "logits" } : null;
}

interface PairedWeight {
  readonly keras: string;
  readonly torch: string;
  readonly alignment: Alignment;
}

function pairWeights(keras: Dump, torch: Dump): { pairs: PairedWeight[]; rows: LayerRow[] } {
  const images = [
    ...new Map(keras.calls.map(({ shape }) => [shape.slice(1).join(), shape.slice(1)])).values(),
  ]
    .filter(({ length }) => length === 3);
  const possible = [...keras.weights].map(([name, weight]) =>
    [...torch.weights].flatMap(([other, values]): PairedWeight[] => {
      const alignment = weightAlignment(weight, values, images);
      return alignment ? [{ keras: name, torch: other, alignment }] : [];
    })
  );
  const pairs = chosenPairs(possible, (pair) => gradientsAgree(pair, keras, torch));
  const lone = (side: "keras" | "torch", weights: Dump["weights"]) =>
    [...weights].filter(([name]) => !pairs.some((pair) => pair[side] === name));
  const rows = [
    ...lone("keras", keras.weights).map(([name, { shape }]) =>
      notCompared(name, "", shape, "no weight of PyTorch's has its values")
    ),
    ...lone("torch", torch.weights).map(([name, { shape }]) =>
      notCompared("", name, shape, "no weight of Keras' has its values")
    ),
  ];
  return { pairs, rows };
}

/** What a layer's weight is called in its module. */
const namesInTorch: readonly (readonly [keras: RegExp, torch: RegExp])[] = [
  [/kernel|gamma|embeddings$/, /weight/],
  [/bias|beta$/, /bias/],
  [/moving_mean$/, /running_mean$/],
  [/moving_variance$/, /running_var$/],
];

/**
 * Of weights with the same values, as fresh biases have them, those belong together whose layers have other weights together, whose
 * gradients are the same, and whose names are each other's; the first ones where nothing tells.
 *
 * @param possible by weight of Keras', those with its values
 */
function chosenPairs(
  possible: readonly (readonly PairedWeight[])[],
  agreesInGradient: (pair: PairedWeight) => boolean,
): PairedWeight[] {
  const layerOf = ({ keras }: PairedWeight) => keras.slice(0, keras.lastIndexOf("/"));
  const moduleOf = ({ torch }: PairedWeight) => torch.slice(0, torch.lastIndexOf("."));
  const known = new Map(
    possible.flat().map((pair) => {
      const named = namesInTorch.some(([own, other]) =>
        own.test(pair.keras) && other.test(pair.torch)
      );
      const isOnly = possible.some((list) => list.length === 1 && list[0] === pair);
      return [pair, 8 * Number(isOnly) + 2 * Number(agreesInGradient(pair)) + Number(named)];
    }),
  );
  const moduleFor = new Map<string, string>();
  const likeness = (pair: PairedWeight) => {
    const sibling = moduleFor.get(layerOf(pair));
    const beside = sibling === undefined ? 0 : sibling === moduleOf(pair) ? 4 : -4;
    return known.get(pair)! + beside;
  };
  const pairs: PairedWeight[] = [];
  let left = possible;
  while (true) {
    const options = left.flat();
    if (options.length === 0) return pairs;
    const best = options.reduce((a, b) => likeness(b) > likeness(a) ? b : a);
    pairs.push(best);
    moduleFor.set(layerOf(best), moduleOf(best));
    left = left.filter((list) => list[0]?.keras !== best.keras)
      .map((list) => list.filter(({ torch }) => torch !== best.torch));
  }
}

function gradientsAgree(
  { keras: own, torch: other, alignment }: PairedWeight,
  keras: Dump,
  torch: Dump,
) {
  const [first, second] = [keras.gradients.get(own), torch.gradients.get(other)];
  if (!first || !second) return false;
  const values = rearrange(first.values, alignment.arrangement);
  return differenceOf(values, second.values, second.shape).relative <= tolerances.gradient;
}

/** The same values in whatever order of axes; kernels of dense layers behind a flattened image too. */
function weightAlignment(
  keras: ShapedValues,
  torch: ShapedValues,
  images: readonly (readonly number[])[],
): Alignment | null {
  if (keras.values.length !== torch.values.length) return null;
  const tolerance = tolerances.weight;
  const { shape } = keras;
  const turned = shape.length >= 2
    ? reordered(shape, [shape.length - 1, shape.length - 2, ...shape.slice(2).map((_, i) => i)])
    : unchanged(shape);
  const plain = align(keras, torch, tolerance, turned);
  if (plain && plain.difference.relative <= tolerance) return plain;
  if (shape.length !== 2) return null;
  for (const image of images.filter((image) => product(image) === shape[0])) {
    const view = { shape: [...image, shape[1]], values: keras.values };
    const seen = { shape: [shape[1], image[2], image[0], image[1]], values: torch.values };
    const found = align(view, seen, tolerance, reordered(view.shape, [3, 2, 0, 1]));
    if (found && found.difference.relative <= tolerance) return found;
  }
  return null;
}

function notCompared(
  keras: string,
  torch: string,
  shape: readonly number[],
  why: string,
): LayerRow {
  const names = { keras, torch, part: "weight", kind: "weight", pass: "weights" } as const;
  return loneRow(names, shape, `not compared: ${why}`, "not compared");
}

function weightRows(
  pairs: readonly PairedWeight[],
  keras: ReadonlyMap<string, ShapedValues>,
  torch: ReadonlyMap<string, ShapedValues>,
  kind: RowKind,
  pass: RowPass,
  weights: ReadonlyMap<string, ShapedValues>,
): LayerRow[] {
  return pairs.flatMap(({ keras: own, torch: other, alignment }) => {
    const [first, second] = [keras.get(own), torch.get(other)];
    if (!first && !second) return [];
    return [comparedRow({
      keras: own,
      torch: other,
      part: kind === "gradient" ? "weight" : "updates",
      kind,
      pass,
      first: first ? rearrange(first.values, alignment.arrangement) : null,
      second: second?.values ?? null,
      shape: second?.shape ?? first!.shape,
    }, kind === "gradient" ? 1e-6 : roundingOf(weights.get(own)!.values))];
  });
}

/** How far an update can be off because the weight that it was added to is rounded, three times. */
function roundingOf(weight: Float32Array): number {
  return 3 * 2 ** -23 * rootMeanSquare(weight) / tolerances.weight;
}
