/**
 * Writes a module as an ONNX file.
 * @module
 */
import {
  type AxisSizes,
  batchAxis,
  type DynamicAxis,
  evaluate,
  type GraphNode,
  NEWEST_OPSET,
  OLDEST_OPSET,
  OPSET,
  placeholder,
  type RecordedModel,
  recordOps,
  writeModelFile,
} from "../../onnx/mod.ts";
import { noGrad } from "../grad_mode.ts";
import { keepingNothing } from "../evaluation.ts";
import { aroundCalls } from "../nn/calls.ts";
import type { AnyModule } from "../nn/modules/module.ts";
import { randomDraws } from "../random.ts";
import { Tensor } from "../tensor.ts";

/** Names of dynamic axes by input name and axis number, as PyTorch's `dynamic_axes`. */
export type DynamicAxes = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** Options of {@linkcode exportModule}. */
export interface ExportOptions {
  /** Names of the inputs, in order; "input" unless given, "input_0", "input_1", ... where there are several. */
  readonly inputNames?: readonly string[];
  /** Names of the outputs, in order; "output" unless given, numbered where there are several. */
  readonly outputNames?: readonly string[];
  /** Which axes of the inputs are dynamic; the first of each, named "batch", unless given. `{}` fixes all. */
  readonly dynamicAxes?: DynamicAxes;
  /** ONNX operator set, 13 to 26; 18 unless given. */
  readonly opsetVersion?: number;
  /** Names and texts that the file carries. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** A description that the file carries. */
  readonly docString?: string;
  /**
   * Weights of at least so many bytes go into a file beside the model's, `PATH.data`. Unless given, they do if the model would
   * be larger than 2 GiB, which an ONNX file cannot be.
   */
  readonly externalDataThreshold?: number;
}

/**
 * Writes what a module computes in eval mode as an ONNX file: parameters inside under their names, nodes
 * named after the path of the module that they come from. The file is written beside its place and then moved there.
 * Follows https://docs.pytorch.org/docs/stable/onnx_export.html
 *
 * @param examples an input, or all inputs; only dtypes, and dimensions that are not dynamic, matter
 * @throws {Error} if the module draws random numbers in eval mode, if its work depends on a dynamic dimension in
 * another way than by shapes that are multiples of it, or if names do not fit or meet a weight's
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const module = new torch.nn.Linear(4, 2);
 * await torch.onnx.export(module, torch.zeros([1, 4]), "linear.onnx", {
 *   inputNames: ["features"],
 *   dynamicAxes: { features: { 0: "samples" } },
 * });
 * ```
 */
export async function exportModule(
  module: AnyModule,
  examples: Tensor | readonly Tensor[],
  path: string | URL,
  options: ExportOptions = {},
): Promise<void> {
  const inputs = examples instanceof Tensor ? [examples] : examples;
  const names = namesOf("inputNames", options.inputNames, "input", inputs.length);
  const dynamic = options.dynamicAxes ?? firstAxes(names);
  checkOptions(options, inputs, names, dynamic);
  const state = Object.entries(module.stateDict()) as [string, Tensor][];
  await evaluate(state.map(([, tensor]) => tensor.array));
  const record = (dimensions: AxisSizes): RecordedModel => {
    const indices = inputs.map((input, i) => {
      const shape = input.shape.map((dimension, k) =>
        dimensions[dynamic[names[i]]?.[k]] ?? dimension
      );
      return { name: names[i], array: placeholder(names[i], input.dtype, shape) };
    });
    // Anew each time: a buffer over a user's typed array is another array once something is recorded on it.
    const weights = new Map(state.map(([name, tensor]) => [tensor.array, name]));
    const { outputs, scopes } = recordCall(module, indices.map(({ array }) => new Tensor(array)));
    const outputNames = namesOf("outputNames", options.outputNames, "output", outputs.length);
    return {
      inputs: indices,
      outputs: outputs.map(({ array }, i) => ({ name: outputNames[i], array })),
      weights,
      scopes,
      graphName: module.constructor.name,
      docString: options.docString,
      metadata: options.metadata,
      opset: options.opsetVersion,
    };
  };
  await writeModelFile(path, record, axesOf(dynamic, names, inputs), options);
}

