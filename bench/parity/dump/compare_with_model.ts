/**
 * Compares a real Keras or PyTorch model, as a file of tandem_dump.py, with the other idiom's model of a pair. The pair's model of
 * the file's own idiom only says where the weights go.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromHost } from "../../../onnx/mod.ts";
import type { Model } from "../../../keras_style/mod.ts";
import { type nn, noGrad, Tensor } from "../../../torch_style/mod.ts";
import type { BatchArray, ParityBatch } from "../models/batches.ts";
import { compareResults } from "../comparing/compare_results.ts";
import { convert } from "../pairing/convert.ts";
import { activationRearrangement, inputLayout } from "../comparing/feature_layout.ts";
import type { ModelInput } from "../models/model_inputs.ts";
import type { ModelPair } from "../models/model_pair.ts";
import { learningRateOf, type ParityOptions } from "../options.ts";
import { ParityError } from "../parity_error.ts";
import { findOrders } from "../recording/passes.ts";
import { buildModels, prepare, type PreparedPair } from "../models/prepared_pair.ts";
import { product, rearrange, restore, sameShape } from "../comparing/rearrangement.ts";
import { recordKeras } from "../recording/record_keras.ts";
import { recordTorch } from "../recording/record_torch.ts";
import type { LayerRow, ParityReport } from "../report/report.ts";
import { comparedRow, loneRow } from "../report/rows.ts";
import { pairingRows } from "../comparing/weight_rows.ts";
import { sliceOf, type WeightPair } from "../pairing/weight_pairs.ts";
import { dumpReport, lossRow, outputOf, resultsOf } from "./compare_dumps.ts";
import { type Dump, type DumpedBatch, readDump } from "./read_dump.ts";

/** A dump's name on the command line. */
type Flag = "--keras-dump" | "--torch-dump";

/**
 * @throws {ParityError} for a file that is no dump or has no batch, weights that are not the model's, models that cannot be
 * paired, and a pass that fails
 */
export async function compareWithModel(
  options: ParityOptions,
  pair: ModelPair,
): Promise<ParityReport> {
  const { kerasDump, torchDump } = options;
  const [flag, path] = kerasDump !== null
    ? ["--keras-dump" as const, kerasDump]
    : ["--torch-dump" as const, torchDump!];
  const dump = await readDump(flag, path, kerasDump === null ? "torch" : "keras");
  if (!dump.batch) {
    throw new ParityError(
      `${flag}: "${path}" was written without its batch, expected a file of this tandem_dump.py`,
    );
  }
  const { keras, torch } = buildModels(pair, options.seed, undefined);
  const names = dump.framework === "keras"
    ? giveKeras(keras, dump, flag)
    : giveTorch(torch, dump, flag);
  if (dump.framework === "torch") await convert(torch, keras, pair);
  const size = dump.batch.labels.shape[0] ?? 1;
  const given = await prepare(
    { ...pair, kerasModel: () => keras, torchModel: () => torch as nn.Module },
    { seed: options.seed, batchSize: size, learningRate: learningRateOf(options, false) },
  );
  try {
    const batch = batchOf(dump, dump.batch, given.inputs, flag);
    const { prepared, notes } = dump.framework === "keras"
      ? await findOrders(given, batch)
      : { prepared: given, notes: [] };
    const rows = dump.framework === "keras"
      ? await torchAgainst(dump, prepared, batch, names)
      : await kerasAgainst(dump, prepared, batch);
    const [real, port] = dump.framework === "keras" ? ["Keras", "PyTorch"] : ["PyTorch", "Keras"];
    const title = `the ${real} model of ${path} and the ${port} idiom's of ${options.model}`;
    return dumpReport(options, title, [...pairingRows(prepared), ...rows], [
      `the model has the weights of ${path}, put in their places by the file's ${real} idiom's`,
      ...notes,
      ...(dump.updates.size > 0 ? ["updates are compared between two dumps only"] : []),
    ]);
  } finally {
    for (const variable of given.keras.variables) variable.dispose();
  }
}

/** Keras' weights have an order; returns the dump's name of each. */
function giveKeras(model: Model, { weights }: Dump, flag: Flag): ReadonlyMap<unknown, string> {
  const own = model.weights;
  const given = [...weights];
  given.forEach(([name, { shape }], i) => {
    if (own[i] && sameShape(own[i].shape, shape)) return;
    const expected = own[i] ? `[${own[i].shape}]` : "no more weights";
    throw new ParityError(
      `${flag}: weight ${i + 1} is ${name} [${shape}], kerasModel has ${expected} there`,
    );
  });
  if (own.length > given.length) {
    throw new ParityError(
      `${flag}: has ${given.length} weights, kerasModel has ${own.length}; the next is [${
        own[given.length].shape
      }]`,
    );
  }
  given.forEach(([, { shape, values }], i) =>
    tf.tidy(() => own[i].assign(tf.tensor(values, [...shape])))
  );
  return new Map(given.map(([name], i) => [own[i], name]));
}

