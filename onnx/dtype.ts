/**
 * Element types of lazy arrays: how each is named, stored on the host and written into ONNX.
 * @module
 */

/**
 * The element types that lazy arrays can have. `bool` is stored as bytes of 0 and 1; `bfloat16`, which JavaScript has no array
 * of, as float32 values that are rounded to it.
 */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "int32"
  | "int64"
  | "uint32"
  | "uint8"
  | "int8"
  | "bool"
  | "bfloat16";

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
  /** `TensorProto.DataType` of the ONNX specification, for what its values are stored in. */
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
  bfloat16: { onnx: 1, bytes: 4, floating: true, create: (n) => new Float32Array(n) },
};

/** All element types, in the order of their ONNX values; last those that are stored in another. */
export const DTYPES: readonly DType[] = Object.keys(FACTS) as DType[];

/** The type that values lie in memory as, on the host and in ONNX Runtime: float32 for bfloat16. */
export function memoryType(dtype: DType): DType {
  return dtype === "bfloat16" ? "float32" : dtype;
}

/** The number ONNX gives what an element type is stored in (`TensorProto.DataType`). */
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

/** Whether the type holds fractions in less than the 32 bits that statistics and states of optimizers need. */
export function isShortFloat(dtype: DType): boolean {
  return dtype === "float16" || dtype === "bfloat16";
}

/** Bits of the fraction and the largest exponent of each floating type. */
const FLOATS: Readonly<Partial<Record<DType, readonly [fraction: number, exponent: number]>>> = {
  float64: [52, 1023],
  float32: [23, 127],
  float16: [10, 15],
  bfloat16: [7, 127],
};

/** A floating type's largest value and the step from 1 to the next one, as `torch.finfo` has them. @throws {Error} for others */
export function floatLimits(dtype: DType): { readonly eps: number; readonly max: number } {
  const format = FLOATS[dtype];
  if (!format) throw new Error(`expected a floating point dtype, got ${dtype}`);
  const eps = 2 ** -format[0];
  return { eps, max: (2 - eps) * 2 ** format[1] };
}

/** What no value of a type is below: -Infinity, or the smallest integer. */
export function lowestOf(dtype: DType): number {
  if (isFloating(dtype)) return -Infinity;
  if (dtype === "bool" || dtype.startsWith("u")) return 0;
  return -(2 ** (8 * FACTS[dtype].bytes - 1));
}

/** New zeroed host storage for `length` elements. */
export function createStorage(dtype: DType, length: number): TypedArray {
  return FACTS[dtype].create(length);
}

/** The element type a typed array is taken for when none is given. @throws {TypeError} for arrays of none, such as Int16Array */
export function dtypeOfStorage(data: TypedArray): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Uint32Array) return "uint32";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Float16Array) return "float16";
  const { name } = (data as object).constructor;
  throw new TypeError(`${name} has no dtype here, expected an array of ${DTYPES.join(", ")}`);
}

/** Reads element `i` as a number, whatever the storage. */
export function readElement(data: TypedArray, i: number): number {
  return Number(data[i]);
}

/** Writes a number as element `i`; integers are truncated towards zero, `bool` becomes 0 or 1. */
export function writeElement(data: TypedArray, i: number, value: number, dtype: DType): void {
  if (data instanceof BigInt64Array) data[i] = BigInt(Math.trunc(value));
  else if (dtype === "bfloat16") data[i] = toBfloat16(value);
  else data[i] = dtype === "bool" ? (value === 0 ? 0 : 1) : value;
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The nearest value that bfloat16 has, the even one of two: float32 without the lower half of its bits. */
export function toBfloat16(value: number): number {
  float[0] = value;
  if (Number.isNaN(value)) return NaN;
  bits[0] = bits[0] + 0x7fff + (bits[0] >>> 16 & 1) & 0xffff0000;
  return float[0];
}

/** Rounds results of a type that is stored in a wider one, in place. */
export function roundStored<T extends TypedArray>(data: T, dtype: DType): T {
  if (dtype !== "bfloat16") return data;
  for (let i = 0; i < data.length; i++) data[i] = toBfloat16(data[i] as number);
  return data;
}

/** Copies values into new storage of the given type. */
export function storageFrom(
  values: ArrayLike<number | bigint | boolean>,
  dtype: DType,
): TypedArray {
  const data = createStorage(dtype, values.length);
  // Plain numbers in a floating point array: constants of a network are long.
  if (dtype === "float32" && (values.length === 0 || typeof values[0] === "number")) {
    (data as Float32Array).set(values as ArrayLike<number>);
    return data;
  }
  for (let i = 0; i < values.length; i++) writeElement(data, i, Number(values[i]), dtype);
  return data;
}
