/**
 * Writes a recorded computation as an ONNX file with a dynamic batch axis.
 * @module
 */
import { joinBatchSizes } from "./dynamic_batch.ts";
import { collectGraph } from "./graph.ts";
import { encodeModel, GraphWriter } from "./graph_writer.ts";
import type { LazyArray } from "./lazy_array.ts";
import { lowerGraph, type NamedArray } from "./lowering.ts";
import { rewriteGraph } from "./rewrite/mod.ts";

/** A computation recorded for one batch size. */
export interface RecordedModel {
  /** Placeholders, under the names that the file gives its inputs. */
  readonly inputs: readonly NamedArray[];
  readonly outputs: readonly NamedArray[];
  /** Names of weights; all other numbers get names that are made up. */
  readonly weights: ReadonlyMap<LazyArray, string>;
  readonly graphName: string;
}

/** Batch sizes that no layer is likely to have as another extent; nothing is computed for them. */
const PROBES = [1009, 1013] as const;

/**
 * Records a computation twice, for two batch sizes, and writes what they have in common. The file is written
 * beside its place and then moved there: whatever goes wrong, nothing half-written stays.
 *
 * @param record records the computation for a batch size; all weights must be on the host
 * @throws {Error} naming the ONNX node whose work depends on the batch size in a way that a dynamic axis does not allow
 */
export async function writeModelFile(
  path: string | URL,
  record: (batch: number) => RecordedModel,
): Promise<void> {
  const [a, b] = PROBES.map((batch) => writeModel(record(batch)));
  await writeBeside(path, encodeModel(joinBatchSizes(a, b)));
}

function writeModel({ inputs, outputs, weights, graphName }: RecordedModel) {
  const writer = new GraphWriter();
  for (const { name, array } of inputs) writer.input(name, array);
  const roots = outputs.map(({ array }) => array);
  const graph = collectGraph(roots);
  const rewritten = rewriteGraph(graph, roots, graph.leaves);
  lowerGraph(writer, rewritten.map((array, i) => ({ name: outputs[i].name, array })), weights);
  return writer.finish({ graphName });
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
