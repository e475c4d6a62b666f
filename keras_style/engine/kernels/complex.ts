/**
 * Complex numbers: pairs of tensors. ONNX knows no such values, but it has the Fourier transform of pairs.
 * All other kernels leave them to the host.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type LazyArray, ops } from "../../../onnx/mod.ts";
import { BACKEND_NAME, type OnnxRuntimeBackend } from "../onnxruntime_backend.ts";

type ComplexRule = (inputs: tf.NamedTensorInfoMap, engine: OnnxRuntimeBackend) => tf.TensorInfo;

function defineComplex(kernelName: string, rule: ComplexRule): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, backend }) => rule(inputs, backend as OnnxRuntimeBackend),
  });
}

defineComplex(
  tf.Complex,
  ({ real, imag }, engine) => engine.join(engine.array(real!), engine.array(imag!)),
);

defineComplex(tf.Real, ({ input }, engine) => engine.adopt(engine.parts(input!).real));

defineComplex(tf.Imag, ({ input }, engine) => engine.adopt(engine.parts(input!).imag));

/** In float64, where squares of large float32 values have room. */
defineComplex(tf.ComplexAbs, ({ x }, engine) => {
  const parts = engine.parts(x!);
  const [real, imag] = [parts.real, parts.imag].map((part) => ops.cast(part, "float64"));
  const squares = ops.add(ops.mul(real, real), ops.mul(imag, imag));
  return engine.adopt(ops.cast(ops.sqrt(squares), "float32"));
});

/** Transforms along the last axis. */
function transform(x: tf.TensorInfo, engine: OnnxRuntimeBackend, inverse: boolean): tf.TensorInfo {
  const { real, imag } = engine.parts(x);
  const length = x.shape[x.shape.length - 1];
  const rows = real.size / length;
  const columns = [real, imag].map((part) => ops.reshape(part, [rows, length, 1]));
  const pairs = ops.fourier(ops.concat(columns, 2), inverse);
  const part = (i: number): LazyArray =>
    ops.reshape(ops.slice(pairs, [0, 0, i], [rows, length, i + 1]), x.shape);
  return engine.join(part(0), part(1));
}

defineComplex(tf.FFT, ({ input }, engine) => transform(input!, engine, false));

defineComplex(tf.IFFT, ({ input }, engine) => transform(input!, engine, true));
