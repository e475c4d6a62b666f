/**
 * Writes a model as an ONNX file.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type DType,
  evaluate,
  type LazyArray,
  placeholder,
  type RecordedModel,
  writeModelFile,
} from "../../onnx/mod.ts";
import { activeBackend, BACKEND_NAME, type OnnxRuntimeBackend } from "../engine/mod.ts";
import { randomStream } from "../tracing/mod.ts";
import type { TrainedModel } from "./trained_model.ts";

/** Options of `export`. */
export interface ExportOptions {
  /** Names of the file's inputs; "input" unless given, with several those of the model. */
  readonly inputNames?: readonly string[];
  /** Names of the file's outputs; "output" unless given, with several those of the model. */
  readonly outputNames?: readonly string[];
}

/** Writes what a model predicts as an ONNX file with the weights inside and a dynamic first axis. */
export async function exportModel(
  model: TrainedModel,
  path: string | URL,
  options: ExportOptions,
): Promise<void> {
  const names = {
    inputs: namesFor("inputNames", options.inputNames, "input", namesOf(model.inputSpecs)),
    outputs: namesFor("outputNames", options.outputNames, "output", namesOf(model.outputSpecs)),
  };
  await withOnnxRuntime(async (backend) => {
    await evaluate(model.variables.map((variable) => backend.array(variable)));
    const write = () =>
      writeModelFile(path, ({ batch }) => recordModel(backend, model, batch, names));
    // What is computed while it is recorded is part of the file, though no tensor stands for it any more.
    await backend.during(Promise.resolve().then(write));
  });
}

function namesOf(specs: readonly { readonly name: string }[]): string[] {
  return specs.map(({ name }) => name);
}

function namesFor(
  option: string,
  given: readonly string[] | undefined,
  single: string,
  own: readonly string[],
): readonly string[] {
  const names = given ?? (own.length === 1 ? [single] : own);
  if (names.length === own.length && new Set(names).size === names.length) return names;
  throw new Error(
    `export: ${option} is [${names.join(", ")}], expected ${own.length} different names, for ` +
      own.join(", "),
  );
}

/** Graphs are recorded by our own engine; another one gets the weights back afterwards. */
async function withOnnxRuntime(
  run: (backend: OnnxRuntimeBackend) => Promise<void>,
): Promise<void> {
  const before = tf.getBackend();
  await tf.setBackend(BACKEND_NAME);
  try {
    await run(activeBackend()!);
  } finally {
    await tf.setBackend(before);
  }
}

interface Names {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

function recordModel(
  backend: OnnxRuntimeBackend,
  model: TrainedModel,
  batch: number,
  names: Names,
): RecordedModel {
  const inputs = model.inputSpecs.map(({ shape, dtype = "float32" }, i) => {
    const unknown = shape.slice(1).indexOf(null);
    if (unknown >= 0) {
      throw new Error(
        `export: axis ${unknown + 1} of input "${
          names.inputs[i]
        }" is null, expected only the batch ` +
          `axis to be unknown`,
      );
    }
    return placeholder(names.inputs[i], dtype as DType, [batch, ...shape.slice(1) as number[]]);
  });
  const outputs = recordOutputs(backend, model, inputs);
  return {
    inputs: inputs.map((array, i) => ({ name: names.inputs[i], array })),
    outputs: outputs.map((array, i) => ({ name: names.outputs[i], array })),
    weights: new Map(
      model.weights.map((weight) => [backend.array(weight), weight.name]),
    ),
    graphName: model.name,
  };
}

function recordOutputs(
  backend: OnnxRuntimeBackend,
  model: TrainedModel,
  inputs: readonly LazyArray[],
): LazyArray[] {
  const draws = String(randomStream().state);
  let arrays: LazyArray[] = [];
  tf.tidy(() => {
    const x = inputs.map((input) =>
      tf.engine().makeTensorFromTensorInfo(backend.adopt(input), backend)
    );
    arrays = model.predictStep(x).map((output) => backend.array(output));
  });
  if (String(randomStream().state) === draws) return arrays;
  throw new Error(
    `export: model "${model.name}" draws random numbers in prediction, expected a model that computes ` +
      `the same at every call`,
  );
}
