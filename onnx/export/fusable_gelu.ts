/**
 * GELU as PyTorch writes it, x / 2 (erf(x / sqrt(2)) + 1): runtimes know that form and compute it in one pass. Here x is multiplied by
 * 1 / sqrt(2), which is cheaper where it is not known.
 *
 * Source: https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/optimizer/gelu_fusion.cc
 * @module
 */
import type proto from "onnx-proto";
import { sameBytes } from "../bytes.ts";

type Tensor = proto.onnx.ITensorProto;

const FLOAT = 1;
const NAME = "sqrt_2";

/** Divides where erf is of a product with 1 / sqrt(2). */
export function makeGeluFusable({ graph }: proto.onnx.ModelProto): void {
  const { node: nodes, initializer } = graph!;
  const factors = new Set(initializer!.filter(isFactor).map(({ name }) => name!));
  const erfs = nodes!.filter(({ opType }) => opType === "Erf").map(({ input }) => input![0]);
  const products = nodes!.filter(({ opType, input, output }) =>
    opType === "Mul" && erfs.includes(output![0]) && input!.some((name) => factors.has(name))
  );
  if (products.length === 0) return;
  const root = nameOfNone(graph!);
  initializer!.push({ name: root, dataType: FLOAT, dims: [], rawData: bytesOf(Math.SQRT2) });
  for (const product of products) {
    product.opType = "Div";
    product.input = [product.input!.find((name) => !factors.has(name))!, root];
  }
  const read = new Set([...nodes!.flatMap(({ input }) => input!), ...graph!.output!.map(nameOf)]);
  graph!.initializer = initializer!.filter(({ name }) => !factors.has(name!) || read.has(name!));
}

function isFactor({ dataType, dims, rawData }: Tensor): boolean {
  return dataType === FLOAT && dims!.length === 0 && !!rawData &&
    sameBytes(bytesOf(Math.SQRT1_2), rawData);
}

function bytesOf(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

const nameOf = ({ name }: { name?: string | null }) => name!;

/** A name that nothing has. */
function nameOfNone({ node, initializer, input }: proto.onnx.IGraphProto): string {
  const names = new Set([...initializer!, ...input!].map(nameOf));
  for (const { output } of node!) output!.forEach((name) => names.add(name));
  let name = NAME;
  for (let i = 1; names.has(name); i++) name = `${NAME}_${i}`;
  return name;
}
