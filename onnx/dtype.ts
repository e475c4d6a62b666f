/**
 * Element types of lazy arrays: how each is named, stored on the host and written into ONNX.
 * @module
 */

/** The element types that lazy arrays can have. `bool` is stored as bytes of 0 and 1. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "int32"
  | "int64"
  | "uint32"
  | "uint8"
  | "int8"
  | "bool";

/** The host storage of an array: one typed array kind for each {@linkcode DType}. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Float16Array
  | Int32Array
  | BigInt64Array
  | Uint32Array
  | Uint8Array
  | Int8Array;

interface DTypeFacts {
  /** `TensorProto.DataType` of the ONNX specification. */
  readonly onnx: number;
  readonly bytes: number;
  readonly floating: boolean;
  readonly create: (length: number) => TypedArray;
}

const FACTS: Readonly<Record<DType, DTypeFacts>> = {
  float32: { onnx: 1, bytes: 4, floating: true, create: (n) => new Float32Array(n) },
  uint8: { onnx: 2, bytes: 1, floating: false, create: (n) => new Uint8Array(n) },
  int8: { onnx: 3, bytes: 1, floating: false, create: (n) => new Int8Array(n) },
  int32: { onnx: 6, bytes: 4, floating: false, create: (n) => new Int32Array(n) },
  int64: { onnx: 7, bytes: 8, floating: false, create: (n) => new BigInt64Array(n) },
  bool: { onnx: 9, bytes: 1, floating: false, create: (n) => new Uint8Array(n) },
  float16: { onnx: 10, bytes: 2, floating: true, create: (n) => new Float16Array(n) },
  float64: { onnx: 11, bytes: 8, floating: true, create: (n) => new Float64Array(n) },
  uint32: { onnx: 12, bytes: 4, floating: false, create: (n) => new Uint32Array(n) },
};

/** All element types, in the order of their ONNX values. */
export const DTYPES: readonly DType[] = Object.keys(FACTS) as DType[];

/** The number ONNX gives an element type (`TensorProto.DataType`). */
export function onnxTypeOf(dtype: DType): number {
  return FACTS[dtype].onnx;
}

/** Bytes one element takes on the host. */
export function bytesOf(dtype: DType): number {
  return FACTS[dtype].bytes;
}

/** Whether the type holds fractions. */
export function isFloating(dtype: DType): boolean {
  return FACTS[dtype].floating;
}

/** New zeroed host storage for `length` elements. */
export function createStorage(dtype: DType, length: number): TypedArray {
  return FACTS[dtype].create(length);
}

/** The element type a typed array is taken for when none is given. */
export function dtypeOfStorage(data: TypedArray): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Uint32Array) return "uint32";
  if (data instanceof Int8Array) return "int8";
  return "float16";
}

/** Reads element `i` as a number, whatever the storage. */
export function readElement(data: TypedArray, i: number): number {
  return Number(data[i]);
}

/** Writes a number as element `i`; integers are truncated towards zero, `bool` becomes 0 or 1. */
export function writeElement(data: TypedArray, i: number, value: number, dtype: DType): void {
  if (data instanceof BigInt64Array) data[i] = BigInt(Math.trunc(value));
  else data[i] = dtype === "bool" ? (value === 0 ? 0 : 1) : value;
}

/** Copies values into new storage of the given type. */
export function storageFrom(
  values: ArrayLike<number | bigint | boolean>,
  dtype: DType,
): TypedArray {
  const data = createStorage(dtype, values.length);
  // Plain numbers in a floating point array: constants of a network are long.
  if (data instanceof Float32Array && (values.length === 0 || typeof values[0] === "number")) {
    data.set(values as ArrayLike<number>);
    return data;
  }
  for (let i = 0; i < values.length; i++) writeElement(data, i, Number(values[i]), dtype);
  return data;
}
