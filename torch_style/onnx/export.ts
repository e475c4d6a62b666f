/**
 * Writes a module as an ONNX file.
 * @module
 */
import {
  encodeModel,
  evaluate,
  GraphWriter,
  joinBatchSizes,
  type LazyArray,
  lowerGraph,
  placeholder,
} from "../../onnx/mod.ts";
import { noGrad } from "../grad_mode.ts";
import { keepingNothing } from "../kept_results.ts";
import type { Module } from "../nn/module.ts";
import { randomDraws } from "../random.ts";
import { Tensor } from "../tensor.ts";

/** Options of {@linkcode exportModule}. */
export interface ExportOptions {
  /** Name of the model's input, "input" unless given. */
  readonly inputName?: string;
  /** Name of the model's output, "output" unless given. */
  readonly outputName?: string;
}

/** Batch sizes that no layer is likely to have as another extent; nothing is computed for them. */
const PROBES = [1009, 1013] as const;

/**
 * Writes what a module computes in eval mode as an ONNX file: parameters inside under their names, the first
 * axis of input and output dynamic and named "batch". The file is written beside its place and then moved there.
 * Follows https://docs.pytorch.org/docs/stable/onnx_export.html
 *
 * @param example an input; only its dtype and its shape without the first axis matter
 * @throws {Error} if the module draws random numbers in eval mode, or if its work depends on the batch size in
 * another way than keeping the axis
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const module = new torch.nn.Linear(4, 2);
 * await torch.onnx.export(module, torch.zeros([1, 4]), "linear.onnx");
 * ```
 */
export async function exportModule(
  module: Module,
  example: Tensor,
  path: string | URL,
  options: ExportOptions = {},
): Promise<void> {
  if (example.ndim === 0) {
    throw new Error("export: example is a single number, expected a batch of inputs");
  }
  const names = new Map(module.namedParameters().map(([name, p]) => [p.array, name]));
  await evaluate([...names.keys()]);
  const [a, b] = PROBES.map((batch) => recordModel(module, example, batch, names, options));
  await writeBeside(path, encodeModel(joinBatchSizes(a, b)));
}

function recordModel(
  module: Module,
  example: Tensor,
  batch: number,
  names: ReadonlyMap<LazyArray, string>,
  { inputName = "input", outputName = "output" }: ExportOptions,
) {
  const input = placeholder(inputName, example.dtype, [batch, ...example.shape.slice(1)]);
  const output = inEvalMode(module, () => module(new Tensor(input)).array);
  const writer = new GraphWriter();
  writer.input(inputName, input);
  lowerGraph(writer, [{ name: outputName, array: output }], names);
  return writer.finish({ graphName: module.constructor.name });
}

/** Runs a function while the module and all below it are in eval mode. */
function inEvalMode<T>(module: Module, run: () => T): T {
  const before = module.namedModules().map(([, m]) => [m, m.training] as const);
  const draws = randomDraws();
  try {
    module.eval();
    const result = keepingNothing(() => noGrad(run));
    if (randomDraws() === draws) return result;
  } finally {
    for (const [m, training] of before) m.training = training;
  }
  throw new Error(
    `export: ${module.constructor.name} draws random numbers in eval mode (functional.dropout with ` +
      `training = true?), expected a module that computes the same at every call`,
  );
}

async function writeBeside(path: string | URL, bytes: Uint8Array): Promise<void> {
  const part = path instanceof URL ? new URL(`${path}.part`) : `${path}.part`;
  try {
    await Deno.writeFile(part, bytes);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}
