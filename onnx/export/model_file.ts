/**
 * Writes a recorded computation as an ONNX file with dynamic axes.
 * @module
 */
import type proto from "onnx-proto";
import { type DynamicAxis, joinRecordings } from "./dynamic_axes.ts";
import { collectGraph } from "../graph.ts";
import { type ExternalDataOptions, writeModelWithData } from "./external_data.ts";
import { GraphWriter, type ModelMetadata, OPSET } from "./graph_writer.ts";
import type { GraphNode, LazyArray } from "../lazy_array.ts";
import { lowerGraph, type NamedArray } from "./lowering.ts";
import { makeGeluFusable } from "./fusable_gelu.ts";
import { toOpset } from "./opsets.ts";
import { rewriteGraph } from "../rewrite/mod.ts";

/** A computation recorded for certain dimensions. */
export interface RecordedModel extends ModelMetadata {
  /** Placeholders, under the names that the file gives its inputs. */
  readonly inputs: readonly NamedArray[];
  readonly outputs: readonly NamedArray[];
  /** Names of weights; all other arrays get names that are made up. */
  readonly weights: ReadonlyMap<LazyArray, string>;
  /** Where each node belongs, for its name in the file. The graph is then written as recorded, not rewritten. */
  readonly scopes?: ReadonlyMap<GraphNode, string>;
}

/** Dimensions by the names of the dynamic axes. */
export type AxisSizes = Readonly<Record<string, number>>;

/**
 * Records a computation once for the first dimensions of all dynamic axes and once more for the second of each, and writes
 * what the recordings have in common. The file is written beside its path and then moved there: whatever goes wrong,
 * nothing half-written stays.
 *
 * @param record records the computation for given dimensions; all weights must be on the host
 * @throws {Error} naming the ONNX node whose work depends on a dimension in a way that a dynamic axis does not allow, or a
 * name that two things have
 */
export async function writeModelFile(
  path: string | URL,
  record: (dimensions: AxisSizes) => RecordedModel,
  axes: readonly DynamicAxis[] = [batchAxis()],
  options: ExternalDataOptions = {},
): Promise<void> {
  const first = Object.fromEntries(axes.map(({ name, dimensions }) => [name, dimensions[0]]));
  const recorded = record(first);
  const variations = axes.map((axis) => ({
    axis,
    model: writeModel(record({ ...first, [axis.name]: axis.dimensions[1] })),
  }));
  const model = joinRecordings(writeModel(recorded), variations);
  makeGeluFusable(model);
  const { opset } = recorded;
  if (opset !== undefined && opset !== OPSET) toOpset(model, opset);
  await writeModelWithData(path, model, options);
}

/** A batch axis. No layer is likely to have its dimensions as others; nothing is computed for them. */
export function batchAxis(name = "batch"): DynamicAxis {
  return { name, dimensions: [1009, 1013] };
}

function writeModel(recorded: RecordedModel): proto.onnx.ModelProto {
  const { inputs, outputs, weights, scopes, ...about } = recorded;
  const writer = new GraphWriter(false);
  writer.reserve(inputs.map(({ name }) => name), "an input");
  writer.reserve(outputs.map(({ name }) => name), "an output");
  writer.reserve([...new Set(weights.values())], "a weight");
  for (const { name, array } of inputs) writer.input(name, array);
  const wanted = scopes ? outputs : rewritten(outputs);
  lowerGraph(writer, wanted, weights, scopes);
  return writer.finish(about);
}

function rewritten(outputs: readonly NamedArray[]): NamedArray[] {
  const roots = outputs.map(({ array }) => array);
  const graph = collectGraph(roots);
  const cheaper = rewriteGraph(graph, roots, graph.leaves);
  return cheaper.map((array, i) => ({ name: outputs[i].name, array }));
}