function namesOf(
  option: string,
  given: readonly string[] | undefined,
  single: string,
  count: number,
): readonly string[] {
  const names = given ??
    (count === 1 ? [single] : Array.from({ length: count }, (_, i) => `${single}_${i}`));
  if (names.length === count && new Set(names).size === count) return names;
  throw new Error(`export: ${option} is [${names.join(", ")}], expected ${count} different names`);
}

function firstAxes(names: readonly string[]): DynamicAxes {
  return Object.fromEntries(names.map((name) => [name, { 0: "batch" }]));
}

function checkOptions(
  { opsetVersion = OPSET }: ExportOptions,
  inputs: readonly Tensor[],
  names: readonly string[],
  dynamic: DynamicAxes,
): void {
  if (
    !Number.isInteger(opsetVersion) || opsetVersion < OLDEST_OPSET || opsetVersion > NEWEST_OPSET
  ) {
    throw new Error(
      `export: opsetVersion is ${opsetVersion}, expected an integer from ${OLDEST_OPSET} to ${NEWEST_OPSET}`,
    );
  }
  for (const [name, axes] of Object.entries(dynamic)) {
    const input = inputs[names.indexOf(name)];
    if (!input) {
      throw new Error(
        `export: dynamicAxes names "${name}", expected one of the inputs ${names.join(", ")}`,
      );
    }
    for (const axis of Object.keys(axes)) {
      if (Number(axis) in input.shape) continue;
      throw new Error(
        `export: axis ${axis} of input "${name}" is to be dynamic, but the example has ${input.ndim} axes`,
      );
    }
  }
}

/** Every name among the dynamic axes once, with two dimensions to record it for. */
function axesOf(
  dynamic: DynamicAxes,
  names: readonly string[],
  inputs: readonly Tensor[],
): DynamicAxis[] {
  const found = new Map<string, DynamicAxis>();
  for (const [input, axes] of Object.entries(dynamic)) {
    for (const [axis, name] of Object.entries(axes)) {
      const { shape } = inputs[names.indexOf(input)];
      // A batch can have any size; a height has to be one that the windows fit into, and so is its double.
      const dimensions = [shape[Number(axis)], 2 * shape[Number(axis)]] as const;
      if (!found.has(name)) found.set(name, axis === "0" ? batchAxis(name) : { name, dimensions });
    }
  }
  return [...found.values()];
}

/** Calls the module in eval mode and tells which module each node came from. */
function recordCall(module: AnyModule, inputs: readonly Tensor[]) {
  const paths = new Map<object, string>(module.namedModules().map(([path, m]) => [m, path]));
  const scopes = new Map<GraphNode, string>();
  const called = inEvalMode(module, () =>
    aroundCalls((callee, call) => {
      const { result, nodes } = recordOps(call);
      // The innermost module is done first and keeps its nodes.
      for (const node of nodes) if (!scopes.has(node)) scopes.set(node, pathOf(paths.get(callee)));
      return result;
    }, () => module(...inputs)));
  const outputs = [called].flat(Infinity) as unknown[];
  if (outputs.every((output): output is Tensor => output instanceof Tensor)) {
    return { outputs, scopes };
  }
  throw new Error(
    `export: ${module.constructor.name} returns something else than tensors, expected a tensor or an array of them`,
  );
}

function pathOf(name: string | undefined): string {
  return name ? `/${name.replaceAll(".", "/")}` : "";
}

/** Runs a function while the module and all below it are in eval mode. */
function inEvalMode<T>(module: AnyModule, run: () => T): T {
  const before = module.modules().map((m) => [m, m.training] as const);
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
