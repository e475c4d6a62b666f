/**
 * Writes a module as an ONNX file.
 * @module
 */
import { evaluate, placeholder, writeModelFile } from "../../onnx/mod.ts";
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
  const weights = new Map(module.namedParameters().map(([name, p]) => [p.array, name]));
  await evaluate([...weights.keys()]);
  const { inputName = "input", outputName = "output" } = options;
  await writeModelFile(path, (batch) => {
    const input = placeholder(inputName, example.dtype, [batch, ...example.shape.slice(1)]);
    const output = inEvalMode(module, () => module(new Tensor(input)).array);
    return {
      inputs: [{ name: inputName, array: input }],
      outputs: [{ name: outputName, array: output }],
      weights,
      graphName: module.constructor.name,
    };
  });
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
