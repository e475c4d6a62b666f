/**
 * Finds each of Keras' results in what the PyTorch model computed, and the first that is not there.
 * @module
 */
import { align, type Alignment, sameMoments, type ShapedValues } from "./alignment.ts";
import { CurveComparison, type CurveDifference } from "./compare_curves.ts";
import { histogramOfDifferences } from "./difference.ts";
import { product, rearrange, unchanged } from "./rearrangement.ts";
import type { LayerRow, RowPass, RowStatus } from "../report/report.ts";
import type { Output, Result, TorchOutput } from "../recording/results.ts";
import { differenceRow, loneRow, type RowNames, tolerances } from "../report/rows.ts";

/** What a comparison of all results gives. */
export interface ResultComparison {
  readonly rows: LayerRow[];
  /** For each of Keras' results: PyTorch's that has the same values. */
  readonly found: readonly (number | null)[];
  readonly statuses: readonly RowStatus[];
  /** How the axes of each result that was found stand to each other. */
  readonly alignments: readonly (Alignment | null)[];
}

const tolerance = tolerances.activation;

/**
 * A result that is nowhere in PyTorch's graph is no difference as long as all that was computed from it agrees: a padding
 * layer before a convolution that pads, a relu before a max pooling instead of after it.
 */
export function compareResults(
  keras: readonly Result[],
  torch: readonly Result[],
  outputs: readonly (readonly [Output, TorchOutput])[],
  pass: RowPass,
): ResultComparison {
  const images = imagesIn(keras);
  const outputRows = outputs.map(([output, values]) => outputRow(output, values, images, pass));
  const bySize = Map.groupBy(torch.map((_, i) => i), (i) => torch[i].values.length);
  const matches = keras.map((result) => matchOf(result, torch, bySize, images));
  const statuses = statusesOf(keras, matches.map(Boolean), outputs, outputRows);
  const found = matches.map((match) => match?.at ?? null);
  const curves = new CurveComparison(keras, torch, found, statuses);
  const rows = keras.flatMap((result, i): LayerRow[] => {
    const match = matches[i];
    if (match) {
      const row = foundRow(result, torch[match.at], match.alignment, pass);
      return [row, ...curves.differences(i).map((one) => curveRow(one, pass))];
    }
    if (statuses[i] === "within") return [withinRow(result, torch, pass)];
    const before = result.from.map((from) => matches[from]?.at);
    const next = torch.flatMap(({ from, name }) =>
      from.some((at) => before.includes(at)) ? [name] : []
    );
    const context = { images, pass, culprit: culpritBefore(i, statuses, keras), next };
    return [differingRow(result, torch, statuses[i], context)];
  });
  const atOutputs = outputs.flatMap(([{ from }, { of }], i) =>
    outputRows[i].agrees && of !== undefined ? curves.given(from, [of]) : []
  );
  return {
    rows: [...rows, ...atOutputs.map((one) => curveRow(one, pass)), ...outputRows],
    found,
    statuses,
    alignments: matches.map((match) => match?.alignment ?? null),
  };
}

interface Match {
  readonly at: number;
  readonly alignment: Alignment;
}

function matchOf(
  result: Result,
  torch: readonly Result[],
  bySize: ReadonlyMap<number, readonly number[]>,
  images: readonly (readonly number[])[],
): Match | null {
  const { twin } = result;
  const all = bySize.get(result.values.length) ?? [];
  // The paired module first, then what is cut out of its result; of others, calls before ops.
  const order = twin === undefined
    ? all.toSorted((a, b) => Number(torch[b].isCall) - Number(torch[a].isCall))
    : all.filter((i) => i === twin || isMadeFrom(i, twin, torch));
  for (const at of order) {
    if (!sameMoments(result.values, torch[at].values, tolerance)) continue;
    const alignment = align(result, torch[at], tolerance, expectedOf(result), images);
    if (alignment && alignment.difference.relative <= tolerance) return { at, alignment };
  }
  return null;
}

