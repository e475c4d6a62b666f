/**
 * Models for one size of their dynamic axes: what is worked out of dimensions when a model runs, by nodes that execution
 * providers leave to the CPU, ONNX Runtime works out once as it opens the model.
 * @module
 */
import proto from "onnx-proto";
import type { AxisSizes } from "./model_file.ts";

/**
 * A model whose dynamic axes have dimensions: other axes stay as they are.
 *
 * @param model an ONNX file's bytes
 * @throws {RangeError} naming a name that no axis has, or what is no dimension
 * @example
 * ```ts
 * import { withDimensions } from "../mod.ts";
 *
 * const forOneImage = withDimensions(await Deno.readFile("network.onnx"), { batch: 1 });
 * ```
 */
export function withDimensions(model: Uint8Array, sizes: AxisSizes): Uint8Array {
  const decoded = proto.onnx.ModelProto.decode(model);
  const found = new Set<string>();
  for (const { type } of [...decoded.graph!.input!, ...decoded.graph!.output!]) {
    for (const dimension of type?.tensorType?.shape?.dim ?? []) {
      const size = sizes[dimension.dimParam ?? ""];
      if (size === undefined) continue;
      found.add(dimension.dimParam!);
      delete dimension.dimParam;
      dimension.dimValue = size;
    }
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (!found.has(name)) throw new RangeError(`withDimensions: no axis is called "${name}"`);
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(`withDimensions: ${name} is ${size}, expected an integer of at least 0`);
    }
  }
  return proto.onnx.ModelProto.encode(decoded).finish();
}