/** PyTorch's weights have names. */
function giveTorch(
  model: nn.AnyModule,
  { weights }: Dump,
  flag: Flag,
): ReadonlyMap<unknown, string> {
  using _ = noGrad();
  const own = Object.entries(model.stateDict()).filter(([, { dtype }]) => dtype === "float32");
  for (const [name, tensor] of own) {
    const given = weights.get(name);
    if (!given || !sameShape(given.shape, tensor.shape)) {
      const found = given ? `[${given.shape}]` : "no such weight";
      throw new ParityError(
        `${flag}: torchModel has ${name} [${tensor.shape}], the file has ${found}`,
      );
    }
  }
  const unknown = [...weights.keys()].find((name) => !own.some(([known]) => known === name));
  if (unknown !== undefined) {
    throw new ParityError(`${flag}: has a weight ${unknown}, which torchModel has not`);
  }
  for (const [name, tensor] of own) {
    const { values } = weights.get(name)!;
    tensor.copy_(new Tensor(fromHost(Float32Array.from(values), tensor.shape)));
  }
  return new Map();
}

/** The dump's batch in Keras' layout. */
function batchOf(
  { framework }: Dump,
  { inputs, labels, integerLabels }: DumpedBatch,
  expected: readonly ModelInput[],
  flag: Flag,
): ParityBatch {
  const size = labels.shape[0] ?? 1;
  const shapes = expected.map(({ shape }) => [size, ...shape]);
  const fits = inputs.length === shapes.length &&
    inputs.every(({ values }, i) => values.length === product(shapes[i]));
  if (!fits) {
    throw new ParityError(
      `${flag}: its batch is ${
        inputs.map(({ shape }) => `[${shape}]`).join(" and ")
      }, the model takes ${shapes.map((shape) => `[${shape}]`).join(" and ")}`,
    );
  }
  return {
    inputs: inputs.map(({ values }, i): BatchArray<Float32Array | Int32Array> => {
      const { firstLayer, takesIntegers } = expected[i];
      const shape = shapes[i];
      if (takesIntegers) return { values: Int32Array.from(values), shape };
      if (framework === "keras") return { values, shape };
      const layout = inputLayout(shape.length, firstLayer);
      return { values: restore(values, activationRearrangement(shape, layout)), shape };
    }),
    labels: [{
      values: integerLabels ? Int32Array.from(labels.values) : labels.values,
      shape: labels.shape,
    }],
  };
}

const evaluation = { training: false, backward: true };

/** The PyTorch idiom's model against a real Keras model. */
async function torchAgainst(
  dump: Dump,
  prepared: PreparedPair,
  batch: ParityBatch,
  names: ReadonlyMap<unknown, string>,
): Promise<LayerRow[]> {
  const results = resultsOf(dump);
  const sizes = new Set(results.map(({ values }) => values.length));
  const pass = await recordTorch(prepared, { batch, ...evaluation }, 0, sizes);
  if (pass.error !== null) return [passRow(pass.error)];
  const compared = compareResults(
    results,
    pass.results,
    [[outputOf(dump, results.length), pass.outputs[0]]],
    "evaluation",
  );
  const gradients = prepared.weights.both.map((weight) => {
    const own = dump.gradients.get(names.get(weight.variable) ?? "");
    const first = own ? rearrange(sliceOf(weight, own.values), weight.arrangement) : null;
    return gradientRow(weight, first, pass.gradients.get(weight) ?? null);
  });
  return [...compared.rows, lossRow(dump.loss, pass.loss ?? NaN), ...present(gradients)];
}

/** The Keras idiom's model against a real PyTorch model. */
async function kerasAgainst(
  dump: Dump,
  prepared: PreparedPair,
  batch: ParityBatch,
): Promise<LayerRow[]> {
  const pass = await recordKeras(prepared, { batch, ...evaluation });
  const compared = compareResults(
    pass.results,
    resultsOf(dump),
    pass.outputs.map((output) => [output, dump.output]),
    "evaluation",
  );
  const gradients = prepared.weights.both.map((weight) => {
    const own = pass.dataGradients.get(weight);
    const first = own ? rearrange(own, weight.arrangement) : null;
    const whole = dump.gradients.get(weight.path);
    const second = whole ? partOfValues(weight, whole.values) : null;
    return gradientRow(weight, first, second);
  });
  return [...compared.rows, lossRow(pass.dataLoss, dump.loss), ...present(gradients)];
}

function partOfValues({ rows, tensor }: WeightPair, values: Float32Array): Float32Array {
  if (rows === null) return values;
  const width = product(tensor.shape.slice(1));
  return values.subarray(rows.from * width, (rows.from + rows.count) * width);
}

/** Gradients below this are rounding. */
const FLOOR = 1e-6;

function gradientRow(
  { pair, part, path, arrangement }: WeightPair,
  first: Float32Array | null,
  second: Float32Array | null,
): LayerRow | null {
  if (!first && !second) return null;
  const names = { keras: pair.layer.name, torch: path, part } as const;
  const row = { ...names, kind: "gradient", pass: "evaluation" } as const;
  return comparedRow({ ...row, first, second, shape: arrangement.shape }, FLOOR);
}

const present = (rows: readonly (LayerRow | null)[]) => rows.filter((row) => row !== null);

function passRow(error: string): LayerRow {
  const names = { keras: "the model", torch: "the model", part: "pass" } as const;
  return loneRow({ ...names, kind: "activation", pass: "evaluation" }, [], error);
}
