/**
 * Kernels that are computed at once, on the host, by TensorFlow.js' own kernels of the same name: those whose
 * result's shape depends on values, all of strings, and what is seldom done with complex numbers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME, type OnnxRuntimeBackend } from "./onnxruntime_backend.ts";

/** What a kernel is given: tensors by name, lists of them by name, or one list. */
type Given = tf.TensorInfo | readonly tf.TensorInfo[] | undefined;
export type HostInputs = Readonly<Record<string, Given>> | readonly tf.TensorInfo[];

/** TensorFlow.js' cpu engine without the advice to install another one. */
class HostBackend extends tf.MathBackendCPU {
  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType) {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }
}

/** All tensors that a kernel is given. */
function tensorsOf(inputs: HostInputs): tf.TensorInfo[] {
  return (Object.values(inputs) as Given[]).flatMap((given) => given ?? []);
}

/**
 * Computes a kernel on the host.
 *
 * @throws {Error} naming the kernel if values of an input are still to be computed, or if TensorFlow.js does not
 *   have the kernel for the inputs' dtypes
 */
export function computeOnHost(
  kernelName: string,
  inputs: HostInputs,
  attrs: tf.NamedAttrMap,
  engine: OnnxRuntimeBackend,
): tf.TensorInfo | tf.TensorInfo[] {
  const kernel = tf.getKernel(kernelName, "cpu");
  if (!kernel) {
    const dtypes = tensorsOf(inputs).map(({ dtype }) => dtype);
    throw new Error(
      `Kernel '${kernelName}' for dtypes ${dtypes} not registered for backend '${BACKEND_NAME}'`,
    );
  }
  const host = new HostBackend();
  const move = (tensor: tf.TensorInfo, name: string) =>
    toHost(kernelName, name, tensor, engine, host);
  const moveEach = (given: Given, name: string) =>
    Array.isArray(given)
      ? given.map((tensor) => move(tensor, name))
      : given && move(given as tf.TensorInfo, name);
  const moved = Array.isArray(inputs)
    ? inputs.map((tensor, i) => move(tensor, `${i}`))
    : Object.fromEntries(
      Object.entries(inputs).map(([name, given]) => [
        name,
        moveEach(given, name),
      ]),
    );
  const result = kernel.kernelFunc({
    inputs: moved as tf.NamedTensorInfoMap,
    attrs,
    backend: host,
  });
  return Array.isArray(result)
    ? result.map((tensor) => fromHost(tensor, engine, host))
    : fromHost(result, engine, host);
}

function toHost(
  kernelName: string,
  name: string,
  tensor: tf.TensorInfo,
  engine: OnnxRuntimeBackend,
  host: HostBackend,
): tf.TensorInfo {
  engine.touch(tensor);
  const { dataId, shape, dtype } = tensor;
  const values = engine.knownValues(dataId);
  if (values === undefined) throw new Error(unknownValues(kernelName, name, shape, engine));
  if (dtype !== "complex64") return host.makeTensorInfo(shape, dtype, values);
  const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
  const parts = {
    real: host.makeTensorInfo(shape, "float32", real),
    imag: host.makeTensorInfo(shape, "float32", imag),
  };
  return tf.getKernel(tf.Complex, "cpu").kernelFunc({
    inputs: parts,
    attrs: {},
    backend: host,
  }) as tf.TensorInfo;
}

function unknownValues(
  kernelName: string,
  name: string,
  shape: readonly number[],
  engine: OnnxRuntimeBackend,
): string {
  const begin =
    `Kernel '${kernelName}' of backend '${BACKEND_NAME}' computes on the host, where the ` +
    `values of its input "${name}" [${shape}]`;
  return engine.trace
    ? `${begin} are not known inside a tfFunction; compute it outside`
    : `${begin} are not yet; await the input's data() first`;
}

function fromHost(
  { dataId, shape, dtype }: tf.TensorInfo,
  engine: OnnxRuntimeBackend,
  host: HostBackend,
): tf.TensorInfo {
  const values = host.readSync(dataId);
  return { dataId: engine.write(values, shape, dtype), shape, dtype };
}

/** Registers a kernel that is computed on the host whatever it is given. */
export function defineHostKernel(kernelName: string): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs, backend }) =>
      computeOnHost(kernelName, inputs as HostInputs, attrs ?? {}, backend as OnnxRuntimeBackend),
  });
}