/** Whether only ops lie between two results. */
function isMadeFrom(at: number, source: number, torch: readonly Result[]): boolean {
  const visited = new Set<number>();
  const visit = (i: number): boolean => {
    if (visited.has(i) || torch[i].isCall) return false;
    visited.add(i);
    return torch[i].from.some((from) => from === source || visit(from));
  };
  return visit(at);
}

const expectedOf = ({ expected, shape }: Pick<Result, "expected" | "shape">) =>
  expected ?? unchanged(shape);

function statusesOf(
  keras: readonly Result[],
  isFound: readonly boolean[],
  outputs: readonly (readonly [Output, ShapedValues])[],
  outputRows: readonly LayerRow[],
): RowStatus[] {
  const users: number[][] = keras.map(() => []);
  keras.forEach(({ from }, i) => from.forEach((at) => users[at]?.push(i)));
  const leadsToWrongOutput = new Set(
    outputs.flatMap(([{ from }], i) => outputRows[i].agrees ? [] : from),
  );
  const isFine: boolean[] = [];
  for (let i = keras.length - 1; i >= 0; i--) {
    isFine[i] = isFound[i] || (!leadsToWrongOutput.has(i) && users[i].every((at) => isFine[at]));
  }
  return keras.map(({ from }, i) => {
    if (isFound[i]) return "agrees";
    if (isFine[i]) return "within";
    return from.every((at) => isFine[at]) ? "differs" : "follows";
  });
}

function culpritBefore(
  i: number,
  statuses: readonly RowStatus[],
  keras: readonly Result[],
): string {
  const visited = new Set<number>();
  const visit = (at: number): string | null => {
    if (visited.has(at)) return null;
    visited.add(at);
    if (at !== i && statuses[at] === "differs") return keras[at].name;
    for (const from of keras[at].from) {
      const found = visit(from);
      if (found) return found;
    }
    return null;
  };
  return visit(i) ?? "";
}

function foundRow(result: Result, torch: Result, alignment: Alignment, pass: RowPass): LayerRow {
  const names = namesOf(result, torch.name, "output", pass);
  return differenceRow(names, alignment.shape, alignment.difference, "agrees");
}

/** Where values agree and functions do not. */
function curveRow(
  { keras, torch, at, kerasValue, torchValue }: CurveDifference,
  pass: RowPass,
): LayerRow {
  const show = (value: number) => String(+value.toPrecision(6));
  const why = `another function, which gives the same for the values of this batch: at ${
    show(at)
  } Keras gives ${show(kerasValue)}, PyTorch ${show(torchValue)}`;
  return loneRow({ keras, torch, part: "function", kind: "activation", pass }, [], why);
}

/** What its module gives all the same, where that is of its shape, is shown: a batch norm behind it may hide a factor. */
function withinRow(result: Result, torch: readonly Result[], pass: RowPass): LayerRow {
  const twin = result.twin === undefined ? undefined : torch[result.twin];
  const names = namesOf(result, twin?.name ?? "", "output", pass);
  const why = "compared with what follows it";
  const alignment = twin && align(result, twin, tolerance, expectedOf(result));
  if (!alignment) return loneRow(names, result.shape, why, "within");
  return { ...differenceRow(names, alignment.shape, alignment.difference, "within"), why };
}

function namesOf(result: Result, torch: string, part: string, pass: RowPass): RowNames {
  return { keras: result.name, torch, part, kind: "activation", pass };
}

interface DifferenceContext {
  readonly images: readonly (readonly number[])[];
  readonly pass: RowPass;
  /** What it follows from. */
  readonly culprit: string;
  /** What PyTorch makes of the results that this one is computed from. */
  readonly next: readonly string[];
}

