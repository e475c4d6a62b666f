/**
 * What ONNX operators are put together of on execution providers that have no kernel for them. Nodes are replaced as they are
 * written: that reaches what every op lowers to, and what compositions are made of in turn.
 * @module
 */
import { ACTIVATIONS } from "./activations.ts";
import { BITS } from "./bits.ts";
import { erf } from "./error_function.ts";
import { INDICES } from "./indices.ts";
import { LOGIC } from "./logic.ts";
import { gemm } from "./matrix_product.ts";
import type { Composition, NodeCall, NodeWriter } from "./node_writer.ts";
import { withSpecialValues } from "./special_values.ts";
import { TRIGONOMETRY } from "./trigonometry.ts";
import { inWiderType } from "./wider_types.ts";

export { narrowIndices } from "./indices.ts";
export type { NodeCall, NodeWriter } from "./node_writer.ts";

const COMPOSITIONS: Readonly<Record<string, Composition>> = {
  ...ACTIVATIONS,
  ...BITS,
  ...INDICES,
  ...LOGIC,
  ...TRIGONOMETRY,
  Erf: erf,
  Gemm: gemm,
};

/** What a node is called in the table of kernels. */
function keyOf({ type, options: { attributes } }: NodeCall): string {
  if (type === "Mod" && attributes?.fmod) return "Mod.fmod";
  const isFolding = type.startsWith("Scatter") && attributes?.reduction;
  return isFolding && attributes.reduction !== "none" ? `${type}.${attributes.reduction}` : type;
}

function typeOf({ type, types, options }: NodeCall, castTo: (onnx: number) => string): string {
  if (type === "Cast") return `${types[0]}>${castTo(options.attributes!.to as number)}`;
  return types[type === "Where" ? 1 : 0] ?? "float32";
}

/** What a node is put together of where the provider lacks it; undefined where it is there, or nothing is known. */
export function compose(
  writer: NodeWriter,
  call: NodeCall,
  castTo: (onnx: number) => string,
): string[] | undefined {
  const key = keyOf(call);
  const dtype = typeOf(call, castTo);
  if (writer.has(key, dtype)) {
    if (writer.has(`${key}.special`, dtype)) return undefined;
    // Instead of relu's kernel and a correction of it, one comparison.
    if (call.type !== "Relu") return [withSpecialValues(writer, call)];
  }
  const composed = COMPOSITIONS[call.type]?.(writer, call);
  return composed === undefined ? inWiderType(writer, call, key) : [composed].flat();
}
