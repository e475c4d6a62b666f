/** The node of scatters that fold, shared by indexing and scattering. @module */
import type { DType } from "../dtype.ts";
import { castNode, type GraphWriter } from "../export/graph_writer.ts";

/** A node that folds updates into what is there. */
export interface FoldingNode {
  readonly op: "ScatterElements" | "ScatterND";
  readonly reduction: string;
  readonly axis?: number;
}

/**
 * Writes a scatter that adds, multiplies or compares. ONNX Runtime's kernels fold no float16: such values are folded as
 * float32, once for all updates, and rounded at the end.
 *
 * @param inputs names of what is there, the indices and the updates
 */
export function foldingScatter(
  writer: GraphWriter,
  { op, ...attributes }: FoldingNode,
  [x, indices, updates]: readonly string[],
  dtype: DType,
): string {
  if (dtype !== "float16" || attributes.reduction === "none") {
    return writer.node(op, [x, indices, updates], { attributes });
  }
  const [wide, added] = [x, updates].map((name) => castNode(writer, name, "float32"));
  return castNode(writer, writer.node(op, [wide, indices, added], { attributes }), dtype);
}