function differingRow(
  result: Result,
  torch: readonly Result[],
  status: RowStatus,
  { images, pass, culprit, next }: DifferenceContext,
): LayerRow {
  const twin = result.twin === undefined ? undefined : torch[result.twin];
  if (status === "follows") {
    const names = namesOf(result, twin?.name ?? "", "output", pass);
    const alignment = twin && align(result, twin, tolerance, expectedOf(result));
    if (!alignment) return loneRow(names, result.shape, `differs after ${culprit}`, status);
    const row = differenceRow(names, alignment.shape, alignment.difference, status);
    return { ...row, why: row.why ?? `differs after ${culprit}` };
  }
  if (!twin) {
    const names = namesOf(result, "", "output", pass);
    const instead = next.length === 0
      ? ""
      : `: at this place it has ${[...new Set(next)].slice(0, 4).join(", ")}`;
    return loneRow(names, result.shape, `PyTorch computes this nowhere${instead}`, "differs");
  }
  const given = inputRow(result, twin, images, pass);
  if (given) return given;
  const names = namesOf(result, twin.name, "output", pass);
  const shape = rearrangedShape(result);
  const alignment = align(result, twin, tolerance, expectedOf(result));
  if (!alignment) {
    const why = `shapes differ: Keras' would be [${shape}], PyTorch has [${twin.shape}]`;
    return loneRow(names, shape, why);
  }
  return withHistogram(
    differenceRow(names, alignment.shape, alignment.difference, "differs"),
    result,
    twin,
    alignment,
  );
}

function rearrangedShape(result: Result): readonly number[] {
  return expectedOf(result).shape;
}

/** Where what the two were given differs already, in more than zeros around it. */
function inputRow(
  result: Result,
  twin: Result,
  images: readonly (readonly number[])[],
  pass: RowPass,
): LayerRow | null {
  const [keras, torch] = [result.input, twin.input];
  if (!keras || !torch) return null;
  const alignment = align(keras, torch, tolerance, expectedOf(keras), images);
  if (!alignment || alignment.difference.relative <= tolerance) return null;
  const ops = twin.ops.length > 0
    ? `; before it PyTorch computes ${[...twin.ops].reverse().join(", ")}`
    : "";
  const names = namesOf(result, twin.name, "input", pass);
  const row = differenceRow(names, alignment.shape, alignment.difference, "differs");
  const filled = withHistogram(row, keras, torch, alignment);
  return { ...filled, why: `what it is given differs${ops}` };
}

function withHistogram(
  row: LayerRow,
  keras: ShapedValues,
  torch: ShapedValues,
  { arrangement }: Alignment,
): LayerRow {
  const values = rearrange(keras.values, arrangement);
  return { ...row, histogram: histogramOfDifferences(values, torch.values) };
}

function outputRow(
  output: Output,
  values: ShapedValues,
  images: readonly (readonly number[])[],
  pass: RowPass,
): LayerRow {
  const compared = output.forms.flatMap((form) => {
    const alignment = align(form, values, tolerance, expectedOf(form), images);
    return alignment ? [{ form, alignment }] : [];
  }).sort((a, b) => a.alignment.difference.relative - b.alignment.difference.relative);
  const right = compared.find(({ alignment }) => alignment.difference.relative <= tolerance);
  const { form, alignment } = right ??
    compared.find(({ form }) => form === output.forms[0]) ??
    { form: output.forms[0], alignment: null };
  const names: RowNames = {
    keras: `the model's ${form.name}`,
    torch: `the model's output`,
    part: "output",
    kind: "activation",
    pass,
  };
  if (!alignment) {
    const { shape } = expectedOf(form);
    const why = `shapes differ: Keras' would be [${shape}], PyTorch has [${values.shape}]`;
    return loneRow(names, form.shape, why);
  }
  const row = differenceRow(
    names,
    alignment.shape,
    alignment.difference,
    right ? "agrees" : "differs",
  );
  return right ? row : withHistogram(row, form, values, alignment);
}

/** Shapes, without the batch axis, that a flattened axis may have been made of. */
function imagesIn(results: readonly Result[]): readonly (readonly number[])[] {
  const found = new Map<string, readonly number[]>();
  for (const { shape } of results) {
    const image = shape.slice(1);
    if (image.length >= 2 && image.length <= 4 && product(image) > 1) {
      found.set(image.join(), image);
    }
  }
  return [...found.values()];
}
